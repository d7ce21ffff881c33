using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Lets an acknowledgement wait a short while for more to acknowledge: one for many messages instead of one for each. It limits the reads
/// of the connection, so no timer and no other thread is needed, and lifts the limit when a read brought nothing and nothing waits, so an
/// idle connection sleeps. Receiver thread only.
/// </summary>
internal sealed class AcknowledgementTimer(TimeSpan delay, TimeProvider time)
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(1);

    private ProxyConnection? _connection;
    private bool _isWaiting;
    private long _since;

    /// <summary>True while a read may end because its time is up.</summary>
    public bool LimitsReads { get; private set; }

    /// <summary>Begins with a new connection, whose reads have no limit yet.</summary>
    public void Begin(ProxyConnection connection)
    {
        _connection = connection;
        LimitsReads = false;
        _isWaiting = false;
    }

    /// <summary>May the acknowledgement that is due wait for the next read? The first time starts the clock.</summary>
    public bool MayWait()
    {
        if (delay == TimeSpan.Zero)
        {
            return false;
        }

        if (!_isWaiting)
        {
            _isWaiting = true;
            _since = time.GetTimestamp();
        }
        else if (time.GetElapsedTime(_since) >= delay)
        {
            return false;
        }

        return LimitsReads || (LimitsReads = _connection!.TrySetReadTimeout(delay));
    }

    /// <summary>The acknowledgement that is due cannot be written now: the next read ends soon, for another try.</summary>
    public void TryLater() => LimitsReads = LimitsReads || _connection!.TrySetReadTimeout(delay > ShortestRetry ? delay : ShortestRetry);

    /// <summary>An acknowledgement goes out: the clock stops.</summary>
    public void Stop() => _isWaiting = false;

    /// <summary>Nothing is to be acknowledged.</summary>
    /// <param name="timeUp">The read before ended because of the limit.</param>
    public void OnNothingToSay(bool timeUp)
    {
        if (timeUp && LimitsReads)
        {
            _connection!.TrySetReadTimeout(Timeout.InfiniteTimeSpan);
            LimitsReads = false;
        }
    }
}
