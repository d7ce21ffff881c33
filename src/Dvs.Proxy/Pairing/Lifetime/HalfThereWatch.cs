using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>
/// Notices a peer that is only half there: says so once when it begins and once when it is over, and owns what the status shows of it. One
/// thread at a time, the watch's, but for <see cref="Conditions"/>. Behaviour: HalfThereWatchTests.
/// </summary>
internal sealed class HalfThereWatch(PairContext context)
{
    /// <summary>How long a peer may read nothing of what we have for it.</summary>
    internal static readonly TimeSpan LongestBlock = TimeSpan.FromSeconds(30);

    /// <summary>Hello periods for which a peer may take our connection without making its own.</summary>
    internal const int HelloPeriods = 3;

    private readonly TimeSpan _longestAlone = context.Peer.Options.HelloPeriod * HelloPeriods;
    private long _aloneSince = -1;
    private volatile int _conditions;

    /// <summary>What is wrong at present.</summary>
    public PairConditions Conditions => (PairConditions)_conditions;

    /// <summary>To be called every now and then.</summary>
    /// <param name="blocked">How long the sender has had something that the peer does not take.</param>
    public void Update(TimeSpan blocked)
    {
        var time = context.Environment.Time;
        var isSending = context.SenderCounters.State == ProxyState.Connected;
        if (!isSending || context.ReceiverCounters.State == ProxyState.Connected)
        {
            _aloneSince = -1;
        }
        else if (_aloneSince < 0)
        {
            _aloneSince = time.GetTimestamp();
        }

        Set(PairConditions.PeerReadsNothing, isSending && blocked >= LongestBlock);
        Set(PairConditions.PeerDoesNotConnect, _aloneSince >= 0 && time.GetElapsedTime(_aloneSince) >= _longestAlone);
    }

    private void Set(PairConditions condition, bool holds)
    {
        if (((Conditions & condition) != 0) == holds)
        {
            return;
        }

        _conditions ^= (int)condition;
        if (!holds)
        {
            ProxyLog.HalfThereOver(context.Logger, context.Name, condition.ToString());
        }
        else if (condition == PairConditions.PeerReadsNothing)
        {
            ProxyLog.PeerReadsNothing(context.Logger, context.Name, LongestBlock.TotalSeconds);
        }
        else
        {
            ProxyLog.PeerDoesNotConnect(context.Logger, context.Name, _longestAlone.TotalSeconds, context.Peer.Listen.ToString());
        }
    }
}
