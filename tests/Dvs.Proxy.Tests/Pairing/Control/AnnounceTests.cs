using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Emulation.Clusters;
using Dvs.Proxy.Pairing;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Tests.Pairing.Control;

/// <summary>One call makes a process known on all other nodes of its DC.</summary>
public class AnnounceTests
{
    [Fact]
    public async Task All_other_nodes_know_an_announced_process()
    {
        await using var cluster = await EmulatedCluster.StartAsync(4);
        await using var server = Start(cluster[2], "server");

        await cluster[2].Proxy.AnnounceAsync(server);

        foreach (var node in cluster.Nodes)
        {
            Assert.Equal((5, 2), (node.Device.FindProcess(0, "server")?.Endpoint, node.Device.FindProcess(0, "server")?.NodeId));
        }
    }

    [Fact]
    public async Task Announcing_again_changes_nothing_and_another_name_is_another_process()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        await using var server = Start(cluster[1], "server");
        await cluster[1].Proxy.AnnounceAsync(server);

        await cluster[1].Proxy.AnnounceAsync(server);
        Assert.Equal(5, cluster[0].Device.FindProcess(0, "server")?.Endpoint);

        await cluster[1].Proxy.AnnounceAsync(0, 5, "successor");
        Assert.Null(cluster[0].Device.FindProcess(0, "server"));
        Assert.Equal(5, cluster[0].Device.FindProcess(0, "successor")?.Endpoint);
    }

    [Fact]
    public async Task A_node_that_has_the_endpoint_taken_is_named_and_the_others_know_the_process()
    {
        await using var cluster = await EmulatedCluster.StartAsync(3);
        await using var server = Start(cluster[0], "server");
        await using var obstacle = Start(cluster[2], "obstacle");

        var refusal = await Assert.ThrowsAsync<DvkException>(() => cluster[0].Proxy.AnnounceAsync(server));

        Assert.Equal(DvkError.SlotUsed, refusal.Error);
        Assert.Equal("make process 'server' (endpoint 5 of DC 0) known on node 2", refusal.Attempted);
        Assert.Contains("Node 2 (node2) answered -3", refusal.Advice, StringComparison.Ordinal);
        Assert.Contains("Another process holds this endpoint", refusal.Advice, StringComparison.Ordinal);
        Assert.Equal(0, cluster[1].Device.FindProcess(0, "server")?.NodeId);
        Assert.Equal(2, cluster[2].Device.FindProcess(0, "obstacle")?.NodeId);
    }

    [Fact]
    public async Task A_process_of_a_third_node_at_the_endpoint_stays()
    {
        await using var cluster = await EmulatedCluster.StartAsync(3);
        await using var first = Start(cluster[0], "first");
        await cluster[0].Proxy.AnnounceAsync(first);

        var refusal = await Assert.ThrowsAsync<DvkException>(() => cluster[1].Proxy.AnnounceAsync(0, 5, "second"));

        Assert.Equal(DvkError.SlotUsed, refusal.Error);
        Assert.Equal(0, cluster[2].Device.FindProcess(0, "first")?.NodeId);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_is_named()
    {
        await using var cluster = await EmulatedCluster.StartAsync(3);
        await using var server = Start(cluster[0], "server");
        await cluster[2].StopProxyAsync();

        var refusal = await Assert.ThrowsAsync<DvkException>(
            () => cluster[0].Proxy.AnnounceAsync(0, 5, "server", TimeSpan.FromMilliseconds(300)));

        Assert.Equal(DvkError.TimedOut, refusal.Error);
        Assert.Contains("Node 2 (node2) did not answer in time", refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Giving_up_is_cancellation()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        await cluster[1].StopProxyAsync();
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => cluster[0].Proxy.AnnounceAsync(0, 5, "server", cancellationToken: giveUp.Token));
    }

    [Fact]
    public async Task A_DC_that_extends_to_nobody_and_a_proxy_that_does_not_run_are_named()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster[0].Device.StartDc(new DcInfo { DcId = 4, Name = "here only" });

        var refusal = await Assert.ThrowsAsync<DvkException>(() => cluster[0].Proxy.AnnounceAsync(4, 5, "server"));
        Assert.Equal(DvkError.NodeNotInDc, refusal.Error);
        Assert.Contains("Let DC 4 extend to the node first", refusal.Advice, StringComparison.Ordinal);

        using var device = EmulatedDvk.StartNode(0);
        await using var idle = new MultiNodeProxy(device, Options.Create(new ProxyOptions()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => idle.AnnounceAsync(0, 5, "server"));
    }

    [Fact]
    public async Task More_than_a_peer_takes_at_once_are_announced_all_the_same()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);

        // A burst of 256 is carried out at once, then 50 a second; names tell them apart, the endpoint is the same.
        for (var number = 0; number < 270; number++)
        {
            await cluster[1].Proxy.AnnounceAsync(0, 5, $"process{number}", TimeSpan.FromMinutes(1));
        }

        Assert.Equal(5, cluster[0].Device.FindProcess(0, "process269")?.Endpoint);
    }

    private static DvkProcessHandle Start(EmulatedNode node, string name) => DvkProcess.Start(node.Device, 0, 5, name, static self => self.Receive());
}
