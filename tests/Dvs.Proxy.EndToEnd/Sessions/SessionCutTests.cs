using System.Diagnostics;
using System.Globalization;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>Two processes, and a cable between them that does not hold.</summary>
public class SessionCutTests(ITestOutputHelper output)
{
    // DVS_CUT_SECONDS: how long the connections are cut; DVS_CUT_SEED: repeats a run's cuts.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(ReadNumber("DVS_CUT_SECONDS") ?? 8);

    [Theory]
    [InlineData(false, false, false, DataModel.Lp64)]
    [InlineData(true, true, false, DataModel.Lp64)]
    [InlineData(true, true, true, DataModel.Lp64)]
    [InlineData(false, true, false, DataModel.Ilp32)]
    public async Task Cut_every_50_to_500_ms_under_full_load_nothing_is_lost_repeated_or_reordered(bool compress, bool batch, bool md5, DataModel abi)
    {
        var seed = ReadNumber("DVS_CUT_SEED") ?? Random.Shared.Next();
        output.WriteLine($"DVS_CUT_SEED={seed}");
        await using var load = new SessionLoad(new SessionSettings(compress, batch, md5 ? FrameDigestKind.Md5 : FrameDigestKind.Xxh128, DataModel: abi), relayed: true);
        await using var sink = await load.StartSinkAsync();
        await load.StartAsync();
        await sink.UntilGivenMoreAsync(1_000, load.Describe);

        var undisturbed = await MeasureAsync(sink, () => Task.Delay(Duration / 4));
        var cut = await MeasureAsync(sink, () => load.CutAsync(new Random(seed), Duration));
        await load.FinishAsync(sink);

        var sender = load.Sender;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"undisturbed {undisturbed:N0} commands/s, cut {cut:N0} commands/s ({cut / undisturbed:P0}); {load.Cuts} connections cut, {sender.Resumes} resumes, {sender.Retransmitted} frames sent again; {load.Generator.HandedOut} commands"));
        var message = $"seed {seed}\n{sink.Record}\n{load.Describe()}";
        Assert.True(load.Generator.HandedOut == sink.Record.Total, message);
        Assert.True((sink.Record.First, sink.Record.Last) == (1, load.Generator.HandedOut), message);
        Assert.True((sink.Record.Repeated, sink.Record.Reordered, sink.Record.Skipped, sink.Record.Damaged) == (0, 0, 0, 0), message);
        Assert.True((sender.UnknownFate, sender.PossiblyRepeated, sender.Lost) == (0, 0, 0), message);
        Assert.True(sender.Commands == load.Generator.HandedOut, message);
        Assert.True(load.Cuts > 0 && sender.Resumes > 0 && sender.Retransmitted > 0, message);
    }

    private static async Task<double> MeasureAsync(SinkProcess sink, Func<Task> run)
    {
        var (before, started) = (sink.Record.Total, Stopwatch.GetTimestamp());
        await run();
        return (sink.Record.Total - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static int? ReadNumber(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
