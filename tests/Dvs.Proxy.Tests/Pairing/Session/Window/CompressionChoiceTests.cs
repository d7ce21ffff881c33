using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Session.Window;

/// <summary>
/// The choice over simulated senders: a processor that compresses at some rate, a line of some rate with a delay, a window; blocks of 64 KiB, each acknowledged
/// when it has arrived.
/// </summary>
public class CompressionChoiceTests
{
    private const long Second = 1_000_000_000;

    // Megabits per second, and how much faster text gets through compressed: LZ4 makes 1 GB/s of it, to two fifths.
    [Theory]
    [InlineData(10, 2.5, true)]
    [InlineData(100, 2.5, true)]
    [InlineData(1_000, 2.5, true)]
    [InlineData(10_000, 2.5, false)]
    [InlineData(40_000, 2.5, false)]
    [InlineData(100, 1.0, false)]
    [InlineData(1_000, 1.03, false)]
    [InlineData(1_000, 1.12, true)]
    public void The_faster_way_is_found_and_kept(int megabits, double ratio, bool compressed)
    {
        var sender = new SimulatedSender(megabits) { Ratio = ratio };
        sender.Run(20);
        Assert.Equal(compressed, sender.Choice.IsChosen);

        sender.ForgetChanges();
        sender.Run(60);
        Assert.Equal(0, sender.Changes);
        Assert.InRange(sender.BytesPerSecond, 0.96 * sender.Best, 1.01 * sender.Best);
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(1_000, 0)]
    [InlineData(1_000, 50)]
    [InlineData(100, 100)]
    public void It_is_found_within_a_few_seconds(int megabits, int roundTripMilliseconds)
    {
        var sender = new SimulatedSender(megabits) { RoundTripMilliseconds = roundTripMilliseconds };
        sender.Run(roundTripMilliseconds == 0 ? 1 : 6);
        Assert.True(sender.Choice.IsChosen);
    }

    [Fact]
    public void Data_that_becomes_another_is_noticed()
    {
        var sender = new SimulatedSender(100) { Ratio = 1 };
        sender.Run(20);
        Assert.False(sender.Choice.IsChosen);
        sender.Ratio = 2.5;
        sender.Run(3);
        Assert.True(sender.Choice.IsChosen);
        sender.Ratio = 1;
        sender.Run(20);
        Assert.False(sender.Choice.IsChosen);
    }

    [Fact]
    public void A_line_that_becomes_another_is_noticed()
    {
        var sender = new SimulatedSender(40_000);
        sender.Run(20);
        Assert.False(sender.Choice.IsChosen);
        sender.Megabits = 100;
        sender.Run(12);
        Assert.True(sender.Choice.IsChosen);
        sender.Megabits = 40_000;
        sender.Run(12);
        Assert.False(sender.Choice.IsChosen);
    }

    // Half a megabyte every fifty milliseconds, and every ten seconds nothing for a second.
    [Theory]
    [InlineData(100, 2.5, true)]
    [InlineData(40_000, 2.5, false)]
    [InlineData(100, 1.0, false)]
    public void Idle_time_does_not_count(int megabits, double ratio, bool compressed)
    {
        var sender = new SimulatedSender(megabits) { Ratio = ratio, BurstBytes = 512 * 1024, BurstEvery = Second / 20 };
        sender.Run(60);
        Assert.Equal(compressed, sender.Choice.IsChosen);
        sender.ForgetChanges();
        sender.Run(60);
        Assert.Equal(0, sender.Changes);
    }

    // The same again and again: one block, answered, then the next.
    [Theory]
    [InlineData(100, 2.5, true)]
    [InlineData(40_000, 2.5, false)]
    public void So_is_a_sender_that_waits_for_each_block(int megabits, double ratio, bool compressed)
    {
        var sender = new SimulatedSender(megabits) { Ratio = ratio, WindowBytes = 1 };
        sender.Run(30);
        Assert.Equal(compressed, sender.Choice.IsChosen);
    }

