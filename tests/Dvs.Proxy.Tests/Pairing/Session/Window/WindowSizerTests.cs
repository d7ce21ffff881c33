using Dvs.Proxy.Pairing.Session.Window;

namespace Dvs.Proxy.Tests.Pairing.Session.Window;

/// <summary>The window over simulated lines: a rate, a delay, one queue, the sender's bytes in pieces of 64 KiB, each acknowledged when it has arrived.</summary>
public class WindowSizerTests
{
    private const long Second = 1_000_000_000;
    private const long Least = 160 * 1024;
    private const long Floor = 256 * 1024;
    private const long Ceiling = 64 << 20;

    [Theory]
    [InlineData(1_000, 20)]
    [InlineData(1_000, 100)]
    [InlineData(1_000, 200)]
    [InlineData(100, 100)]
    [InlineData(10_000, 20)]
    public void A_line_is_kept_full_with_no_more_than_twice_what_it_holds(int megabits, int roundTripMilliseconds)
    {
        var line = new Line(megabits, roundTripMilliseconds);
        line.Run(5, full: true);
        var before = line.Delivered;
        line.Run(60, full: true);

        var held = line.BytesPerSecond * roundTripMilliseconds / 1000;
        Assert.InRange(line.Sizer.Bytes, held, 2.6 * held);
        Assert.InRange(line.Delivered - before, 0.95 * 60 * line.BytesPerSecond, 60.1 * line.BytesPerSecond);
        Assert.InRange(line.LongestDelay, 0, 3.2 * roundTripMilliseconds * Second / 1000);
    }

    // A sender whose window is full flushes again whenever it has heard something.
    [Fact]
    public void A_flush_that_sends_nothing_is_no_measure()
    {
        var line = new Line(1_000, 100) { FlushesAgain = true };
        line.Run(30, full: true);
        var held = line.BytesPerSecond / 10;
        Assert.InRange(line.Sizer.Bytes, held, 2.6 * held);
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(100, 0)]
    [InlineData(10, 20)]
    public void A_short_or_slow_line_gets_the_least_window(int megabits, int roundTripMilliseconds)
    {
        var line = new Line(megabits, roundTripMilliseconds);
        line.Run(60, full: true);
        Assert.InRange(line.Sizer.Bytes, Least, 3 * Line.Piece);
        Assert.InRange(line.Delivered, 0.97 * 60 * line.BytesPerSecond, 61 * line.BytesPerSecond);
    }

    // Two milliseconds of 1 Gbit/s: with one, threads that came late left a real line a quarter of its time without anything to carry.
    [Fact]
    public void A_fast_short_line_has_two_milliseconds_to_carry()
    {
        var line = new Line(1_000, roundTripMilliseconds: 0);
        line.Run(60, full: true);
        Assert.InRange(line.Sizer.Bytes, 240_000, 256 * 1024);
    }

    // What comes behind a full window waits for all of it.
    [Theory]
    [InlineData(10, 3)]
    [InlineData(100, 3)]
    [InlineData(1_000, 4)]
    public void On_a_short_line_nothing_waits_for_more_than_three_blocks_or_four_on_a_fast_one(int megabits, int blocks)
    {
        var line = new Line(megabits, roundTripMilliseconds: 0);
        line.Run(5, full: true);
        line.Run(60, full: true);
        Assert.InRange(line.LongestDelay, 1, (blocks * Line.Piece / line.BytesPerSecond * Second) + 1);
    }

    // A token bucket that filled while the sender paused is emptied at the speed of memory.
    [Theory]
    [InlineData(100, 32 * 1024)]
    [InlineData(1_000, 256 * 1024)]
    public void A_burst_that_the_line_lets_through_is_not_its_rate(int megabits, int bucketBytes)
    {
        var line = new Line(megabits, roundTripMilliseconds: 0) { BucketBytes = bucketBytes };
        var largest = 0L;
        for (var burst = 0; burst < 100; burst++)
        {
            line.Run(0.1, full: true);
            largest = burst < 5 ? 0 : Math.Max(largest, line.Sizer.Bytes);
            line.Pause(bucketBytes / line.BytesPerSecond);
        }

        Assert.InRange(largest, Least, 2 * Floor);
    }

    // A thread that is to answer comes late now and then.
    [Fact]
    public void One_late_answer_is_not_the_length_of_the_path()
    {
        var line = new Line(1_000, roundTripMilliseconds: 0) { LateEvery = 9 };
        line.Run(12, full: true);
        for (var probe = 0; probe < 20; probe++)
        {
            line.Run(10.05, full: true);
            Assert.InRange(line.Sizer.Bytes, Least, Floor);
        }
    }

    [Fact]
    public void A_fast_path_gets_more_than_a_slow_one_at_least()
    {
        var line = new Line(100_000, roundTripMilliseconds: 0);
        line.Run(1, full: true);
        Assert.True(line.Sizer.Bytes >= Floor);
    }

    [Fact]
    public void It_never_grows_beyond_the_largest_window()
    {
        var line = new Line(100_000, 200);
        line.Run(20, full: true);
        Assert.Equal(Ceiling, line.Sizer.Bytes);
    }

    [Theory]
    [InlineData(20, 100)]
    [InlineData(100, 20)]
    public void A_path_that_changes_its_length_is_measured_anew(int before, int after)
    {
        var line = new Line(1_000, before);
        line.Run(20, full: true);
        line.RoundTripMilliseconds = after;
        line.Run(60, full: true);
        var held = line.BytesPerSecond * after / 1000;
        Assert.InRange(line.Sizer.Bytes, held, 2.6 * held);
    }

