namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>
/// How many bytes a sender has under way at most: about twice what the path holds (delivery rate times round trip), both measured from
/// acknowledgements, as BBR does. More is nothing but delay for what comes behind, less leaves the path idle. No clock of its own, no I/O. Sender
/// thread only. Behaviour: WindowSizerTests.
/// </summary>
/// <remarks>
/// The rate is the highest of the last rounds (a round is one round trip), taken over a round trip and no less than ten milliseconds: after a pause
/// many a line lets a burst through, and a receiver that comes late acknowledges much at once. The round trip is the shortest of the last ten seconds.
/// A full window lengthens every round trip it could be measured by, so where no other has been seen for ten seconds nothing more is sent until all
/// has been acknowledged, and one piece alone is the measure; on a short path several, one after the other, for any may meet a thread that comes late.
/// The least window is what two milliseconds take at the rate, between two bounds: a slow line is kept full with little, and what comes behind waits for
/// all that is under way; a fast one has to bridge the pauses of threads.
/// </remarks>
internal sealed class WindowSizer
{
    /// <summary>A path is taken to be no shorter: threads have to be woken, and a window made for a loopback's 20 µs would starve on a busy machine.</summary>
    internal static readonly TimeSpan ShortestRoundTrip = TimeSpan.FromMicroseconds(500);

    /// <summary>The least window holds what the path takes in this time.</summary>
    internal static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(2);

    /// <summary>A rate is taken over no less.</summary>
    internal static readonly TimeSpan ShortestMeasure = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a round trip counts as the shortest.</summary>
    internal static readonly TimeSpan RoundTripMemory = TimeSpan.FromSeconds(10);

    // How long the path is measured with one piece at a time; at least one.
    private static readonly TimeSpan ProbeTime = TimeSpan.FromMilliseconds(5);

    private const int Rounds = 10;
    private const int Marks = 64;

    private readonly long _leastBytes;
    private readonly long _floorBytes;
    private readonly long _ceilingBytes;
    private readonly long _ticksPerSecond;
    private readonly long _shortestMeasure;
    private readonly Mark[] _marks = new Mark[Marks];
    private readonly double[] _rates = new double[Rounds];
    private int _firstMark;
    private int _markCount;
    private int _round;
    private long _roundEnd;
    private long _sent;
    private long _delivered;
    private long _deliveredAt;
    private long _roundTrip = long.MaxValue;
    private long _roundTripAt;
    private long _probeEnd = -1;
    private long _probedAt;
    private long _probed;
    private bool _wasIdle = true;
    private Base _base;
    private Base _nextBase;

    /// <param name="leastBytes">Least window of a slow path: two of the largest frames, so that one is on the line while the other is acknowledged.</param>
    /// <param name="floorBytes">Least window of a fast path, and of one that nothing is known of.</param>
    /// <param name="ceilingBytes">Largest window.</param>
    /// <param name="ticksPerSecond">Of the timestamps given.</param>
    public WindowSizer(long leastBytes, long floorBytes, long ceilingBytes, long ticksPerSecond)
    {
        _leastBytes = leastBytes;
        _floorBytes = Math.Max(floorBytes, leastBytes);
        _ceilingBytes = Math.Max(ceilingBytes, _floorBytes);
        _ticksPerSecond = ticksPerSecond;
        _shortestMeasure = (long)(ShortestMeasure.TotalSeconds * ticksPerSecond);
        Bytes = _floorBytes;
    }

    /// <summary>The window; 0 for as long as only one piece may be under way.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes per second that the peer took, at best lately; 0 while nothing is known.</summary>
    public double Rate { get; private set; }

    /// <summary>Another connection: what is sent again is no measure, and the path may be another.</summary>
    public void Begin(long deliveredBytes, long now)
    {
        (_firstMark, _markCount, _round, _roundEnd) = (0, 0, 0, deliveredBytes);
        (_sent, _delivered, _deliveredAt) = (deliveredBytes, deliveredBytes, now);
        (_roundTrip, _roundTripAt, _probeEnd, _wasIdle) = (long.MaxValue, now, -1, true);
        _base = _nextBase = new Base(deliveredBytes, now, true);
        Array.Clear(_rates);
        (Rate, Bytes) = (0, _floorBytes);
    }

