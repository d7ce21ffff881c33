using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Driver;

/// <summary>What the proxy does about the faults of a driver as published.</summary>
public class PublishedDriverTests
{
    // A requester (20) on node 0 asks for a copy from 30 to 31, both on node 1.
    private static readonly CommandHeader ThirdPartyCopy = Copy(CommandCode.CopyLocalRequest, source: 20, destination: 31);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_third_party_copy_is_answered_and_never_reaches_a_driver_that_may_not_survive_it(bool sequence, bool batch)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => (peer.UseSession, peer.Batch) = (sequence, batch), fixesOfB: DvkFixes.ThreadExit);
        await using var first = a;
        await using var second = b;
        const int Count = 100;
        for (var number = 0; number < Count; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
            a.Device.Enqueue(in ThirdPartyCopy);
        }

        Eventually.True(() => a.Device.Delivered.Count == Count && b.Device.Delivered.Count == Count, "all is delivered or answered", () => $"{a.Log.All}\n{b.Log.All}");

        Assert.All(b.Device.Delivered, static item => Assert.Equal(CommandCode.SendMessage, item.Header.Command));
        Assert.All(a.Device.Delivered, static item =>
        {
            var answer = item.Header;
            Assert.Equal((CommandCode.CopyLocalAck, (int)DvkError.NotImplemented), (answer.Command, answer.ResultCode));
            Assert.Equal((1, 0, 30, 20), (answer.SourceNode, answer.DestinationNode, answer.SourceEndpoint, answer.DestinationEndpoint));
            Assert.Equal(ThirdPartyCopy.Copy, answer.Copy);
        });
        Eventually.True(() => b.Pair(0).Receiver.CopiesAnswered == Count, "each is counted");
        Assert.Equal((0, batch || sequence), (b.Pair(0).Receiver.CommandErrors, b.Pair(0).Receiver.Batches > 0));
        Assert.Equal(10, b.Log.EventIds.Count(static id => id == 306));
        Assert.True(b.Log.Contains("--driver-fixes third-party-copy"));
        if (sequence)
        {
            // It counts as delivered: nothing waits to be acknowledged, and nothing comes again.
            await a.StopAsync();
            Assert.Equal((0, 0), (a.Pair(1).Sender.UnknownFate, b.Pair(0).Receiver.Duplicates));
        }
    }

    [Fact]
    public async Task A_driver_that_survives_a_third_party_copy_gets_it()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;

        a.Device.Enqueue(in ThirdPartyCopy);

        Eventually.True(() => b.Device.Delivered.Count == 1, "it arrives");
        Assert.Equal(0, b.Pair(0).Receiver.CopiesAnswered);
        Assert.Empty(a.Device.Delivered);
    }

    [Fact]
    public async Task A_request_to_copy_in_leaves_with_the_destinations_endpoint()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.Batch = true);
        await using var first = a;
        await using var second = b;
        var block = new byte[] { 1, 2, 3 };
        var asPublished = Copy(CommandCode.CopyInRequest, source: 30, destination: 1, block.Length);
        var right = Copy(CommandCode.CopyInRequest, source: 30, destination: 31, block.Length);
        var other = Copy(CommandCode.CopyOutRequest, source: 30, destination: 1);
        a.Device.Enqueue(in asPublished, block);
        a.Device.Enqueue(in right, block);
        a.Device.Enqueue(in other);

        Eventually.True(() => b.Device.Delivered.Count == 3, "all arrive", () => b.Log.All);
        Assert.Equal([31, 31, 1], b.Device.Delivered.Select(static item => item.Header.DestinationEndpoint));
        Assert.All(b.Device.Delivered.Take(2), item => Assert.Equal(block, item.Payload));
    }

    [Fact]
    public async Task A_request_to_copy_in_from_a_proxy_that_does_not_repair_it_is_repaired_on_arrival()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);
        var header = Copy(CommandCode.CopyInRequest, source: 30, destination: 0, length: 3);
        (header.SourceNode, header.DestinationNode) = (1, 0);
        var bytes = new byte[WireLayout.Lp64.HeaderSize + 3];
        WireLayout.Lp64.Write(bytes, in header);
        bytes[^1] = 7;

        socket.Send(bytes);

        Eventually.True(() => node.Device.Delivered.Count == 1, "it is delivered", () => node.Log.All);
        Assert.True(node.Device.Delivered.TryPeek(out var delivered));
        Assert.Equal(31, delivered.Header.DestinationEndpoint);
        Assert.Equal([0, 0, 7], delivered.Payload);
    }

    [Theory]
    [InlineData(DvkError.ProxyFree)]
    [InlineData(DvkError.NoProxy)]
    public async Task A_connection_that_a_free_pair_refuses_ends_the_pair_and_is_not_tried_for_ever(DvkError error)
    {
        await using var node = new ScriptedNode(0);
        using var receiver = new ScriptedReceiver();
        node.AddPeer(1, "127.0.0.1", receiver.Port);
        node.Device.OnConnectionChange = _ => error;
        await node.StartAsync();

        await receiver.AcceptAsync();

        Eventually.True(() => node.Pair(1) is { Sender.State: ProxyState.Stopped, Receiver.State: ProxyState.Stopped }, "both threads ended", () => node.Log.All);
        Assert.Single(node.Device.Calls, static call => call == "proxy_conn 1 SenderConnected");
        Assert.Contains(104, node.Log.EventIds);
    }

    [Fact]
    public async Task A_receiver_whose_connection_a_free_pair_refuses_ends_the_pair_too()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        node.Device.OnConnectionChange = static _ => DvkError.ProxyFree;
        await node.StartAsync();
        using var socket = node.ConnectAs(1);

        Eventually.True(() => node.Pair(1) is { Sender.State: ProxyState.Stopped, Receiver.State: ProxyState.Stopped }, "both threads ended", () => node.Log.All);
        Assert.Contains(104, node.Log.EventIds);
    }

    [Theory]
    [InlineData(DvkError.ProxyFree, false)]
    [InlineData(DvkError.ProxyFree, true)]
    [InlineData(DvkError.NoProxy, false)]
    [InlineData(DvkError.BadCall, false)]
    [InlineData(DvkError.BadCall, true)]
    public async Task An_error_of_a_delivery_that_may_mean_the_pair_is_that_commands_while_the_driver_knows_the_pair(DvkError error, bool isUnbound)
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = (in CommandHeader header, ReadOnlySpan<byte> _) =>
        {
            if (isUnbound)
            {
                b.Device.Unbind(0);
            }

            return header.Message.Type == 0 ? error : DvkError.Ok;
        };

        a.Device.Enqueue(ScriptedNode.Message(0, 1, 0));
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));

        if (isUnbound)
        {
            Eventually.True(() => b.Pair(0) is { Sender.State: ProxyState.Stopped, Receiver.State: ProxyState.Stopped }, "both threads ended", () => b.Log.All);
            Assert.Single(b.Device.Delivered);
        }
        else
        {
            Eventually.True(() => b.Device.Delivered.Count == 2, "the next is delivered", () => b.Log.All);
            Assert.Equal(1, b.Pair(0).Receiver.CommandErrors);
        }
    }

    [Fact]
    public async Task A_receiver_that_hears_nothing_but_not_bound_asks_and_ends()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        b.Device.Unbind(0);

        for (var number = 0; number < 16; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => b.Pair(0) is { Sender.State: ProxyState.Stopped, Receiver.State: ProxyState.Stopped }, "both threads ended", () => b.Log.All);
    }

    private static CommandHeader Copy(CommandCode command, int source, int destination, int length = 0)
    {
        var header = ScriptedNode.Message(0, 1, 0);
        header.Command = command;
        (header.SourceEndpoint, header.DestinationEndpoint, header.PayloadLength) = (source, destination, length);
        header.Copy = new CopyDescriptor { SourceEndpoint = 30, DestinationEndpoint = 31, RequesterEndpoint = 20, Length = length == 0 ? 100 : length };
        return header;
    }
}
