using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tool.Campaign;
using Dvs.Proxy.Tool.Campaign.Nodes;

namespace Dvs.Proxy.EndToEnd.Campaign;

/// <summary>The demo's verdict on a proxy that is broken in one way.</summary>
public class CombinationResultTests
{
    private static readonly WorkloadPlan Alone = new(WorkloadKind.PingPong, Pairs: 1, Loops: 10);
    private static readonly WorkloadPlan Copies = new(WorkloadKind.ServerCopies, Pairs: 1, Loops: 1);
    private static readonly Combination Nothing = new(Compress: false, Batch: false, AutoBind: false);
    private static readonly DirectionSnapshot Sound = new() { State = ProxyState.Connected, Frames = 40, RawBytes = 5000, WireBytes = 5000 };

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    public void What_is_as_it_should_be_passes(bool compress, bool batch, bool autoBind)
    {
        var report = Judge(new Combination(compress, batch, autoBind), receiver: Sound with
        {
            RawBytes = compress ? 9000 : 5000,
            Batches = batch ? 3 : 0,
            AutoBinds = autoBind ? 1 : 0,
        });

        Assert.Empty(report.Failures);
        Assert.Equal((20, Copies.ExpectedBlocks, 0, 40), (report.Messages, report.Blocks, report.Errors, report.Frames));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_message_too_few_or_too_many_fails(long difference) =>
        AssertFails($"PingPong: {20 + difference} of 20 messages arrived as expected", Judge(client: Client with { Messages = 10 + difference }));

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_block_too_few_or_too_many_fails(long difference) => AssertFails(
        $"ServerCopies: {Copies.ExpectedBlocks + difference} of {Copies.ExpectedBlocks} blocks arrived with the right MD5",
        Judge(copies: Idle with { Blocks = Copies.ExpectedBlocks + difference }));

    [Fact]
    public void An_error_of_a_process_fails() =>
        AssertFails("PingPong: client0: EDVSNOTCONN", Judge(client: Client with { Errors = 1, ErrorTexts = ["client0: EDVSNOTCONN"] }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_counter_of_failures_of_either_direction_fails(bool isSender)
    {
        (DirectionSnapshot Broken, string Text)[] faults =
        [
            (Sound with { CommandErrors = 1 }, "1 command errors, 0 lost, 0 malformed, 0 disconnects"),
            (Sound with { Lost = 1 }, "0 command errors, 1 lost, 0 malformed, 0 disconnects"),
            (Sound with { Malformed = 1 }, "0 command errors, 0 lost, 1 malformed, 0 disconnects"),
            (Sound with { Disconnects = 1, LastError = "cut" }, "0 command errors, 0 lost, 0 malformed, 1 disconnects (cut)"),
        ];
        foreach (var (broken, text) in faults)
        {
            var report = isSender ? Judge(sender: broken) : Judge(receiver: broken);
            AssertFails($"node1, {(isSender ? "sender" : "receiver")}: {text}", report);
        }
    }

    [Theory]
    [InlineData(true, 5000)]
    [InlineData(true, 4000)]
    [InlineData(false, 5001)]
    [InlineData(false, 4999)]
    public void Bytes_that_do_not_fit_compress_fail(bool compress, long rawBytes) => AssertFails(
        compress ? "compress is on, but" : "compress is off, but raw and wire bytes differ",
        Judge(Nothing with { Compress = compress }, receiver: Sound with { RawBytes = rawBytes }));

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Frames_that_do_not_fit_batch_fail(bool batch, long batches) => AssertFails(
        $"batch is {(batch ? "on" : "off")}, but {batches} of 40 frames carried a batch", Judge(Nothing with { Batch = batch }, receiver: Sound with { Batches = batches }));

    [Theory]
    [InlineData(true, 0, 1)]
    [InlineData(true, 2, 1)]
    [InlineData(false, 1, 0)]
    public void Bindings_that_do_not_fit_autobind_fail(bool autoBind, long autoBinds, int expected) => AssertFails(
        $"autobind bound {autoBinds} processes, expected {expected}", Judge(Nothing with { AutoBind = autoBind }, receiver: Sound with { AutoBinds = autoBinds }));

    [Fact]
    public void A_campaign_passes_when_every_combination_was_run_and_none_has_a_failure()
    {
        List<CombinationReport> all = [.. Combination.All.Select(combination => Judge() with { Compress = combination.Compress, Batch = combination.Batch, AutoBind = combination.AutoBind })];
        Assert.True(Report(all).Passed);
        Assert.False(Report(all, "warm-up: broken").Passed);
        Assert.Equal(["only 7 of 8 combinations were run"], Report(all[..^1]).Failures);

        all[3] = all[3] with { Failures = ["broken"] };

        Assert.False(Report(all).Passed);
        Assert.Equal([$"{Combination.All[3]}: broken"], Report(all).Failures);
    }

    private static WorkloadResult Idle { get; } = new()
    {
        Messages = 0,
        Blocks = 0,
        BlockBytes = 0,
        Errors = 0,
        ErrorTexts = [],
        ElapsedSeconds = 1,
        CopySeconds = 1,
    };

    private static WorkloadResult Client { get; } = Idle with { Messages = 10, RoundTripMedian = 5, RoundTripP99 = 7 };

    private static void AssertFails(string failure, CombinationReport report) => Assert.StartsWith(failure, Assert.Single(report.Failures), StringComparison.Ordinal);

    private static CampaignReport Report(IReadOnlyList<CombinationReport> combinations, params string[] failures) =>
        CampaignReport.Create(combinations, failures, [], TimeSpan.FromSeconds(1));

    // Everything is sound but what the test names.
    private static CombinationReport Judge(
        Combination? combination = null, WorkloadResult? client = null, WorkloadResult? copies = null, DirectionSnapshot? sender = null, DirectionSnapshot? receiver = null)
    {
        var result = new CombinationResult(combination ?? Nothing);
        result.Add(Alone, Idle with { Messages = 10 }, client ?? Client);
        result.Add(Copies, copies ?? Idle with { Blocks = Copies.ExpectedBlocks }, Idle);
        var pair = new PairStatus
        {
            Name = "node1",
            NodeId = 1,
            ConnectsTo = "127.0.0.1:3000",
            ListensOn = "127.0.0.1:3001",
            Sender = sender ?? Sound,
            Receiver = receiver ?? Sound,
        };
        return result.Judge(
        [
            new NodeReport
            {
                NodeId = 0,
                ProcessId = 1,
                Proxy = new ProxyStatus { NodeId = 0, StartedAt = DateTimeOffset.UnixEpoch, TakenAt = DateTimeOffset.UnixEpoch, Pairs = [pair] },
                Views = new Dictionary<string, string>(),
            },
        ]);
    }
}
