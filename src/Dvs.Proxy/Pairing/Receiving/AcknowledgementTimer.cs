using Dvs.Proxy.Pairing.Invariants;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Lets an acknowledgement wait a short while for more to acknowledge: one for many messages instead of one for each. Owns that wait, and
/// the limit it puts on the reads of the connection, so that no timer and no other thread is needed; an idle connection has no limit and
/// sleeps. No I/O of its own: the receiver's read loop applies <see cref="ReadLimit"/>. Receiver thread only. Behaviour:
/// AcknowledgementTimerTests.
/// </summary>
internal sealed class AcknowledgementTimer(TimeSpan delay, TimeProvider time)
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(1);

    private bool _canLimitReads;
    private bool _isWaiting;
    private long _since;
    private ThreadOwner _owner;

    /// <summary>How long the next read may block; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it likes.</summary>
    public TimeSpan ReadLimit { get; private set; } = Timeout.InfiniteTimeSpan;

    /// <summary>True while a read may end because its time is up.</summary>
    public bool LimitsReads => ReadLimit != Timeout.InfiniteTimeSpan;

    /// <summary>Begins with a new connection, whose reads have no limit yet.</summary>
    /// <param name="canLimitReads">Whether the transport can limit its reads; otherwise nothing waits.</param>
    public void Begin(bool canLimitReads)
    {
        _owner.Check();
        _canLimitReads = canLimitReads;
        _isWaiting = false;
        ReadLimit = Timeout.InfiniteTimeSpan;
    }

    /// <summary>Lets the acknowledgement that is due wait for the next read; the first time starts the clock. Returns false if it has
    /// waited long enough, or cannot wait.</summary>
    public bool TryWait()
    {
        _owner.Check();
        if (delay == TimeSpan.Zero || !_canLimitReads)
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

        LimitReads(delay);
        return true;
    }

    /// <summary>The acknowledgement that is due cannot be written now: the next read ends soon, for another try.</summary>
    public void OnBlocked() => LimitReads(delay > ShortestRetry ? delay : ShortestRetry);

    /// <summary>An acknowledgement goes out: the clock stops.</summary>
    public void OnAcknowledged() => _isWaiting = false;

    /// <summary>Nothing is to be acknowledged.</summary>
    /// <param name="timeUp">The read before ended because of the limit.</param>
    public void OnNothingDue(bool timeUp)
    {
        if (timeUp)
        {
            ReadLimit = Timeout.InfiniteTimeSpan;
        }
    }

    // A limit that is in force stays: to change it would cost a system call for each message.
    private void LimitReads(TimeSpan limit)
    {
        if (_canLimitReads && !LimitsReads)
        {
            ReadLimit = limit;
        }
    }
}
