using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>
/// What a proxy thread does after a fault that nobody expected: says so, and waits before it serves again, longer after every fault that
/// follows soon. The thread stays the one that the driver knows. Owns the length of the pause. Its thread only. Behaviour: SurvivalTests.
/// </summary>
internal sealed class FaultPause(PairContext context, string thread, DirectionCounters counters)
{
    // A fault after so long a time is a new story.
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(1);

    private readonly ReconnectBackoff _backoff = new(context.Peer.Options.BackoffMinimum, context.Peer.Options.BackoffMaximum);
    private long _lastFault = -1;
    private ThreadOwner _owner;

    /// <summary>Logs the fault and waits; ends early when the pair is not to serve any more.</summary>
    public void OnFault(Exception fault)
    {
        _owner.Check();
        var time = context.Environment.Time;
        if (_lastFault >= 0 && time.GetElapsedTime(_lastFault) >= Forgotten)
        {
            _backoff.Reset();
        }

        _lastFault = time.GetTimestamp();
        var delay = _backoff.Next();
        Volatile.Write(ref counters.Faults, counters.Faults + 1);
        counters.State = ProxyState.Waiting;
        counters.LastEnd = Describe(fault);
        ProxyLog.ThreadFaulted(context.Logger, context.Name, thread, delay, fault);
        context.Lifetime.Serving.WaitHandle.WaitOne(delay);
    }

    /// <summary>The fault as the end of a connection.</summary>
    public static ConnectionEnd Describe(Exception fault) =>
        new(ConnectionEndCause.Fault, $"a fault of this proxy: {fault.Message.TrimEnd('.')}");
}