    [Fact]
    public void A_line_that_becomes_slower_gets_a_smaller_window()
    {
        var line = new Line(1_000, 100);
        line.Run(20, full: true);
        line.Megabits = 100;
        line.Run(60, full: true);
        var held = line.BytesPerSecond / 10;
        Assert.InRange(line.Sizer.Bytes, held, 2.6 * held);
    }

    // However many pieces each acknowledgement is of.
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_short_line_that_becomes_slower_gets_the_least_window(int piecesAtOnce)
    {
        var line = new Line(50_000, roundTripMilliseconds: 0) { PiecesAtOnce = piecesAtOnce };
        line.Run(2, full: true);
        Assert.True(line.Sizer.Bytes > 2 * Floor);
        line.Megabits = 1_000;
        line.Run(30, full: true);
        Assert.InRange(line.Sizer.Bytes, Least, 2 * Floor);
    }

    [Fact]
    public void A_sender_that_has_little_to_send_does_not_shrink_it()
    {
        var line = new Line(1_000, 100);
        line.Run(20, full: true);
        var grown = line.Sizer.Bytes;
        line.Run(30, full: false);
        Assert.InRange(line.Sizer.Bytes, grown / 2, grown * 2);
    }

    [Fact]
    public void Another_connection_begins_with_the_smallest_window()
    {
        var line = new Line(1_000, 100);
        line.Run(20, full: true);
        Assert.True(line.Sizer.Bytes > Floor);
        line.Sizer.Begin(line.Delivered, 0);
        Assert.Equal((Floor, 0.0), (line.Sizer.Bytes, line.Sizer.Rate));
    }

    private sealed class Line
    {
        public const int Piece = 64 * 1024;

        // What a piece takes at the speed of memory.
        private const long MemoryTime = 20_000;

        private readonly Queue<(long Bytes, long SentAt, long ArrivesAt)> _underWay = new();
        private long _now = 1;
        private long _lineFreeAt;
        private long _lastAnswerAt;
        private int _answers;
        private int _arrived;
        private long _acknowledged;
        private long _sent;

        public Line(int megabits, int roundTripMilliseconds)
        {
            (Megabits, RoundTripMilliseconds) = (megabits, roundTripMilliseconds);
            Sizer.Begin(0, _now);
        }

        public WindowSizer Sizer { get; } = new(Least, Floor, Ceiling, Second);

        public int Megabits { get; set; }

        public int RoundTripMilliseconds { get; set; }

        /// <summary>Whether a full sender also flushes a moment before each acknowledgement.</summary>
        public bool FlushesAgain { get; init; }

        /// <summary>Pieces that one acknowledgement is of, as long as more are under way.</summary>
        public int PiecesAtOnce { get; init; } = 1;

        /// <summary>One of so many acknowledgements comes five milliseconds late.</summary>
        public int LateEvery { get; init; }

        /// <summary>What the line has saved up after a pause, at most, to send at once.</summary>
        public int BucketBytes { get; init; }

        public double BytesPerSecond => Megabits * 125_000.0;

        public long Delivered { get; private set; }

        /// <summary>From a piece's sending to its acknowledgement, once the window has settled.</summary>
        public long LongestDelay { get; private set; }

        /// <summary>Runs for a while; a sender that is not <paramref name="full"/> has one piece to send every ten milliseconds.</summary>
        public void Run(double seconds, bool full)
        {
            var end = _now + (long)(seconds * Second);
            var nextAt = _now;
            var settled = _now + (3 * Second);
            while (_now < end)
            {
                while (full ? _sent - _acknowledged <= Sizer.Bytes : nextAt <= _now)
                {
                    nextAt += Second / 100;
                    Send(isFull: full && _sent + Piece - _acknowledged > Sizer.Bytes);
                }

                var arrival = _underWay.Count > 0 ? _underWay.Peek().ArrivesAt : long.MaxValue;
                _now = Math.Min(arrival, full ? arrival : nextAt);
                if (_now == arrival)
                {
                    if (FlushesAgain)
                    {
                        Sizer.OnSent(_sent, isFull: true, _now - (Second / 10_000));
                    }

                    var (bytes, sentAt, _) = _underWay.Dequeue();
                    Delivered += bytes;
                    LongestDelay = _now > settled ? Math.Max(LongestDelay, _now - sentAt) : 0;
                    if (_underWay.Count > 0 && ++_arrived % PiecesAtOnce != 0)
                    {
                        continue;
                    }

                    _acknowledged = Delivered;
                    Sizer.OnAcknowledged(Delivered, _now);
                }
            }
        }

        /// <summary>The sender gets no turn for a while; what was under way arrives.</summary>
        public void Pause(double seconds)
        {
            _now += (long)(seconds * Second);
            while (_underWay.TryDequeue(out var piece))
            {
                Delivered += piece.Bytes;
            }

            _acknowledged = Delivered;
            Sizer.OnAcknowledged(Delivered, _now);
        }

        private void Send(bool isFull)
        {
            _sent += Piece;
            var savedUp = (long)(BucketBytes / BytesPerSecond * Second);
            _lineFreeAt = Math.Max(_lineFreeAt, _now - savedUp) + (long)(Piece / BytesPerSecond * Second);
            var late = LateEvery > 0 && ++_answers % LateEvery == 0 ? Second / 200 : 0;
            _lastAnswerAt = Math.Max(_lastAnswerAt, Math.Max(_lineFreeAt, _now + MemoryTime) + (RoundTripMilliseconds * Second / 1000) + late);
            _underWay.Enqueue((Piece, _now, _lastAnswerAt));
            Sizer.OnSent(_sent, isFull, _now);
        }
    }
}
