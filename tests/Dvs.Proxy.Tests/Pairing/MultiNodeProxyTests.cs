using System.Collections.Concurrent;
using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Tests.TestDoubles;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Tests.Pairing;

public class MultiNodeProxyTests
{
    public static TheoryData<bool, bool, bool, bool, DataModel> Combinations
    {
        get
        {
            var data = new TheoryData<bool, bool, bool, bool, DataModel>();
            for (var bits = 0; bits < 32; bits++)
            {
                // Digests need a session.
                if ((bits & 12) != 8)
                {
                    data.Add((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0 ? DataModel.Ilp32 : DataModel.Lp64);
                }
            }

            return data;
        }
    }

    // The features agreed are visible in what goes over the wire: 16 bytes behind every frame, or not.
    [Theory]
    [InlineData(FrameDigestKind.Xxh128, FrameDigestKind.Xxh128, true)]
    [InlineData(FrameDigestKind.Xxh128, FrameDigestKind.Md5, true)]
    [InlineData(FrameDigestKind.Md5, FrameDigestKind.Xxh128, true)]
    [InlineData(FrameDigestKind.Xxh128, FrameDigestKind.None, true)]
    [InlineData(FrameDigestKind.None, FrameDigestKind.Xxh128, false)]
    [InlineData(FrameDigestKind.None, FrameDigestKind.None, false)]
    public async Task Sides_with_different_digests_agree(FrameDigestKind ofA, FrameDigestKind ofB, bool isDigested)
    {
        var next = new Queue<FrameDigestKind>([ofA, ofB]);
        var (a, b) = await ScriptedNode.StartPairAsync(peer => (peer.UseSession, peer.Batch, peer.FrameDigest) = (true, false, next.Dequeue()));
        await using var first = a;
        await using var second = b;
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        b.Device.Enqueue(ScriptedNode.Message(1, 0, 1));
        Eventually.True(() => b.Device.Delivered.Count == 1 && a.Device.Delivered.Count == 1, "both ways", () => $"{a.Log.All}\n{b.Log.All}");
        Eventually.True(
            () => a.Pair(1).Sender is { Frames: 1 } sender && sender.WireBytes == WireLayout.Lp64.HeaderSize + (isDigested ? WireLimits.DigestSize : 0),
            "a digest, or none", () => a.Pair(1).Sender.WireBytes.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(DataModel.Lp64, null)]
    [InlineData(DataModel.Ilp32, null)]
    [InlineData(DataModel.Lp64, 0)]
    public async Task In_a_session_what_is_ready_goes_out_as_compact_batches_whatever_batch_says(DataModel abi, int? most)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => (peer.UseSession, peer.Batch, peer.MaxBatchCommands) = (true, false, most), abi);
        await using var first = a;
        await using var second = b;
        const int Count = 1_000;
        for (var number = 0; number < Count; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => b.Device.Delivered.Count == Count, "all arrive", () => $"{a.Log.All}\n{b.Log.All}");
        Assert.Equal(Enumerable.Range(0, Count), TypesOf(b.Device.Delivered));
        Eventually.True(() => a.Pair(1).Sender.Commands == Count, "all are counted");
        Assert.Equal(most is null, a.Pair(1).Sender.Batches > 0);
        Assert.Equal(most is null, a.Pair(1).Sender.WireBytes < a.Pair(1).Sender.RawBytes);
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task Commands_arrive_once_in_order_with_their_blocks(bool compress, bool batch, bool sequence, bool md5, DataModel abi)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => (peer.Compress, peer.Batch, peer.UseSession, peer.FrameDigest) =
            (compress ? PayloadCompression.On : PayloadCompression.Off, batch, sequence, md5 ? FrameDigestKind.Md5 : FrameDigestKind.Xxh128), abi);
        await using var first = a;
        await using var second = b;
        const int Count = 500;
        for (var number = 0; number < Count; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
            if (number % 50 == 0)
            {
                a.Device.Enqueue(ScriptedNode.Block(0, 1, 65_536), Text(65_536, number));
            }

            b.Device.Enqueue(ScriptedNode.Message(1, 0, number));
        }