    /// <summary>All up to <paramref name="sentBytes"/>, counted through all time, has been given to the connection.</summary>
    /// <param name="sentBytes">Bytes sent.</param>
    /// <param name="isFull">The window has no room: more would have been sent.</param>
    /// <param name="now">Time.</param>
    public void OnSent(long sentBytes, bool isFull, long now)
    {
        // A flush that sent nothing is no measure: what it would seem to have sent has been under way for longer.
        if (sentBytes == _sent)
        {
            return;
        }

        if (_sent == _delivered || _probeEnd >= 0)
        {
            // The path ran dry: what is measured across this moment is what the sender had, not what the path takes.
            (_base.IsIdle, _nextBase.IsIdle) = (true, true);
        }

        _sent = sentBytes;

        // A window that was never full since the last mark says nothing of the path: the sender had no more to send.
        if (_markCount < Marks)
        {
            _marks[(_firstMark + _markCount++) % Marks] = new Mark(sentBytes, now, _delivered, _deliveredAt, _wasIdle && !isFull);
        }

        _wasIdle = !isFull;
    }

    /// <summary>All up to <paramref name="deliveredBytes"/> has been acknowledged.</summary>
    public void OnAcknowledged(long deliveredBytes, long now)
    {
        var found = false;
        Mark mark = default;
        while (_markCount > 0 && _marks[_firstMark].SentBytes <= deliveredBytes)
        {
            mark = _marks[_firstMark];
            found = true;
            _firstMark = (_firstMark + 1) % Marks;
            _markCount--;
        }

        (_delivered, _deliveredAt) = (deliveredBytes, now);
        if (!found || now <= mark.SentAt)
        {
            return;
        }

        TakeRoundTrip(now - mark.SentAt, mark, now);
        TakeRate(mark, now);
        MoveBase(now);
        Bytes = _probeEnd >= 0 ? 0 : Size();
    }

    private long Size()
    {
        var roundTrip = Math.Max(_roundTrip / (double)_ticksPerSecond, ShortestRoundTrip.TotalSeconds);
        var least = Math.Clamp((long)(Rate * LeastTime.TotalSeconds), _leastBytes, _floorBytes);
        return Math.Clamp((long)(2 * Rate * roundTrip), least, _ceilingBytes);
    }

    private void TakeRoundTrip(long roundTrip, in Mark mark, long now)
    {
        if (_probeEnd >= 0)
        {
            // What was sent when all else had arrived has come back: its round trip is the path's.
            if (mark.DeliveredBytes >= _probeEnd)
            {
                _probedAt = _probed == long.MaxValue ? mark.SentAt : _probedAt;
                _probed = Math.Min(_probed, roundTrip);
                if (now - _probedAt >= ProbeTime.TotalSeconds * _ticksPerSecond)
                {
                    (_roundTrip, _roundTripAt, _probeEnd) = (_probed, now, -1);
                }
            }

            return;
        }

        if (roundTrip <= _roundTrip)
        {
            (_roundTrip, _roundTripAt) = (roundTrip, now);
        }
        else if (now - _roundTripAt > RoundTripMemory.TotalSeconds * _ticksPerSecond)
        {
            // From when all that is under way now has been delivered.
            (_probeEnd, _probed) = (_sent, long.MaxValue);
        }
    }

    private void TakeRate(in Mark mark, long now)
    {
        var isShort = now - mark.DeliveredAt < _shortestMeasure && _base.At < mark.DeliveredAt;
        var from = isShort ? _base : new Base(mark.DeliveredBytes, mark.DeliveredAt, mark.IsIdle);
        var rate = (_delivered - from.DeliveredBytes) * (double)_ticksPerSecond / Math.Max(1, now - from.At);
        if (mark.DeliveredBytes >= _roundEnd && !from.IsIdle && _probeEnd < 0)
        {
            _round = (_round + 1) % Rounds;
            _rates[_round] = 0;
            _roundEnd = _delivered;
        }

        if (rate > _rates[_round] && (!from.IsIdle || rate > Rate))
        {
            _rates[_round] = rate;
        }

        Rate = 0;
        foreach (var each in _rates)
        {
            Rate = Math.Max(Rate, each);
        }
    }

    // Short paths are measured from one of two moments that follow each other: at least the shortest measure ago, at most twice that while there is traffic.
    private void MoveBase(long now)
    {
        if (now - _nextBase.At >= _shortestMeasure)
        {
            _base = _nextBase;
            _nextBase = new Base(_delivered, now, false);
        }
    }

    private record struct Base(long DeliveredBytes, long At, bool IsIdle);

    private readonly record struct Mark(long SentBytes, long SentAt, long DeliveredBytes, long DeliveredAt, bool IsIdle);
}
