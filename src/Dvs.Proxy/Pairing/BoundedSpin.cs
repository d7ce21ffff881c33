using System.Runtime.CompilerServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Looks for work for a limited time before a thread falls asleep, so that what comes within it finds the thread awake. Switched off it costs a
/// comparison. No state: any thread. Behaviour: BoundedSpinTests.
/// </summary>
/// <param name="limit">How long at most; zero for off.</param>
/// <param name="time">The clock.</param>
internal readonly struct BoundedSpin(TimeSpan limit, TimeProvider time)
{
    // Between two looks, each of which is a system call.
    private const int SpinsBetweenLooks = 20;

    /// <summary>True where nothing is looked for.</summary>
    public bool IsOff => limit == TimeSpan.Zero;

    /// <summary>Returns once there is input, or the time is up. The reading thread only.</summary>
    public void UntilInput(IPolledReads reads)
    {
        var started = time.GetTimestamp();
        while (!reads.HasInput && time.GetElapsedTime(started) < limit)
        {
            Thread.SpinWait(SpinsBetweenLooks);
        }
    }

    /// <summary>Fetches the next command as <see cref="IDvkProxyCalls.GetToRemote"/> does, which is asked without a wait until the time is up, then
    /// with one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DvkError Fetch(IDvkProxyCalls device, out CommandHeader header, Span<byte> payload, int timeoutMilliseconds) =>
        IsOff || timeoutMilliseconds == 0
            ? device.GetToRemote(out header, payload, timeoutMilliseconds)
            : FetchSpinning(device, out header, payload, timeoutMilliseconds);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private DvkError FetchSpinning(IDvkProxyCalls device, out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        var started = time.GetTimestamp();
        do
        {
            var error = device.GetToRemote(out header, payload, 0);
            if (error != DvkError.TimedOut)
            {
                return error;
            }

            Thread.SpinWait(SpinsBetweenLooks);
        }
        while (time.GetElapsedTime(started) < limit);
        return device.GetToRemote(out header, payload, timeoutMilliseconds);
    }
}