    // Every block takes up to twice its time, at random.
    [Theory]
    [InlineData(100, 2.5, true)]
    [InlineData(40_000, 2.5, false)]
    [InlineData(1_000, 1.0, false)]
    public void Noise_decides_nothing(int megabits, double ratio, bool compressed)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var sender = new SimulatedSender(megabits, seed) { Ratio = ratio, Noise = 1 };
            sender.Run(20);
            sender.ForgetChanges();
            sender.Run(60);
            Assert.Equal((compressed, 0), (sender.Choice.IsChosen, sender.Changes));
        }
    }

    // The whole machine is now fast and now slow, for some tens of milliseconds at a time: as long as a measure takes.
    [Fact]
    public void Nor_do_swings_of_the_machine_where_both_are_alike()
    {
        var changes = 0;
        for (var seed = 0; seed < 10; seed++)
        {
            var sender = new SimulatedSender(1_000, seed) { Ratio = 1, Swing = 0.2 };
            sender.Run(100);
            changes += sender.Changes;
        }

        Assert.InRange(changes, 0, 6);
    }

    [Fact]
    public void Who_sends_little_is_left_alone()
    {
        var sender = new SimulatedSender(10);
        sender.Run(seconds: 60, mostBytes: CompressionChoice.LeastRestBytes - 65_536);
        Assert.Equal(0, sender.CompressedBlocks);
    }

    // Random data does not slow a line down, compressed or not; text at five times the speed of LZ4 does.
    [Fact]
    public void What_costs_much_is_tried_seldom()
    {
        var fast = new SimulatedSender(40_000);
        fast.Run(60);
        Assert.InRange(fast.CompressedBlocks, 1, 0.02 * fast.Blocks);

        var equal = new SimulatedSender(100) { Ratio = 1 };
        equal.Run(60);
        Assert.InRange(equal.CompressedBlocks, 0.05 * equal.Blocks, 0.6 * equal.Blocks);
    }

    [Fact]
    public void Another_connection_keeps_the_choice_and_forgets_the_measures()
    {
        var sender = new SimulatedSender(100);
        sender.Run(10);
        Assert.True(sender.Choice.IsChosen);
        sender.Reconnect();
        Assert.True(sender.Choice.IsOn);
        Assert.True(sender.Choice.IsChosen);
        sender.Run(10);
        Assert.True(sender.Choice.IsChosen);
    }

    [Fact]
    public void A_trial_that_a_connection_takes_along_is_over()
    {
        var sender = new SimulatedSender(40_000);
        sender.RunUntil(static sender => sender.Choice.IsOn);
        Assert.False(sender.Choice.IsChosen);
        sender.Reconnect();
        Assert.False(sender.Choice.IsOn);
    }

    [Fact]
    public void It_allocates_nothing()
    {
        var choice = new CompressionChoice(Second);
        long now = 0, raw = 0;
        var least = Allocations.Least(() =>
        {
            for (var count = 0; count < 10_000; count++)
            {
                now += 100_000;
                raw += 65_536;
                choice.OnSent(now);
                choice.OnAcknowledged(new SentTotals(raw, raw, raw - 65_536), now + 50_000);
            }

            choice.OnIdle(now);
        });
        Assert.Equal(0, least);
    }

    private sealed class SimulatedSender(int megabits, int seed = 0)
    {
        private const int Block = 64 * 1024;
        private const double CopyBytesPerSecond = 8e9;
        private const double CompressBytesPerSecond = 1e9;

        private readonly Random _random = new(seed);
        private readonly Queue<(int Bytes, long ArrivesAt)> _underWay = new();
        private long _now;
        private long _lineFreeAt;
        private long _raw;
        private long _wire;
        private long _acknowledged;
        private long _started;
        private long _rawAtStart;
        private bool _wasChosen;
        private bool _isIdle = true;
        private long _nextBurst;
        private long _burstLeft;
        private long _swingEnd;
        private double _swing = 1;

        public CompressionChoice Choice { get; } = new(Second);

        public int Megabits { get; set; } = megabits;

        /// <summary>Bytes that become one.</summary>
        public double Ratio { get; set; } = 2.5;

        public int RoundTripMilliseconds { get; init; }

        public long WindowBytes { get; init; } = 4 * Block;

        /// <summary>How much longer a block takes at most, as a part of its time.</summary>
        public double Noise { get; init; }

        /// <summary>How much slower everything is at times.</summary>
        public double Swing { get; init; }

        /// <summary>0: there is always more to send.</summary>
        public long BurstBytes { get; init; }

        public long BurstEvery { get; init; }

        public int Changes { get; private set; }

        public int Blocks { get; private set; }

        public int CompressedBlocks { get; private set; }

        public double BytesPerSecond => (_raw - _rawAtStart) / ((_now - _started) / (double)Second);

        /// <summary>Bytes per second of the better way, with a window that is large enough.</summary>
        public double Best => Math.Max(
            Math.Min(CopyBytesPerSecond, Megabits * 125_000.0), Math.Min(CompressBytesPerSecond, Megabits * 125_000.0 * Ratio));

        public void ForgetChanges()
        {
            (Changes, _wasChosen) = (0, Choice.IsChosen);
            (_started, _rawAtStart) = (_now, _raw);
        }

        public void Reconnect()
        {
            _underWay.Clear();
            _acknowledged = _wire;
            Choice.Begin(Totals, _now);
        }

        public void RunUntil(Predicate<SimulatedSender> isOver)
        {
            while (!isOver(this))
            {
                Step();
            }
        }

        public void Run(int seconds, long mostBytes = long.MaxValue)
        {
            var end = _now + (seconds * Second);
            while (_now < end && _raw < mostBytes)
            {
                Step();
            }
        }

        private SentTotals Totals => new(_raw, _wire, _acknowledged);

        private bool HasMore
        {
            get
            {
                if (BurstBytes == 0)
                {
                    return true;
                }

                if (_nextBurst <= _now)
                {
                    _burstLeft += BurstBytes;
                    _nextBurst += BurstEvery;
                }

                return _burstLeft > 0;
            }
        }

        private void Step()
        {
            var window = RoundTripMilliseconds == 0 ? WindowBytes : Math.Max(WindowBytes, 2L * RoundTripMilliseconds * Megabits * 125);
            if (HasMore && _wire - _acknowledged < window)
            {
                Send();
            }
            else if (_underWay.Count > 0)
            {
                _now = Math.Max(_now, _underWay.Peek().ArrivesAt);
            }
            else
            {
                if (!_isIdle)
                {
                    Choice.OnIdle(_now);
                    _isIdle = true;
                }

                _now = Math.Max(_now, _nextBurst);
            }

            Acknowledge();
        }

        private void Send()
        {
            var isCompressed = Choice.IsOn;
            var bytes = isCompressed ? (int)(Block / Ratio) : Block;
            _now += Time(Block / (isCompressed ? CompressBytesPerSecond : CopyBytesPerSecond));
            _lineFreeAt = Math.Max(_lineFreeAt, _now) + Time(bytes / (Megabits * 125_000.0));
            _underWay.Enqueue((bytes, _lineFreeAt + (RoundTripMilliseconds * Second / 1000)));
            _raw += Block;
            _wire += bytes;
            _burstLeft -= Block;
            Blocks++;
            CompressedBlocks += isCompressed ? 1 : 0;
            Choice.OnSent(_now);
            _isIdle = false;
        }

        private void Acknowledge()
        {
            var before = _acknowledged;
            while (_underWay.Count > 0 && _underWay.Peek().ArrivesAt <= _now)
            {
                _acknowledged += _underWay.Dequeue().Bytes;
            }

            if (_acknowledged == before)
            {
                return;
            }

            Choice.OnAcknowledged(Totals, _now);
            if (Choice.IsChosen != _wasChosen)
            {
                _wasChosen = Choice.IsChosen;
                Changes++;
            }
        }

        private long Time(double seconds)
        {
            if (Swing > 0 && _now >= _swingEnd)
            {
                _swing = 1 + (Swing * _random.NextDouble());
                _swingEnd = _now + _random.NextInt64(Second / 50, Second / 10);
            }

            return (long)(seconds * Second * _swing * (1 + (Noise * _random.NextDouble())));
        }
    }
}
