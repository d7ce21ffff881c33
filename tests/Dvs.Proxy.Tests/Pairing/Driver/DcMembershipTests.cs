using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Tests.Pairing.Driver;

/// <summary>
/// DCs extend to a peer's node again after a start, whatever the driver kept of it: nothing, as after an orderly stop; the node and its
/// DCs, as after a kill; or the node's processes alone.
/// </summary>
public class DcMembershipTests
{
    private const ulong Local = 1;
    private const ulong Peer = 2;

    [Theory]
    [InlineData(Local | Peer, false)]
    [InlineData(Local, true)]
    public async Task A_dc_that_extended_to_the_node_or_has_processes_of_it_extends_to_it_again(ulong nodes, bool hasProcesses)
    {
        using var device = new NodeDevice { Dcs = { [0] = Running(0, nodes), [3] = Running(3, Local) } };
        if (hasProcesses)
        {
            device.Processes[(0, 40)] = new ProcessInfo { Status = ProcessStatus.Remote, NodeId = 1 };
        }

        await StartAndStopAsync(device, atNodeUp: static device => device.Dcs[0] = Running(0, Local));

        Assert.Equal(["add 0 1"], device.Added);
    }

    [Fact]
    public async Task A_dc_that_still_extends_to_the_node_is_left_alone()
    {
        using var device = new NodeDevice { Dcs = { [0] = Running(0, Local | Peer) } };

        await StartAndStopAsync(device);

        Assert.Empty(device.Added);
    }

    [Fact]
    public async Task A_node_that_was_free_and_has_no_processes_is_added_to_no_dc()
    {
        using var device = new NodeDevice { Dcs = { [0] = Running(0, Local) } };
        device.Processes[(0, 40)] = new ProcessInfo { Status = ProcessStatus.Remote, NodeId = 2 };
        device.Processes[(0, 41)] = new ProcessInfo { Status = ProcessStatus.SlotFree | ProcessStatus.Remote, NodeId = 1 };
        device.Processes[(0, 42)] = new ProcessInfo { Status = ProcessStatus.Runnable, NodeId = 1 };

        await StartAndStopAsync(device);

        Assert.Empty(device.Added);
    }

    [Fact]
    public async Task A_dc_that_does_not_run_is_added_to_nothing_though_it_still_shows_the_node()
    {
        using var device = new NodeDevice { Dcs = { [0] = Running(0, Local | Peer) with { Flags = DcFlags.Free } } };

        await StartAndStopAsync(device, dcs: [0]);

        Assert.Empty(device.Added);
    }

    [Fact]
    public async Task Configured_dcs_get_the_node_at_the_start_and_whenever_they_run_without_it()
    {
        using var device = new NodeDevice { Dcs = { [0] = Running(0, Local) } };
        await using var node = new Node(device, dcs: [0, 2]);
        await node.Proxy.StartAsync(CancellationToken.None);
        Assert.Equal(["add 0 1"], device.Added);

        device.Dcs[2] = Running(2, Local);
        Eventually.True(() => device.Added.SequenceEqual(["add 0 1", "add 2 1"]), "a DC that was started later gets it", () => node.Log.All);
        device.Dcs[0] = Running(0, Local);

        Eventually.True(() => device.Added.SequenceEqual(["add 0 1", "add 2 1", "add 0 1"]), "one that lost it gets it back", () => node.Log.All);
        Eventually.True(() => node.Log.EventIds.Count(static id => id == 114) >= 3, "each is logged, after the call", () => node.Log.All);
        Assert.Equal(3, node.Log.EventIds.Count(static id => id == 114));
    }

