using System.Diagnostics.Metrics;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Tests.Diagnostics;

/// <summary>Every instrument gives the counter it is named after, of the direction in its tag: all counters of the status differ.</summary>
public class ProxyMetricsTests
{
    private const int Receiver = 1_000;

    // Proxies of other tests of this run have meters of the same name, but not this number.
    private const int Node = 7_777;

    // Every instrument, and a direction in which nothing has happened but what it counts.
    private static readonly (string Instrument, Func<long, DirectionSnapshot> Create)[] Instruments =
    [
        ("dvs.proxy.frames", static value => new() { Frames = value }),
        ("dvs.proxy.commands", static value => new() { Commands = value }),
        ("dvs.proxy.raw.bytes", static value => new() { RawBytes = value }),
        ("dvs.proxy.wire.bytes", static value => new() { WireBytes = value }),
        ("dvs.proxy.frames.compressed", static value => new() { CompressedFrames = value }),
        ("dvs.proxy.command.errors", static value => new() { CommandErrors = value }),
        ("dvs.proxy.commands.lost", static value => new() { Lost = value }),
        ("dvs.proxy.commands.unknown", static value => new() { UnknownFate = value }),
        ("dvs.proxy.commands.repeated", static value => new() { PossiblyRepeated = value }),
        ("dvs.proxy.frames.retransmitted", static value => new() { Retransmitted = value }),
        ("dvs.proxy.frames.duplicate", static value => new() { Duplicates = value }),
        ("dvs.proxy.frames.gap", static value => new() { Gaps = value }),
        ("dvs.proxy.frames.damaged", static value => new() { DamagedFrames = value }),
        ("dvs.proxy.frames.given_up", static value => new() { FramesGivenUp = value }),
        ("dvs.proxy.commands.refused", static value => new() { CopiesAnswered = value }),
        ("dvs.proxy.resumes", static value => new() { Resumes = value }),
        ("dvs.proxy.connects", static value => new() { Connects = value }),
        ("dvs.proxy.faults", static value => new() { Faults = value }),
        ("dvs.proxy.commands.invalid", static value => new() { InvalidCommands = value }),
        ("dvs.proxy.binds.refused", static value => new() { RefusedBinds = value }),
        ("dvs.proxy.commands.answered", static value => new() { AnsweredErrors = value }),
        ("dvs.proxy.refused", static value => new() { Refused = value }),
        ("dvs.proxy.malformed", static value => new() { Malformed = value }),
    ];

