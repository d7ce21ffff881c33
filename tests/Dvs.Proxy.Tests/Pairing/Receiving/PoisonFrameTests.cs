using System.Buffers;
using System.Net.Sockets;
using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

/// <summary>A frame that arrives intact and breaks a rule of the header is not sent again for ever.</summary>
public class PoisonFrameTests
{
    private static readonly SessionId Id = new(1, 2);

    // A block whose descriptor says another length.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_third_arrival_is_answered_with_an_error_and_the_next_frame_is_delivered(bool digest)
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer, digest);
        var frames = Frames(digest, WithAnotherLength, out var poisonLength);
        for (var time = 1; time <= 2; time++)
        {
            using var socket = node.ConnectAs(1);
            Assert.Equal(0ul, Open(node, socket, time > 1, digest));
            socket.Send(frames.AsSpan(0, poisonLength));
            Assert.True(socket.IsClosedByPeer());
        }

        using var last = node.ConnectAs(1);
        Assert.Equal(0ul, Open(node, last, isEstablished: true, digest));
        last.Send(frames);

        var answer = peer.ReadCommand();
        Assert.Equal(
            (CommandCode.CopyInAck, (int)DvkError.InputOutput, 1), (answer.Command, answer.ResultCode, answer.DestinationNode));
        AssertNextIsDelivered(node, last);
        Assert.True(node.Log.Contains("comes again and again, intact and against the rules"), node.Log.All);
    }

    // No answer: a command of another node has nobody here who could be told, and nobody there.
    [Fact]
    public async Task One_that_names_another_node_is_given_up_in_silence()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer, digest: true);
        var frames = Frames(digest: true, static header => header with { SourceNode = 9 }, out var poisonLength);
        for (var time = 1; time <= 2; time++)
        {
            using var socket = node.ConnectAs(1);
            Open(node, socket, time > 1, digest: true);
            socket.Send(frames.AsSpan(0, poisonLength));
            Assert.True(socket.IsClosedByPeer());
        }

        using var last = node.ConnectAs(1);
        Open(node, last, isEstablished: true, digest: true);
        last.Send(frames);

        AssertNextIsDelivered(node, last);
        Assert.Equal(0, node.Pair(1).Sender.Commands);
    }

    // Damage that hits the header cannot be told from a poison frame but by the digest: it does not count.
    [Fact]
    public async Task One_whose_header_was_damaged_on_the_way_does_not_count()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer, digest: true);
        var frames = Frames(digest: true, WithAnotherLength, out var poisonLength);
        var damaged = frames[..poisonLength];
        damaged[^1] ^= 1;
        for (var time = 1; time <= 4; time++)
        {
            using var socket = node.ConnectAs(1);
            Assert.Equal(0ul, Open(node, socket, time > 1, digest: true));
            socket.Send(damaged);
            Assert.True(socket.IsClosedByPeer());
        }

        Assert.Equal((4, 0, 0), (node.Pair(1).Receiver.Malformed, node.Pair(1).Receiver.DamagedFrames, node.Pair(1).Receiver.FramesGivenUp));
        Assert.Empty(node.Device.Delivered);
    }

    private static async Task<ScriptedNode> StartAsync(ScriptedReceiver peer, bool digest)
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", peer.Port, configure: options => (options.UseSession, options.FrameDigest, options.Batch) = (true, digest ? FrameDigestKind.Md5 : FrameDigestKind.None, false));
        await node.StartAsync();
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        return node;
    }

    private static void AssertNextIsDelivered(ScriptedNode node, Socket socket)
    {
        Eventually.True(
            () => node.Device.Delivered.LastOrDefault().Header is { Command: CommandCode.SendMessage, Message.Type: 99 }, "the next frame is delivered", () => node.Log.All);
        Assert.Single(node.Device.Delivered);
        var receiver = node.Pair(1).Receiver;
        Assert.Equal((3, 3, 1), (receiver.Malformed, receiver.DamagedFrames, receiver.FramesGivenUp));
        ulong acknowledged = 0;
        while (acknowledged < 2)
        {
            Assert.True(SessionMessage.TryReadAcknowledgement(socket.ReceiveHeader(), out acknowledged));
        }
    }

    private static CommandHeader WithAnotherLength(CommandHeader header)
    {
        header.Copy.Length++;
        return header;
    }

    // The poison frame, then a message alone.
    private static byte[] Frames(bool digest, Func<CommandHeader, CommandHeader> change, out int poisonLength)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Sequenced = true, Digest = digest ? FrameDigestKind.Md5 : FrameDigestKind.None, FirstSequence = 1 }, bytes);
        writer.Append(change(ScriptedNode.Block(1, 0, 10)), new byte[10]);
        writer.Complete();
        poisonLength = bytes.WrittenCount;
        writer.Append(ScriptedNode.Message(1, 0, 99), default);
        writer.Complete();
        return bytes.WrittenSpan.ToArray();
    }

    private static ulong Open(ScriptedNode node, Socket socket, bool isEstablished, bool digest)
    {
        Eventually.True(() => node.Pair(1).Receiver.Disconnects == node.Pair(1).Receiver.Connects, "the connection before has ended", () => node.Log.All);
        var features = SessionFeatures.Sequence | (digest ? SessionFeatures.Digest : SessionFeatures.None);
        return socket.OpenSession(Handshakes.Open(Id, isEstablished ? 3u : 1u, isEstablished, features), 1, 0).Delivered;
    }
}
