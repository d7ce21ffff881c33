using System.Buffers;
using System.Net.Sockets;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

/// <summary>A frame that never arrives intact is given up, its commands are answered with EDVSIO, and the session goes on behind it.</summary>
public class DamagedFrameTests
{
    private const SessionFeatures Features = SessionFeatures.Sequence | SessionFeatures.Digest;
    private static readonly SessionId Id = new(1, 2);

    // A request of a copy has a frame of its own; whoever waits for it is a third process, here one of the peer's node.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_third_damaged_arrival_is_answered_with_errors_and_the_next_frame_is_delivered(bool isCopyRequest)
    {
        using var peer = new ScriptedReceiver();
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", peer.Port, configure: static options => (options.UseSession, options.FrameDigest, options.Batch) = (true, FrameDigestKind.Md5, false));
        node.Device.OnProcessInfo = static number => new ProcessInfo { Number = number, Endpoint = number, NodeId = 1 };
        await node.StartAsync();
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        var frames = Frames(isCopyRequest, out var firstLength);

        // A bit of the last command of the first frame, or of its block.
        var damaged = frames[..firstLength];
        damaged[firstLength - 20] ^= 1;
        for (var time = 1; time <= 2; time++)
        {
            using var socket = node.ConnectAs(1);
            Assert.Equal(0ul, Open(node, socket, time > 1));
            socket.Send(damaged);
            Assert.True(socket.IsClosedByPeer());
        }

        using var last = node.ConnectAs(1);
        Assert.Equal(0ul, Open(node, last, isEstablished: true));
        last.Send(damaged);
        last.Send(frames.AsSpan(firstLength));

        var answer = peer.ReadCommand();
        Assert.Equal(
            (isCopyRequest ? CommandCode.CopyRemoteAck : CommandCode.SendAck, (int)DvkError.InputOutput, 1),
            (answer.Command, answer.ResultCode, answer.DestinationNode));
        Eventually.True(
            () => node.Device.Delivered.LastOrDefault().Header is { Command: CommandCode.SendMessage, Message.Type: 99 }, "the next frame is delivered", () => node.Log.All);
        if (!isCopyRequest)
        {
            var own = node.Device.Delivered.First().Header;
            Assert.Equal((CommandCode.SendAck, (int)DvkError.InputOutput), (own.Command, own.ResultCode));
        }

        Assert.Equal(isCopyRequest ? 1 : 2, node.Device.Delivered.Count);
        var receiver = node.Pair(1).Receiver;
        Assert.Equal((3, 1), (receiver.DamagedFrames, receiver.FramesGivenUp));
        ulong acknowledged = 0;
        while (acknowledged < 2)
        {
            Assert.True(SessionMessage.TryReadAcknowledgement(last.ReceiveHeader(), out acknowledged));
        }
    }

    // A batch of two, or a request of a copy with its block; then a message alone.
    private static byte[] Frames(bool isCopyRequest, out int firstLength)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.Lp64, Sequenced = true, Digest = FrameDigestKind.Md5, MaxBatchCommands = 3, FirstSequence = 1 }, bytes);
        if (isCopyRequest)
        {
            var block = new byte[10];
            var request = ScriptedNode.Message(1, 0, 3) with { Command = CommandCode.CopyInRequest, PayloadLength = block.Length };
            request.Copy = new CopyDescriptor { SourceEndpoint = 40, DestinationEndpoint = 41, RequesterEndpoint = 42, Length = block.Length };
            writer.Append(in request, block);
        }
        else
        {
            writer.Append(ScriptedNode.Message(1, 0, 1), default);
            writer.Append(ScriptedNode.Message(1, 0, 2) with { Command = CommandCode.SendAck }, default);
        }

        writer.Complete();
        firstLength = bytes.WrittenCount;
        writer.Append(ScriptedNode.Message(1, 0, 99), default);
        writer.Complete();
        return bytes.WrittenSpan.ToArray();
    }

    private static ulong Open(ScriptedNode node, Socket socket, bool isEstablished)
    {
        Eventually.True(() => node.Pair(1).Receiver.Disconnects == node.Pair(1).Receiver.Connects, "the connection before has ended", () => node.Log.All);
        return socket.OpenSession(Handshakes.Open(Id, isEstablished ? 3u : 1u, isEstablished, Features), 1, 0).Delivered;
    }
}
