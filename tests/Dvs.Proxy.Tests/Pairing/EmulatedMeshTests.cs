using System.Security.Cryptography;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>The whole path: process → driver → sender → TCP → receiver → driver → process, between emulated nodes in one process.</summary>
public class EmulatedMeshTests
{
    [Fact]
    public async Task Every_pair_of_a_mesh_of_eight_nodes_exchanges_messages()
    {
        const int Nodes = 8;
        const int Rounds = 5;
        await using var mesh = await EmulatedMesh.StartAsync(Nodes);
        for (var node = 0; node < Nodes; node++)
        {
            mesh.BindRemotely(0, Server(node), node, $"server{node}");
            mesh.BindRemotely(0, Client(node), node, $"client{node}");
        }

        var served = new int[Nodes];
        var servers = Enumerable.Range(0, Nodes).Select(node => DvkProcess.Start(mesh.Devices[node], 0, Server(node), $"server{node}", process =>
        {
            for (; served[node] < (Nodes - 1) * Rounds; served[node]++)
            {
                var request = process.ReceiveRequest(TimeSpan.FromSeconds(30));
                var body = MessageM1.Read(in request, DataModel.Lp64);
                new MessageM1(body.I1, body.I2, node, 0, 0, 0).Write(ref request, DataModel.Lp64);
                process.Reply(request.Source, in request, TimeSpan.FromSeconds(30));
            }
        })).ToList();
        var clients = Enumerable.Range(0, Nodes).Select(node => DvkProcess.Start(mesh.Devices[node], 0, Client(node), $"client{node}", process =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                for (var peer = 0; peer < Nodes; peer++)
                {
                    if (peer != node)
                    {
                        var message = new Message { Type = 1 };
                        new MessageM1(node, round, 0, 0, 0, 0).Write(ref message, DataModel.Lp64);
                        process.SendReceive(Server(peer), ref message, TimeSpan.FromSeconds(30));
                        Assert.Equal((node, round, peer), (MessageM1.Read(in message, DataModel.Lp64).I1, MessageM1.Read(in message, DataModel.Lp64).I2, MessageM1.Read(in message, DataModel.Lp64).I3));
                    }
                }
            }
        })).ToList();

        clients.ForEach(static client => client.Join());
        servers.ForEach(static server => server.Join());
        Assert.All(served, static count => Assert.Equal((Nodes - 1) * Rounds, count));
        foreach (var proxy in mesh.Proxies)
        {
            Assert.All(proxy.GetStatus().Pairs, static pair => Assert.True(pair is { Sender: { Lost: 0, Commands: > 0 }, Receiver: { CommandErrors: 0, Commands: > 0 } }, pair.ToString()));
        }
    }

    [Fact]
    public async Task Thirty_two_nodes_start_connect_and_stop_cleanly()
    {
        const int Nodes = 32;
        var mesh = await EmulatedMesh.StartAsync(Nodes);
        Assert.All(mesh.Proxies, static proxy => Assert.Equal(31, proxy.GetStatus().Pairs.Count(static pair => pair.IsConnected)));

        await mesh.StopAsync().WaitAsync(TimeSpan.FromMinutes(2));

        foreach (var proxy in mesh.Proxies)
        {
            Assert.All(proxy.GetStatus().Pairs, static pair => Assert.Equal((ProxyState.Stopped, ProxyState.Stopped), (pair.Sender.State, pair.Receiver.State)));
        }

        foreach (var device in mesh.Devices)
        {
            for (var peer = 0; peer < Nodes; peer++)
            {
                Assert.Equal(DvkError.ProxyFree, Assert.Throws<DvkException>(() => device.GetProxyInfo(peer)).Error);
            }
        }

        Assert.DoesNotContain(102, mesh.Log.EventIds);
        await mesh.DisposeAsync();
    }

    public static TheoryData<bool, bool, bool> Options
    {
        get
        {
            var data = new TheoryData<bool, bool, bool>();
            for (var bits = 0; bits < 8; bits++)
            {
                data.Add((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Blocks_are_copied_in_both_directions_under_every_option(bool compress, bool batch, bool autoBind)
    {
        await using var mesh = await EmulatedMesh.StartAsync(2, peer => (peer.Compress, peer.Batch, peer.AutoBind) = (compress ? PayloadCompression.On : PayloadCompression.Off, batch, autoBind));
        const int Owner = 5;
        var client = autoBind ? 40 : 10;
        DvkException.ThrowIfFailed(mesh.Devices[1].TryBind(BindRequest.Remote(0, Owner, 0, "owner"), out _), "bind the owner on node 1");
        if (!autoBind)
        {
            DvkException.ThrowIfFailed(mesh.Devices[0].TryBind(BindRequest.Remote(0, client, 1, "client"), out _), "bind the client on node 0");
        }

        var owner = DvkProcess.Start(mesh.Devices[0], 0, Owner, "owner", static process => ServeCopies(process));
        var copier = DvkProcess.Start(mesh.Devices[1], 0, client, "client", static process => AskForCopies(process));

        copier.Join();
        owner.Join();
        Assert.Equal(autoBind ? 1 : 0, mesh.Proxies[0].GetStatus().Pairs[0].Receiver.AutoBinds);
    }

    [Fact]
    public async Task Views_of_the_drivers_show_the_pairs_and_their_state()
    {
        // Shorter than what the test waits: until it is over, the driver is not told.
        await using var mesh = await EmulatedMesh.StartAsync(3, static peer => peer.ResumeWindow = TimeSpan.FromMilliseconds(200));
        var nodes = mesh.Devices[0].ReadView("nodes").Split('\n');
        Assert.Contains(nodes, static line => line.TrimStart().StartsWith("1 ", StringComparison.Ordinal) && line.Contains("node1", StringComparison.Ordinal));

        await mesh.Proxies[1].StopAsync(CancellationToken.None);

        Eventually.True(
            () => (mesh.Devices[0].GetNodeInfo(1).Flags & (NodeFlags.SenderConnected | NodeFlags.ReceiverConnected)) == 0, "the driver of node 0 sees node 1 go", () => mesh.Devices[0].ReadView("nodes"));
        Assert.Equal(NodeFlags.Attached | NodeFlags.SenderConnected | NodeFlags.ReceiverConnected, mesh.Devices[0].GetNodeInfo(2).Flags);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operator_can_unbind_a_pair_whether_its_peer_is_there_or_not(bool isPeerThere)
    {
        await using var mesh = await EmulatedMesh.StartAsync(3);
        if (!isPeerThere)
        {
            await mesh.Proxies[1].StopAsync(CancellationToken.None);
        }

        // Returns when the receiver thread is gone.
        await Task.Run(() => mesh.Devices[0].UnbindProxies(1)).WaitAsync(Eventually.Limit);

        Eventually.True(
            () => mesh.Proxies[0].GetStatus().Pairs.Single(static pair => pair.NodeId == 1) is { Sender.State: ProxyState.Stopped, Receiver.State: ProxyState.Stopped }, "both threads ended", () => mesh.Log.All);
        Assert.True(mesh.Proxies[0].GetStatus().Pairs.Single(static pair => pair.NodeId == 2).IsConnected);
    }

    private static int Server(int node) => 1 + node;

    private static int Client(int node) => 14 + node;

    // The requester of the copies, as a system process must be: pulls the asker's block, checks it, pushes another back.
    private static void ServeCopies(DvkProcess process)
    {
        using var buffer = process.AllocateBuffer(1 << 20);
        while (true)
        {
            var request = process.ReceiveRequest(TimeSpan.FromSeconds(30));
            var (length, seed, address) = (MessageM1.Read(in request, DataModel.Lp64).I1, MessageM1.Read(in request, DataModel.Lp64).I2, MessageM1.Read(in request, DataModel.Lp64).P1);
            if (length > 0)
            {
                process.Copy(request.Source, address, process.Endpoint, buffer.Address, length);
                var expected = new byte[length];
                Fill(expected, seed);
                request.Type = MD5.HashData(buffer.Span[..length]).AsSpan().SequenceEqual(MD5.HashData(expected)) ? 1 : -1;
                Fill(buffer.Span[..length], seed + 100);
                process.Copy(process.Endpoint, buffer.Address, request.Source, address, length);
            }

            process.Reply(request.Source, in request, TimeSpan.FromSeconds(30));
            if (length == 0)
            {
                return;
            }
        }
    }

    private static void AskForCopies(DvkProcess process)
    {
        using var buffer = process.AllocateBuffer(1 << 20);
        foreach (var (length, seed) in new[] { (1, 1), (1000, 2), (65_535, 3), (65_536, 4), (65_537, 5), (200_000, 6), (1 << 20, 7), (0, 0) })
        {
            Fill(buffer.Span[..length], seed);
            var request = new Message { Type = 1 };
            new MessageM1(length, seed, 0, buffer.Address, 0, 0).Write(ref request, DataModel.Lp64);
            process.SendReceive(5, ref request, TimeSpan.FromSeconds(30));
            Assert.Equal(1, request.Type);
            var expected = new byte[length];
            Fill(expected, seed + 100);
            Assert.True(length == 0 || buffer.Span[..length].SequenceEqual(expected), $"{length} bytes were pushed back");
        }
    }

    // Text-like for even seeds, random for odd ones.
    private static void Fill(Span<byte> block, int seed)
    {
        if (seed % 2 != 0)
        {
            new Random(seed).NextBytes(block);
            return;
        }

        for (var index = 0; index < block.Length; index++)
        {
            block[index] = (byte)('a' + (((index / 5) + seed) % 17));
        }
    }
}