        Eventually.True(() => b.Device.Delivered.Count == Count + 10 && a.Device.Delivered.Count == Count, "all commands arrived", () => $"{a.Log.All}\n{b.Log.All}");
        Assert.Equal(Enumerable.Range(0, Count), TypesOf(b.Device.Delivered));
        Assert.Equal(Enumerable.Range(0, Count), TypesOf(a.Device.Delivered));
        Assert.All(
            b.Device.Delivered.Where(item => item.Header.Command == CommandCode.CopyInData).Select((item, index) => (item, index)),
            block => Assert.Equal(Text(65_536, block.index * 50), block.item.Payload));
        // The last flush is counted after it returned, by when its commands may have been delivered.
        // A session's own messages are received frames that the writer of command frames does not count.
        Eventually.True(
            () => a.Pair(1).Sender is { Frames: > 0 } sender && b.Pair(0).Receiver is var receiver
                && (sequence || (sender.Frames, sender.WireBytes, sender.RawBytes) == (receiver.Frames, receiver.WireBytes, receiver.RawBytes))
                && (compress || sequence) == sender.WireBytes < sender.RawBytes,
            "both sides count the same frames",
            () => $"{a.Proxy.GetStatus()}\n{b.Proxy.GetStatus()}");
        var sent = a.Pair(1).Sender;
        var received = b.Pair(0).Receiver;
        Assert.Equal(Count + 10, sent.Commands);
        Assert.Equal(Count + 10, received.Commands);
        Assert.Equal(batch || sequence, received.Batches > 0);
    }

    [Fact]
    public async Task A_pair_is_registered_and_taken_back_in_the_drivers_order()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await b.StopAsync();
        await a.StopAsync();

        var calls = a.Device.Calls.ToList();
        Assert.Equal(["proxies_bind node1 1 65536", "node_up node1 1 1"], calls[..2]);
        Assert.Equal(
            ["proxy_conn 1 ReceiverConnected", "proxy_conn 1 ReceiverDisconnected", "proxy_conn 1 SenderConnected", "proxy_conn 1 SenderDisconnected"],
            calls[2..^2].Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(["exit 1 sender", "exit 1 receiver"], calls[^2..]);
        Assert.Equal(ProxyState.Stopped, a.Pair(1).Sender.State);
        Assert.Equal(ProxyState.Stopped, a.Pair(1).Receiver.State);
        await a.DisposeAsync();
        await b.DisposeAsync();
    }

    [Fact]
    public async Task An_error_of_the_driver_is_the_outcome_of_one_command()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = static (in CommandHeader header, ReadOnlySpan<byte> _) => header.Message.Type == 1 ? DvkError.DestinationDied : DvkError.Ok;
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 0));
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        a.Device.EnqueueError(DvkError.BadProcess, 1);
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 2));

        Eventually.True(() => b.Device.Delivered.Count == 3, "the command after the refused one arrives");
        Eventually.True(() => b.Pair(0).Receiver.CommandErrors == 1 && a.Pair(1).Sender.CommandErrors == 1, "the refusals are counted");
        Assert.Equal(1, b.Pair(0).Receiver.Connects);
        Assert.Equal(1, a.Pair(1).Sender.Connects);
        Eventually.True(() => b.Log.Contains("-109 EDVSDSTDIED") && a.Log.Contains("-304 EDVSBADPROC"), "both refusals are logged by name");
    }

    [Fact]
    public async Task A_peer_that_comes_back_is_connected_again()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await b.StopAsync();
        Eventually.True(() => a.Pair(1).Sender.State != ProxyState.Connected && a.Pair(1).Receiver.State != ProxyState.Connected, "the loss is seen");
        Eventually.True(() => a.Device.Calls.Contains("proxy_conn 1 SenderDisconnected"), "the driver is told");

        await using var again = new ScriptedNode(1, b.Address);
        foreach (var peer in b.Options.Peers)
        {
            again.Options.Peers.Add(peer);
        }

        await again.StartAsync();
        Eventually.True(() => a.Pair(1).IsConnected && again.Pair(0).IsConnected, "the peer is connected again", () => a.Log.All);
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 7));
        again.Device.Enqueue(ScriptedNode.Message(1, 0, 8));
        Eventually.True(() => again.Device.Delivered.Count == 1 && a.Device.Delivered.Count == 1, "traffic goes on");
        Assert.Equal(2, a.Pair(1).Sender.Connects);
        await b.DisposeAsync();
    }

    [Fact]
    public async Task Peers_share_a_port_and_are_told_apart_by_their_first_frame()
    {
        await using var hub = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(hub.Address);
        var leaves = new List<ScriptedNode>();
        for (var nodeId = 1; nodeId <= 3; nodeId++)
        {
            var leaf = new ScriptedNode(nodeId);
            var port = LoopbackPort.Reserve(leaf.Address);
            hub.AddPeer(nodeId, leaf.Address, port, shared);
            leaf.AddPeer(0, hub.Address, shared, port);
            leaves.Add(leaf);
        }

        await hub.StartAsync();
        Assert.Single(hub.Proxy.ListeningEndpoints);
        foreach (var leaf in leaves)
        {
            await leaf.StartAsync();
        }

        Eventually.True(() => hub.Proxy.GetStatus().Pairs.All(pair => pair.IsConnected), "all are connected", () => hub.Log.All);
        foreach (var leaf in leaves)
        {
            leaf.Device.Enqueue(ScriptedNode.Message(leaf.NodeId, 0, leaf.NodeId));
            hub.Device.Enqueue(ScriptedNode.Message(0, leaf.NodeId, leaf.NodeId));
        }

        Eventually.True(() => hub.Device.Delivered.Count == 3, "every leaf's message arrived");
        Assert.Equal([1, 2, 3], hub.Device.Delivered.Select(item => item.Header.SourceNode).Order());
        foreach (var leaf in leaves)
        {
            await leaf.DisposeAsync();
        }
    }

    [Fact]
    public async Task Stopping_ends_within_its_time_while_a_peer_takes_nothing()
    {
        await using var a = new ScriptedNode(0);
        var peerAddress = LoopbackPort.NewAddress();
        using var deaf = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        deaf.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(peerAddress), 0));
        deaf.Listen();
        a.AddPeer(1, peerAddress, ((System.Net.IPEndPoint)deaf.LocalEndPoint!).Port);
        a.Options.ShutdownTimeout = TimeSpan.FromSeconds(10);
        await a.StartAsync();
        var block = new byte[65_536];
        for (var number = 0; number < 1000; number++)
        {
            a.Device.Enqueue(ScriptedNode.Block(0, 1, block.Length), block);
        }

        // The socket's buffers are full when a command stays fetched but unsent for good: the count stands still.
        Eventually.True(() => a.Pair(1).Sender.Commands > 3, "the sender has begun");
        await a.StopAsync().WaitAsync(Eventually.Limit);
        Assert.Equal(ProxyState.Stopped, a.Pair(1).Sender.State);
        Assert.DoesNotContain(102, a.Log.EventIds);
        Assert.True(a.Pair(1).Sender.Commands < 1000, "back-pressure reached the driver: not everything was fetched");
    }

    [Fact]
    public async Task A_pair_the_operator_unbinds_ends_and_the_others_go_on()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        a.Device.EnqueueError(DvkError.Shutdown, 1);

        Eventually.True(() => a.Pair(1) is { Sender.State: ProxyState.Stopped, Receiver.State: ProxyState.Stopped }, "both threads ended");
        Assert.True(a.Log.Contains("the driver unbound this pair"));
    }

    [Fact]
    public async Task A_pair_unbound_while_it_waits_for_its_peer_ends_too()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        Eventually.True(() => node.Pair(1).Sender.Refused > 0, "the sender waits for its peer");

        node.Device.Unbind(1);

        Eventually.True(() => node.Pair(1) is { Sender.State: ProxyState.Stopped, Receiver.State: ProxyState.Stopped }, "both threads ended", () => node.Log.All);
        Assert.True(node.Log.Contains("the driver unbound this pair"));
    }

    [Fact]
    public async Task Bad_options_are_answered_with_every_error_before_anything_is_registered()
    {
        var node = new ScriptedNode(0);
        node.AddPeer(40, "127.0.0.1", 1);
        node.AddPeer(0, "127.0.0.1", 99_999);

        var exception = await Assert.ThrowsAsync<OptionsValidationException>(node.StartAsync);

        Assert.True(exception.Failures.Count() >= 3, exception.Message);
        Assert.Contains("40", exception.Message, StringComparison.Ordinal);
        Assert.Contains("99999", exception.Message, StringComparison.Ordinal);
        Assert.Empty(node.Device.Calls);
        await node.DisposeAsync();
    }

    [Fact]
    public async Task A_port_in_use_fails_the_start_and_leaves_no_thread()
    {
        await using var a = new ScriptedNode(0);
        var port = LoopbackPort.Reserve(a.Address);
        a.AddPeer(1, "127.0.0.1", 1, port);
        await a.StartAsync();
        await using var second = new ScriptedNode(2, a.Address);
        second.AddPeer(3, "127.0.0.1", 1, port);

        var exception = await Assert.ThrowsAsync<Dvs.Proxy.Transport.ProxyTransportException>(second.StartAsync);

        Assert.Contains($"{a.Address}:{port}", exception.Message, StringComparison.Ordinal);
        Assert.Empty(second.Device.Calls);
    }

    private static List<int> TypesOf(ConcurrentQueue<(CommandHeader Header, byte[] Payload)> delivered) =>
        [.. delivered.Where(static item => item.Header.Command == CommandCode.SendMessage).Select(static item => item.Header.Message.Type)];

    private static byte[] Text(int length, int seed)
    {
        var text = new byte[length];
        for (var index = 0; index < length; index++)
        {
            text[index] = (byte)('a' + ((index / 7) + seed) % 23);
        }

        return text;
    }
}
