namespace Dvs.Proxy.Device.Processes;

/// <summary>
/// One blocking call of a process that a token may cancel: the token interrupts the thread while the wait lives. Allocates nothing where the token cannot be
/// cancelled. Used on the thread that waits; only the token's callback comes from elsewhere. Behaviour: DvkProcessTests.
/// </summary>
internal readonly struct DvkWait : IDisposable
{
    private readonly Cancellation? _cancellation;
    private readonly CancellationTokenRegistration _registration;

    /// <summary>Begins a wait.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is negative, or more milliseconds than the driver can count.</exception>
    /// <exception cref="OperationCanceledException">The token is cancelled already.</exception>
    public DvkWait(IDvkDevice device, int threadId, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        Milliseconds = ToMilliseconds(timeout);
        cancellationToken.ThrowIfCancellationRequested();
        CancellationToken = cancellationToken;
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = new Cancellation(device, threadId);
            _registration = cancellationToken.UnsafeRegister(static cancellation => ((Cancellation)cancellation!).Interrupt(), _cancellation);
        }
    }

    /// <summary>How long the driver is to wait; -1 for ever.</summary>
    public int Milliseconds { get; }

    public CancellationToken CancellationToken { get; }

    /// <summary>Whether the token has interrupted the thread. Does not change any more once the wait is disposed.</summary>
    public bool IsCancelled => _cancellation is { HasInterrupted: true };

    /// <summary>Ends the wait. Returns when an interrupt that was under way has been made.</summary>
    public void Dispose() => _registration.Dispose();

    private static int ToMilliseconds(TimeSpan? timeout)
    {
        if (timeout is not { } time || time == Timeout.InfiniteTimeSpan)
        {
            return Timeout.Infinite;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, nameof(timeout));
        var milliseconds = Math.Ceiling(time.TotalMilliseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(milliseconds, int.MaxValue, nameof(timeout));
        return (int)milliseconds;
    }

    private sealed class Cancellation(IDvkDevice device, int threadId)
    {
        private bool _hasInterrupted;

        public bool HasInterrupted => Volatile.Read(ref _hasInterrupted);

        public void Interrupt()
        {
            Volatile.Write(ref _hasInterrupted, true);
            device.Interrupt(threadId);
        }
    }
}