    [Fact]
    public async Task A_driver_that_refuses_is_asked_again_and_the_refusal_logged_once()
    {
        using var device = new NodeDevice { Dcs = { [0] = Running(0, Local) }, OnAdd = static () => DvkError.ResourceBusy };
        await using var node = new Node(device, dcs: [0]);
        await node.Proxy.StartAsync(CancellationToken.None);

        Eventually.True(() => device.Added.Count >= 3, "it is asked again");
        Assert.Single(node.Log.EventIds, static id => id == 115);
        device.OnAdd = static () => DvkError.Ok;
        Eventually.True(() => node.Log.EventIds.Contains(114), "it is added in the end", () => node.Log.All);
    }

    [Fact]
    public async Task An_operator_who_was_quicker_is_no_trouble()
    {
        using var device = new NodeDevice { Dcs = { [0] = Running(0, Local) }, OnAdd = static () => DvkError.NodeInDc };

        var log = await StartAndStopAsync(device, dcs: [0]);

        Assert.DoesNotContain(log.EventIds, static id => id is 114 or 115);
    }

    [Fact]
    public async Task A_device_without_administration_calls_leaves_it_to_the_operator_and_says_so()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: static peer => peer.Dcs.Add(0));
        await node.StartAsync();

        Assert.Contains(116, node.Log.EventIds);
    }

    [Fact]
    public async Task After_a_restart_of_the_proxy_processes_talk_without_an_operator()
    {
        await using var mesh = await EmulatedMesh.StartAsync(2, static peer => peer.Dcs.Add(0));
        await mesh.Proxies[0].StopAsync(CancellationToken.None);
        using var again = new MultiNodeProxy(mesh.Devices[0], Options.Create(mesh.Options[0]), loggerFactory: mesh.Log);
        await again.StartAsync(CancellationToken.None);
        Eventually.True(
            () => again.GetStatus().Pairs[0].IsConnected && mesh.Proxies[1].GetStatus().Pairs[0].IsConnected, "both are connected again", () => mesh.Log.All);
        Assert.Equal(Local | Peer, mesh.Devices[0].GetDcInfo(0).Nodes);
        _ = mesh.Devices[0].TryBind(BindRequest.Remote(0, 6, 1, "client"), out _);
        _ = mesh.Devices[1].TryBind(BindRequest.Remote(0, 5, 0, "server"), out _);
        var server = DvkProcess.Start(mesh.Devices[0], 0, 5, "server", static process =>
        {
            var request = process.ReceiveRequest(TimeSpan.FromSeconds(30));
            process.Reply(request.Source, in request, TimeSpan.FromSeconds(30));
        });
        var client = DvkProcess.Start(mesh.Devices[1], 0, 6, "client", static process =>
        {
            var request = new Message { Type = 1 };
            process.SendReceive(5, ref request, TimeSpan.FromSeconds(30));
        });

        client.Join();
        server.Join();
        await again.StopAsync(CancellationToken.None);
    }

    private static DcInfo Running(int dcId, ulong nodes) => new() { DcId = dcId, Nodes = nodes };

    private static async Task<CapturingLoggerFactory> StartAndStopAsync(NodeDevice device, Action<NodeDevice>? atNodeUp = null, int[]? dcs = null)
    {
        device.AtNodeUp = atNodeUp;
        await using var node = new Node(device, dcs ?? []);
        await node.Proxy.StartAsync(CancellationToken.None);
        return node.Log;
    }

    private sealed class Node : IAsyncDisposable
    {
        public Node(NodeDevice device, int[] dcs)
        {
            var peer = new PeerOptions { Name = "node1", Host = "127.0.0.1", ProxyId = 1, ConnectPort = 9, ListenPort = 0, ListenHost = LoopbackPort.NewAddress(), Dcs = [.. dcs] };
            Proxy = new MultiNodeProxy(device, Options.Create(new ProxyOptions { Peers = { peer } }), loggerFactory: Log);
        }

        public MultiNodeProxy Proxy { get; }

        public CapturingLoggerFactory Log { get; } = new();

        public async ValueTask DisposeAsync()
        {
            await Proxy.StopAsync(CancellationToken.None);
            Proxy.Dispose();
        }
    }
}
