using Xunit.Abstractions;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>
/// The receiving process dies without a last word and is started again. The sender cannot know all, but what it says has to add up:
/// of the commands handed out, the first process acknowledged so many, the fate of so many is unknown, and the second got the rest.
/// </summary>
public class SessionKillTests(ITestOutputHelper output)
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
        AssertLogged(load, $"The fate of {unknown} commands is unknown, they were dropped; 0 are sent again");
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
        AssertLogged(load, $"The fate of 0 commands is unknown, they were dropped; {repeated} are sent again");
    }

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
