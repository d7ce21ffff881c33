namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>A moment by which a wait for a monitor has to end. Owned by the thread that waits.</summary>
/// <param name="time">Measures it.</param>
/// <param name="limit">How long from now; <see cref="Timeout.InfiniteTimeSpan"/> for no end.</param>
internal readonly struct Deadline(TimeProvider time, TimeSpan limit)
{
    private readonly long _started = time.GetTimestamp();

    /// <summary>True once the time is up.</summary>
    public bool IsOver => RemainingMilliseconds == 0;

    /// <summary>What is left, as <see cref="Monitor.Wait(object, int)"/> takes it.</summary>
    public int RemainingMilliseconds => limit == Timeout.InfiniteTimeSpan
        ? Timeout.Infinite
        : (int)Math.Clamp(Math.Ceiling((limit - time.GetElapsedTime(_started)).TotalMilliseconds), 0, int.MaxValue);
}
