namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>
/// How many bytes a sender has under way at most: about twice what the path holds (delivery rate times round trip), both measured from
/// acknowledgements, as BBR does. More is nothing but delay for what comes behind, less leaves the path idle. No clock of its own, no I/O. Sender
/// thread only. Behaviour: WindowSizerTests.
/// </summary>
/// <remarks>
/// The rate is the highest of the last rounds (a round is one round trip), the round trip the shortest of the last ten seconds. A full window
/// lengthens every round trip it could be measured by, so where no other has been seen for ten seconds nothing more is sent until all has been
/// acknowledged, and one piece alone is the measure.
/// </remarks>
internal sealed class WindowSizer
{
    /// <summary>A path is taken to be no shorter: threads have to be woken, and a window made for a loopback's 20 µs would starve on a busy machine.</summary>
    internal static readonly TimeSpan ShortestRoundTrip = TimeSpan.FromMicroseconds(500);

    /// <summary>How long a round trip counts as the shortest.</summary>
    internal static readonly TimeSpan RoundTripMemory = TimeSpan.FromSeconds(10);

    private const int Rounds = 10;
    private const int Marks = 64;

    private readonly long _floorBytes;
    private readonly long _ceilingBytes;
    private readonly long _ticksPerSecond;
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
    private bool _wasIdle = true;

    /// <param name="floorBytes">Least window.</param>
    /// <param name="ceilingBytes">Largest window.</param>
    /// <param name="ticksPerSecond">Of the timestamps given.</param>
    public WindowSizer(long floorBytes, long ceilingBytes, long ticksPerSecond)
    {
        (_floorBytes, _ceilingBytes, _ticksPerSecond) = (floorBytes, Math.Max(ceilingBytes, floorBytes), ticksPerSecond);
        Bytes = floorBytes;
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
        Bytes = _probeEnd >= 0 ? 0 : Math.Clamp(Size(), _floorBytes, _ceilingBytes);
    }

    private long Size()
    {
        var roundTrip = Math.Max(_roundTrip / (double)_ticksPerSecond, ShortestRoundTrip.TotalSeconds);
        return (long)(2 * Rate * roundTrip);
    }

    private void TakeRoundTrip(long roundTrip, in Mark mark, long now)
    {
        if (_probeEnd >= 0)
        {
            // What was sent when all else had arrived has come back: its round trip is the path's.
            if (mark.DeliveredBytes >= _probeEnd)
            {
                (_roundTrip, _roundTripAt, _probeEnd) = (roundTrip, now, -1);
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
            _probeEnd = _sent;
        }
    }

    private void TakeRate(in Mark mark, long now)
    {
        var rate = (_delivered - mark.DeliveredBytes) * (double)_ticksPerSecond / Math.Max(1, now - mark.DeliveredAt);
        if (mark.DeliveredBytes >= _roundEnd && !mark.IsIdle && _probeEnd < 0)
        {
            _round = (_round + 1) % Rounds;
            _rates[_round] = 0;
            _roundEnd = _delivered;
        }

        if (rate > _rates[_round] && (!mark.IsIdle || rate > Rate))
        {
            _rates[_round] = rate;
        }

        Rate = 0;
        foreach (var each in _rates)
        {
            Rate = Math.Max(Rate, each);
        }
    }

    private readonly record struct Mark(long SentBytes, long SentAt, long DeliveredBytes, long DeliveredAt, bool IsIdle);
}
