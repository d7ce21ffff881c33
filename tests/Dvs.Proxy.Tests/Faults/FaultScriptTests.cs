using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Tests.Faults.Transports;

namespace Dvs.Proxy.Tests.Faults;

public class FaultScriptTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 250).Select(static value => (byte)value)];

    [Fact]
    public void Without_faults_everything_passes()
    {
        var sink = Play(Bytes);

        Assert.Equal(Bytes, sink.Passed);
        Assert.Empty(sink.Events);
    }

    [Theory]
    [InlineData(nameof(FaultKind.Cut), 0)]
    [InlineData(nameof(FaultKind.Cut), 1)]
    [InlineData(nameof(FaultKind.Cut), 249)]
    [InlineData(nameof(FaultKind.Reset), 77)]
    [InlineData(nameof(FaultKind.HalfClose), 77)]
    public void An_end_comes_at_its_byte_and_nothing_passes_behind_it(string kind, int position)
    {
        var sink = Play(Bytes, new Fault(Enum.Parse<FaultKind>(kind), position));

        Assert.Equal(Bytes[..position], sink.Passed);
        Assert.Equal([$"{kind} at {position}"], sink.Events);
    }

    [Fact]
    public void A_flip_changes_one_bit_of_one_byte()
    {
        var sink = Play(Bytes, new Fault(FaultKind.Flip, 100, 3));

        Assert.Equal(Bytes[100] ^ 8, sink.Passed[100]);
        Assert.Equal(1, sink.Passed.Zip(Bytes).Count(static pair => pair.First != pair.Second));
    }

    [Fact]
    public void A_flip_in_the_payload_leaves_headers_alone()
    {
        var stream = new byte[2 * 168 + 50];
        var first = new CommandHeader { Command = CommandCode.SendMessage };
        WireLayout.Lp64.Write(stream, in first);
        var second = new CommandHeader { Command = CommandCode.CopyInData, PayloadLength = 50 };
        WireLayout.Lp64.Write(stream.AsSpan(168), in second);

        var sink = Play(stream, WireLayout.Lp64, new Fault(FaultKind.FlipPayload, 3));

        Assert.Equal([336], Enumerable.Range(0, stream.Length).Where(index => sink.Passed[index] != stream[index]));
        Assert.Equal(1, sink.Log[FaultKind.FlipPayload]);
    }

    [Fact]
    public void Split_makes_many_small_writes()
    {
        var sink = Play(Bytes, new Fault(FaultKind.Split, 10, 100));

        Assert.Equal(Bytes, sink.Passed);
        Assert.True(sink.Writes > 20, $"{sink.Writes} writes");
    }

    [Fact]
    public void Stall_waits_at_its_byte()
    {
        var sink = Play(Bytes, new Fault(FaultKind.Stall, 10, 5));

        Assert.Equal(Bytes, sink.Passed);
        Assert.Equal(["wait 5 at 10"], sink.Events);
    }

    [Fact]
    public void Swallow_loses_the_rest_and_cuts_later()
    {
        var sink = Play(Bytes, new Fault(FaultKind.Swallow, 10, 5));

        Assert.Equal(Bytes[..10], sink.Passed);
        Assert.Equal(["cut after 5 at 10"], sink.Events);
    }

    [Fact]
    public void What_happens_does_not_depend_on_how_the_bytes_arrive()
    {
        FaultKind[] all = [FaultKind.Cut, FaultKind.HalfClose, FaultKind.Stall, FaultKind.Split, FaultKind.Flip, FaultKind.Swallow];
        var kinds = Gen.Int[0, all.Length - 1].Select(index => all[index]);
        var fault = Gen.Select(kinds, Gen.Int[0, 260], Gen.Int[1, 7]).Select(static (kind, position, amount) => new Fault(kind, position, amount));
        Gen.Select(fault.Array[0, 4], Gen.Int[1, 250].Array[0, 6]).Sample(static (faults, cuts) =>
        {
            var script = new FaultScript([.. faults.OrderBy(static fault => fault.Position)], new FaultLog());
            var whole = new RecordingSink(new FaultLog());
            script.Play(Bytes.ToArray(), whole);

            var again = new FaultScript([.. faults.OrderBy(static fault => fault.Position)], new FaultLog());
            var pieces = new RecordingSink(new FaultLog());
            var begin = 0;
            foreach (var cut in cuts.Append(Bytes.Length).Order())
            {
                again.Play(Bytes.AsSpan(begin, cut - begin).ToArray(), pieces);
                begin = cut;
            }

            Assert.Equal(whole.Passed, pieces.Passed);
            Assert.Equal(whole.Events, pieces.Events);
        });
    }

    [Fact]
    public void A_schedule_is_the_same_for_the_same_seed_and_another_for_another()
    {
        static string Describe(int seed) => string.Join('\n', Enumerable.Range(0, 10).Select(ordinal =>
        {
            var schedule = new FaultSchedule(seed, new FaultMix { FaultyConnections = 9 });
            return $"{schedule.Script("a", ordinal)} | {schedule.Script("b", ordinal)} | {schedule.Refuses("a", ordinal)}";
        }));

        Assert.Equal(Describe(5), Describe(5));
        Assert.NotEqual(Describe(5), Describe(6));
        Assert.Contains(" | clean | False", Describe(5), StringComparison.Ordinal); // the one after the faulty ones
    }

    [Fact]
    public void Every_kind_of_fault_is_in_some_schedule()
    {
        // What happens to nodes and listeners, and not to bytes.
        FaultKind[] others = [FaultKind.Refuse, FaultKind.Restart, FaultKind.Stop, FaultKind.Famine, FaultKind.LogFailure, FaultKind.Stranger, FaultKind.ForeignSession, FaultKind.Replay];
        var mix = new FaultMix
        {
            Passing = [FaultKind.Stall, FaultKind.Split, FaultKind.Flip],
            Ending = [.. FaultMix.AllEndings, FaultKind.Deafen],
            PayloadFlips = 1,
            Layout = WireLayout.Lp64,
            Famines = 1,
            LogFailures = 1,
        };
        var kinds = Enumerable.Range(0, 100)
            .SelectMany(seed => Enumerable.Range(0, 4).SelectMany(ordinal => new FaultSchedule(seed, mix).Faults("a", ordinal)))
            .Select(static fault => fault.Kind).ToHashSet();

        Assert.Empty(Enum.GetValues<FaultKind>().Except(kinds).Except(others));
        Assert.Contains(Enumerable.Range(0, 100), seed => new FaultSchedule(seed, mix).Refuses("a", 0));
        Assert.Contains(Enumerable.Range(0, 100), seed => new FaultSchedule(seed, mix).Famine("a", 0) is not null);
        Assert.Contains(Enumerable.Range(0, 100), seed => new FaultSchedule(seed, mix).FailsToLog("a", 0));
        Assert.DoesNotContain(Enumerable.Range(0, 100), seed => new FaultSchedule(seed, mix).FailsToLog("a", 1) || new FaultSchedule(seed, mix).Famine("a", 1) is not null);
    }

    private static RecordingSink Play(byte[] bytes, params Fault[] faults) => Play(bytes, null, faults);

    private static RecordingSink Play(byte[] bytes, WireLayout? layout, params Fault[] faults)
    {
        var log = new FaultLog();
        var sink = new RecordingSink(log);
        new FaultScript(faults, log, layout).Play(bytes.ToArray(), sink);
        Assert.Equal(faults.Length, log.Total);
        return sink;
    }

    private sealed class RecordingSink(FaultLog log) : IFaultSink
    {
        public FaultLog Log { get; } = log;

        public List<byte> Passed { get; } = [];

        public List<string> Events { get; } = [];

        public int Writes { get; private set; }

        public bool Write(ReadOnlySpan<byte> bytes)
        {
            Writes++;
            Passed.AddRange(bytes);
            return true;
        }

        public void Wait(TimeSpan time) => Events.Add($"wait {time.TotalMilliseconds} at {Passed.Count}");

        public void HalfClose() => Events.Add($"HalfClose at {Passed.Count}");

        public void Cut() => Events.Add($"Cut at {Passed.Count}");

        public void Reset() => Events.Add($"Reset at {Passed.Count}");

        public void CutAfter(TimeSpan time) => Events.Add($"cut after {time.TotalMilliseconds} at {Passed.Count}");
    }
}
