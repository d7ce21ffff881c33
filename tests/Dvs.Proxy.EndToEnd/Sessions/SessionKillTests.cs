using System.Globalization;
using System.Text.RegularExpressions;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>
/// The receiving process dies without a last word and is started again. The sender cannot know all, but what it says has to add up:
/// of the commands handed out, the first process acknowledged so many, the fate of so many is unknown, and the second got the rest.
/// </summary>
public partial class SessionKillTests(ITestOutputHelper output)
{
    private const int PeerRestarted = 209;
    private const int HeaderSize = 168;

    // Enough for the window to have been full many times.
    private const int Load = 20_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kill_minus_9_under_load_is_accounted_for_exactly_and_traffic_resumes(bool batch)
    {
        await using var load = new SessionLoad(new SessionSettings(Batch: batch), relayed: false);
        await using var first = await load.StartSinkAsync();
        await using var second = await KillAndRestartAsync(load, first);

        var (handedOut, unknown) = (load.Generator.HandedOut, load.Sender.UnknownFate);
        var acknowledged = handedOut - unknown - second.Record.Delivered;
        var lost = handedOut - first.Record.Delivered - second.Record.Delivered;
        output.WriteLine($"{handedOut} handed out, {acknowledged} acknowledged by the first, {unknown} of unknown fate ({unknown - lost} of them delivered, {lost} lost); second: {second.Record}");
        AssertGapless(load, first, second);
        Assert.Equal(acknowledged + unknown + 1, second.Record.First);
        Assert.InRange(first.Record.Last, acknowledged, acknowledged + unknown);
        Assert.InRange(lost, 0, unknown);
        Assert.True(unknown > 0);
        Assert.True(BytesOf(acknowledged + 1, unknown) <= load.WindowBytes, $"{BytesOf(acknowledged + 1, unknown)} bytes from {acknowledged + 1} on");
        Assert.Equal((0, 0), (load.Sender.PossiblyRepeated, load.Sender.Lost));
        AssertLogged(load, $"Of unknown fate, and dropped: {unknown} command");
    }

