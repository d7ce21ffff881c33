using System.Text.RegularExpressions;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tool.Campaign;
using Dvs.Proxy.Tool.Campaign.Nodes;
using Dvs.Proxy.Tool.Commands;

namespace Dvs.Proxy.EndToEnd.Commands;

/// <summary>One of two processes is killed and started again. Driven through the demo's own node processes.</summary>
public class ReconnectTests
{
    // The servers' node is the one that dies.
    private const int ServerNode = 1;

    private const string Attached = "2";
    private const string AttachedAndConnected = "E";

    private static readonly WorkloadPlan Messages = new(WorkloadKind.PingPong, Pairs: 4, Loops: 50, StepTimeoutMilliseconds: 30_000);
    private static readonly WorkloadPlan Blocks = new(WorkloadKind.ServerCopies, Pairs: 1, Loops: 1, StepTimeoutMilliseconds: 30_000);
    private static readonly WorkloadPlan Endless = new(WorkloadKind.PingPong, Pairs: 4, Loops: int.MaxValue, StepTimeoutMilliseconds: 30_000);

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, true, true)]
    public async Task After_a_kill_the_other_node_counts_what_failed_reconnects_by_itself_and_traffic_goes_on(bool compress, bool batch, bool autoBind)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await using var nodes = TwoNodes.StartProcesses(DeviceFactory.Emulated, verbose: false, log: null);
        await nodes.ConnectAsync(new Combination(compress, batch, autoBind), limit.Token);
        await AssertRunsAsync(nodes, Messages, limit.Token);
        Assert.Equal(AttachedAndConnected, FlagsOfNode1(await ReportAsync(nodes, limit.Token)));

        var failed = await KillUnderLoadAsync(nodes, limit.Token);
        Assert.True(failed.Errors > 0);
        Assert.Contains(failed.ErrorTexts, static text => text.Contains("EDVSNOTCONN", StringComparison.Ordinal));
        var down = await UntilAsync(nodes, static report => !PairOf(report).IsConnected && FlagsOfNode1(report) == Attached, limit.Token);
        Assert.Equal(1, PairOf(down).Sender.Disconnects);
        Assert.Equal(1, PairOf(down).Receiver.Disconnects);

        await RestartAsync(nodes, limit.Token);
        var up = await ReportAsync(nodes, limit.Token);
        Assert.Equal(AttachedAndConnected, FlagsOfNode1(up));
        Assert.Equal(2, PairOf(up).Sender.Connects);
        Assert.Equal(2, PairOf(up).Receiver.Connects);
        await AssertRunsAsync(nodes, Messages, limit.Token);
        await AssertRunsAsync(nodes, Blocks, limit.Token);
        var end = PairOf(await ReportAsync(nodes, limit.Token));
        Assert.True(end.IsConnected);
        Assert.Equal(1, end.Sender.Disconnects);
    }

    // Clients on node 0, servers on node 1, which is killed once messages flow.
    private static async Task<WorkloadResult> KillUnderLoadAsync(TwoNodes nodes, CancellationToken cancellation)
    {
        var before = PairOf(await ReportAsync(nodes, cancellation)).Receiver.Commands;
        await nodes.PrepareAsync(Endless, cancellation, ServerNode);
        await nodes.ReleaseAsync(cancellation);
        await UntilAsync(nodes, report => PairOf(report).Receiver.Commands > before + 100, cancellation);
        await nodes[ServerNode].KillAsync();
        return await nodes[1 - ServerNode].AskAsync<WorkloadResult>(new JoinWorkload(), cancellation);
    }

    private static async Task RestartAsync(TwoNodes nodes, CancellationToken cancellation)
    {
        await nodes.ReplaceProcessAsync(ServerNode);
        await Limits.UntilAsync(
            async () =>
            {
                try
                {
                    await nodes.StartNodeAsync(ServerNode, cancellation);
                    return "started";
                }
                catch (NodeFailedException failure) when (failure.IsPortTaken)
                {
                    return failure.Message;
                }
            },
            static outcome => outcome == "started",
            "node 1 gets its old port again");
        await nodes.WaitConnectedAsync(cancellation);
    }

    private static async Task AssertRunsAsync(TwoNodes nodes, WorkloadPlan plan, CancellationToken cancellation)
    {
        var (server, client) = await nodes.RunAsync(plan, cancellation, ServerNode);
        Assert.Equal([], server.ErrorTexts.Concat(client.ErrorTexts));
        Assert.Equal(plan.ExpectedMessages, server.Messages + client.Messages);
        Assert.Equal(plan.ExpectedBlocks, server.Blocks + client.Blocks);
    }

    private static Task<NodeReport> ReportAsync(TwoNodes nodes, CancellationToken cancellation) =>
        nodes[1 - ServerNode].AskAsync<NodeReport>(new ReadReport(), cancellation);

    private static Task<NodeReport> UntilAsync(TwoNodes nodes, Func<NodeReport, bool> isWished, CancellationToken cancellation) =>
        Limits.UntilAsync(() => ReportAsync(nodes, cancellation), isWished, "the wished state of node 0");

    private static PairStatus PairOf(NodeReport report) => Assert.Single(report.Proxy.Pairs);

    private static string FlagsOfNode1(NodeReport report)
    {
        var line = Regex.Match(report.Views["nodes"], @"^ *1 +(?<flags>\w+) ", RegexOptions.Multiline);
        Assert.True(line.Success, report.Views["nodes"]);
        return line.Groups["flags"].Value;
    }
}