    public static TheoryData<string> Names => [.. Instruments.Select(static instrument => instrument.Instrument)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_instrument_gives_its_own_counter_and_no_other_does(string name)
    {
        var create = Instruments.Single(instrument => instrument.Instrument == name).Create;
        using var metrics = new ProxyMetrics(Node, () => Status(Pair("node3", create(3), create(3 + Receiver)), Pair("node4", create(4), create(4 + Receiver))));

        var measured = Read();

        Assert.Equal(
            [(name, 3, Node, "node3", "send"), (name, 3 + Receiver, Node, "node3", "receive"), (name, 4, Node, "node4", "send"), (name, 4 + Receiver, Node, "node4", "receive")],
            measured.Where(static one => one.Value != 0));
    }

    [Fact]
    public void Disconnects_are_counted_by_their_cause()
    {
        var direction = new DirectionSnapshot { DisconnectsByCause = [new(ConnectionEndCause.Idle, 5), new(ConnectionEndCause.PeerReset, 6)] };
        using var metrics = new ProxyMetrics(Node, () => Status(Pair("node3", direction, new())));

        var measured = Read(withCause: true).Where(static one => one.Value != 0);

        Assert.Equal([("dvs.proxy.disconnects Idle", 5, Node, "node3", "send"), ("dvs.proxy.disconnects PeerReset", 6, Node, "node3", "send")], measured);
    }

    [Fact]
    public void Failures_of_the_log_are_the_nodes()
    {
        using var metrics = new ProxyMetrics(Node, static () => new() { NodeId = Node, StartedAt = DateTimeOffset.UnixEpoch, TakenAt = DateTimeOffset.UnixEpoch, Pairs = [], LogFailures = 9 });

        Assert.Equal([("dvs.proxy.log.failures", 9, Node, null, null)], Read().Where(static one => one.Value != 0));
    }

    [Theory]
    [InlineData(ProxyState.Created, ProxyState.Connected)]
    [InlineData(ProxyState.Connected, ProxyState.Waiting)]
    [InlineData(ProxyState.Connecting, ProxyState.Connected)]
    [InlineData(ProxyState.Connected, ProxyState.Stopped)]
    [InlineData(ProxyState.Faulted, ProxyState.Parked)]
    public void Connected_is_one_for_the_direction_that_is(ProxyState sender, ProxyState receiver)
    {
        using var metrics = new ProxyMetrics(Node, () => Status(Pair("node3", new() { State = sender }, new() { State = receiver })));

        var connected = Read().Where(static one => one.Name == "dvs.proxy.connected").ToArray();

        Assert.Equal(
            [
                ("dvs.proxy.connected", sender == ProxyState.Connected ? 1L : 0, Node, "node3", "send"),
                ("dvs.proxy.connected", receiver == ProxyState.Connected ? 1L : 0, Node, "node3", "receive"),
            ],
            connected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Compressing_is_one_for_the_sender_that_does(bool isCompressing)
    {
        using var metrics = new ProxyMetrics(Node, () => Status(Pair("node3", new() { IsCompressing = isCompressing }, new())));

        Assert.Equal(
            [("dvs.proxy.compressing", isCompressing ? 1L : 0, Node, "node3", "send"), ("dvs.proxy.compressing", 0, Node, "node3", "receive")],
            Read().Where(static one => one.Name == "dvs.proxy.compressing"));
    }

    [Fact]
    public void Every_instrument_is_among_those_that_are_checked_and_says_what_it_counts_in_what_unit()
    {
        var instruments = new List<Instrument>();
        using var metrics = new ProxyMetrics(Node, () => Status());
        using var listener = Listen(instruments.Add);
        listener.Start();

        Assert.Equal(
            Instruments.Select(static instrument => instrument.Instrument).Concat(["dvs.proxy.compressing", "dvs.proxy.connected", "dvs.proxy.disconnects", "dvs.proxy.log.failures"]).Order(),
            instruments.Select(static instrument => instrument.Name).Distinct().Order());
        Assert.All(instruments, static instrument => Assert.False(string.IsNullOrEmpty(instrument.Unit) || string.IsNullOrEmpty(instrument.Description), instrument.Name));
        Assert.Equal(Instruments.Length + 4, instruments.Select(static instrument => instrument.Description).Distinct().Count());
    }

    [Fact]
    public void Nothing_is_measured_after_the_end()
    {
        var asked = 0;
        using var metrics = new ProxyMetrics(Node, () =>
        {
            asked++;
            return Status(Pair("node3", new() { Frames = 1 }, new()));
        });
        using var listener = Listen(static _ => { });
        listener.Start();
        listener.RecordObservableInstruments();
        var before = asked;
        Assert.True(before > 0);

        metrics.Dispose();
        listener.RecordObservableInstruments();

        Assert.Equal(before, asked);
    }

    private static List<(string Name, long Value, int Node, object? Peer, object? Direction)> Read(bool withCause = false)
    {
        var measured = new List<(string, long, int, object?, object?)>();
        using var listener = Listen(static _ => { });
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => tag.Value);
            if (Node.Equals(all["dvs.node"]))
            {
                var cause = all.GetValueOrDefault("dvs.cause");
                var isOfNode = instrument.Name == "dvs.proxy.log.failures";
                Assert.Equal((isOfNode ? 1 : 3) + (cause is null ? 0 : 1), all.Count);
                Assert.Equal(withCause && instrument.Name == "dvs.proxy.disconnects", cause is not null);
                measured.Add((cause is null ? instrument.Name : $"{instrument.Name} {cause}", value, Node, all.GetValueOrDefault("dvs.peer"), all.GetValueOrDefault("dvs.direction")));
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    private static MeterListener Listen(Action<Instrument> published) => new()
    {
        InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ProxyMetrics.MeterName)
            {
                published(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        },
    };

    private static ProxyStatus Status(params PairStatus[] pairs) =>
        new() { NodeId = Node, StartedAt = DateTimeOffset.UnixEpoch, TakenAt = DateTimeOffset.UnixEpoch, Pairs = pairs };

    private static PairStatus Pair(string name, DirectionSnapshot sender, DirectionSnapshot receiver) =>
        new() { Name = name, NodeId = 3, ConnectsTo = "", ListensOn = "", Sender = sender, Receiver = receiver };
}