    [Fact]
    public async Task Kill_minus_9_with_at_least_once_leaves_no_command_out()
    {
        await using var load = new SessionLoad(new SessionSettings(Batch: true, AtLeastOnce: true), relayed: false);
        await using var first = await load.StartSinkAsync();
        await using var second = await KillAndRestartAsync(load, first);

        var (handedOut, repeated) = (load.Generator.HandedOut, load.Sender.PossiblyRepeated);
        var acknowledged = second.Record.First - 1;
        output.WriteLine($"{handedOut} handed out, {acknowledged} acknowledged by the first, {repeated} sent again, {first.Record.Last - acknowledged} of them delivered twice; second: {second.Record}");
        AssertGapless(load, first, second);
        Assert.True(repeated > 0);
        Assert.InRange(first.Record.Last, acknowledged, acknowledged + repeated);
        Assert.True(BytesOf(acknowledged + 1, repeated) <= load.WindowBytes, $"{BytesOf(acknowledged + 1, repeated)} bytes from {acknowledged + 1} on");
        Assert.Equal((0, 0), (load.Sender.UnknownFate, load.Sender.Lost));
        AssertLogged(load, $"Of unknown fate, and dropped: 0 commands; sent again, and may arrive twice: {repeated} command");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_sink_that_kills_itself_in_the_middle_of_deliveries_again_and_again_is_accounted_for_exactly(bool batch, bool md5)
    {
        const int Deaths = 5;
        await using var load = new SessionLoad(new SessionSettings(Batch: batch, Compress: md5, FrameDigest: md5 ? FrameDigestKind.Md5 : FrameDigestKind.Xxh128), relayed: false);
        var sinks = new List<SinkProcess>();
        try
        {
            var (unknownBefore, unknown) = (0L, new List<long>());
            for (var death = 0; death <= Deaths; death++)
            {
                var killAt = death < Deaths ? 1 + Random.Shared.Next(Load) : 0;
                output.WriteLine($"sink {death} kills itself at {killAt}");
                sinks.Add(await load.StartSinkAsync(killAt));
                if (death == 0)
                {
                    await load.StartAsync();
                }

                // What became of the one before is settled when the next is given its first.
                await sinks[^1].UntilAsync(static record => record.Total > 0, "traffic resumes", load.Describe);
                var now = load.Sender.UnknownFate;
                unknown.Add(now - unknownBefore);
                unknownBefore = now;
                if (death < Deaths)
                {
                    await sinks[^1].UntilDeadAsync();
                }
            }

            await sinks[^1].UntilGivenMoreAsync(Load, load.Describe);
            await load.FinishAsync(sinks[^1]);
            AssertAccounts(load, sinks, unknown, isCompressed: md5);
        }
        finally
        {
            foreach (var sink in sinks)
            {
                await sink.DisposeAsync();
            }
        }
    }

    // Of the commands between the last one acknowledged and the first of the next sink the fate was unknown, exactly: what the dead one was
    // given ends among them, and what is missing is of them.
    private void AssertAccounts(SessionLoad load, List<SinkProcess> sinks, List<long> unknown, bool isCompressed)
    {
        var (next, lost) = (1L, 0L);
        for (var index = 0; index < sinks.Count; index++)
        {
            var record = sinks[index].Record;
            output.WriteLine($"{index}: {record}; before it {unknown[index]} of unknown fate");
            Assert.Equal((0, 0, 0), (record.Repeated, record.Skipped, record.Damaged));
            Assert.InRange(record.First - next, 0, unknown[index]);
            Assert.True(isCompressed || BytesOf(record.First - unknown[index], unknown[index]) <= load.WindowBytes, load.Describe());
            (lost, next) = (lost + record.First - next, record.Last + 1);
        }

        Assert.Equal(load.Generator.HandedOut, next - 1);
        var (given, fate) = (sinks.Sum(static sink => sink.Record.Delivered), load.Sender.UnknownFate);
        output.WriteLine($"{load.Generator.HandedOut} handed out, {given} given, {fate} of unknown fate, {lost} of them lost");
        Assert.Equal(load.Generator.HandedOut, given + lost);
        Assert.InRange(lost, 0, fate);
        Assert.True(fate > 0);
        Assert.Equal((0, 0), (load.Sender.PossiblyRepeated, load.Sender.Lost));
        Assert.Equal(fate, load.Log.Messages.Sum(static message => FateOf().Match(message) is { Success: true } match ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0));
        Assert.Equal(sinks.Count - 1, load.Log.EventIds.Count(static id => id == PeerRestarted));
    }

    [GeneratedRegex("Of unknown fate, and dropped: ([0-9]+) command")]
    private static partial Regex FateOf();

    private static async Task<SinkProcess> KillAndRestartAsync(SessionLoad load, SinkProcess first)
    {
        await load.StartAsync();
        await first.UntilGivenMoreAsync(Load, load.Describe);
        await first.KillAsync();
        var second = await load.StartSinkAsync();
        await second.UntilGivenMoreAsync(Load, load.Describe);
        await load.FinishAsync(second);
        return second;
    }

    // Each process by itself was given every number from its first to its last, once and in order, and the second the last of all.
    private static void AssertGapless(SessionLoad load, SinkProcess first, SinkProcess second)
    {
        Assert.Equal(1, first.Record.First);
        Assert.Equal((0, 0, 0), (first.Record.Repeated, first.Record.Skipped, first.Record.Damaged));
        Assert.Equal((0, 0, 0), (second.Record.Repeated, second.Record.Skipped, second.Record.Damaged));
        Assert.Equal(load.Generator.HandedOut, second.Record.Last);
        Assert.Equal(second.Record.Delivered, second.Record.Total);
    }

    private static void AssertLogged(SessionLoad load, string text)
    {
        Assert.Single(load.Log.EventIds, PeerRestarted);
        Assert.True(load.Log.Contains(text), load.Describe());
    }

    // As they are kept, without compression and digest: a batched command is a header as well.
    private static long BytesOf(long first, long count)
    {
        long bytes = 0;
        for (var number = first; number < first + count; number++)
        {
            bytes += HeaderSize + NumberedCommand.LengthOf(number);
        }

        return bytes;
    }
}
