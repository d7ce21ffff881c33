using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Control;

/// <summary>Control messages on the wire, in both directions, against a peer of plain sockets.</summary>
public class ControlHandlerTests
{
    private static readonly Timestamp Now = new(1, 1);

    [Fact]
    public async Task Hellos_carry_our_process_id_and_the_period_that_the_peer_has_set()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer);
        await peer.AcceptAsync();
        var hello = peer.ReadControl(ControlType.LoadLevel);
        Assert.Equal(Environment.ProcessId, hello.ProcessId);
        Assert.Equal(30, ReadLoad(hello).PeriodSeconds);

        using var toNode = node.ConnectAs(1);
        toNode.SendMessage(ControlMessage.SetLoadThresholds(1, 0, new LoadThresholds(0, 0, 33), DataModel.Lp64, Now));
        var answer = ReadLoad(peer.ReadControl(ControlType.LoadThresholdsAnswer));
        Assert.Equal((33, LoadLevel.Saturated), (answer.PeriodSeconds, answer.Level));

        // What cannot be is answered with what holds.
        toNode.SendMessage(ControlMessage.SetLoadThresholds(1, 0, new LoadThresholds(50, 40, 44), DataModel.Lp64, Now));
        Assert.Equal(33, ReadLoad(peer.ReadControl(ControlType.LoadThresholdsAnswer)).PeriodSeconds);

        peer.Disconnect();
        await peer.AcceptAsync();
        Assert.Equal(33, ReadLoad(peer.ReadControl(ControlType.LoadLevel)).PeriodSeconds);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(100, 100)]
    [InlineData(101, 100)]
    [InlineData(int.MaxValue, 100)]
    [InlineData(-1, 0)]
    [InlineData(57, 57)]
    public async Task A_peers_load_is_a_percentage(int said, int shown)
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer);
        Assert.Null(node.Pair(1).PeerCpuPercent);
        using var toNode = node.ConnectAs(1);

        toNode.SendMessage(ControlMessage.Hello(1, 0, new LoadReport(said, LoadLevel.Busy, 30), DataModel.Lp64, Now));

        Eventually.True(() => node.Pair(1).PeerCpuPercent is not null, "the hello arrived", () => node.Log.All);
        Assert.Equal(shown, node.Pair(1).PeerCpuPercent);
    }

    [Fact]
    public void The_outbox_takes_256_messages_and_gives_them_in_their_order()
    {
        using var device = new ScriptedProxyDevice(0);
        var outbox = new Outbox(new DriverBinding(device, 1));
        Assert.True(outbox.IsEmpty);
        for (var number = 0; number < 256; number++)
        {
            Assert.True(Post(number));
        }

        Assert.False(Post(256));
        Assert.True(outbox.TryTake(out var first));
        Assert.Equal(0, first.ProcessId);
        Assert.True(Post(256));
        Assert.False(Post(257));
        for (var number = 1; number <= 256; number++)
        {
            Assert.True(outbox.TryTake(out var next));
            Assert.Equal(number, next.ProcessId);
        }

        Assert.True(outbox.IsEmpty);
        Assert.False(outbox.TryTake(out _));

        bool Post(int number) => outbox.TryPost(new CommandHeader { ProcessId = number });
    }

    [Fact]
    public async Task A_batch_counts_as_one_frame_and_one_batch_of_so_many_commands()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer);
        using var toNode = node.ConnectAs(1);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.Lp64, MaxBatchCommands = 10 }, output);
        foreach (var batch in new[] { 3, 1, 4 })
        {
            for (var number = 0; number < batch; number++)
            {
                writer.Append(ScriptedNode.Message(1, 0, number), default);
            }

            writer.Complete();
        }

        toNode.Send(output.WrittenSpan);

        Eventually.True(() => node.Pair(1).Receiver.Commands == 8, "all arrived", () => node.Log.All);
        Assert.Equal((3, 2, 8), (node.Pair(1).Receiver.Frames, node.Pair(1).Receiver.Batches, node.Device.Delivered.Count));
    }

    private static async Task<ScriptedNode> StartAsync(ScriptedReceiver peer)
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", peer.Port);
        await node.StartAsync();
        return node;
    }

    private static LoadReport ReadLoad(in CommandHeader header)
    {
        Assert.True(ControlMessage.TryRead(in header, DataModel.Lp64, out LoadReport load));
        return load;
    }
}
