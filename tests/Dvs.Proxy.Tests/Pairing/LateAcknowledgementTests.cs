using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>
/// A peer's process acknowledges, and dies while the sender is blocked in writing. What it acknowledged is delivered, whether or not the
/// sender came to take note of it before the connection ended.
/// </summary>
public class LateAcknowledgementTests
{
    private const int Commands = 800;
    private const int Acknowledged = 3;
    private const int HeaderSize = 168;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_acknowledged_while_the_sender_was_blocked_is_not_of_unknown_fate(bool atLeastOnce)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port, configure: peer =>
            (peer.Sequence, peer.WindowBytes, peer.AtLeastOnce) = (true, 128 << 20, atLeastOnce));
        QueueBlocks(node);
        await node.StartAsync();

        using var first = await listener.AcceptAsync();
        Open(first, process: 7);
        UntilBlocked(node);
        Send(first, SessionMessage.CreateAcknowledgement(Acknowledged, 1, 0, new Timestamp(1, 1)));
        first.Shutdown(SocketShutdown.Send);
        Eventually.True(() => node.Pair(1).Sender.Disconnects == 1, "the sender sees the end", () => node.Log.All);

        using var second = await listener.AcceptAsync();
        Open(second, process: 8);
        Open(second, process: 8);
        var next = ReadCommand(second).Message.Type;

        var sender = node.Pair(1).Sender;
        Assert.Equal(Acknowledged + sender.UnknownFate, next);
        Assert.Equal(atLeastOnce, sender.UnknownFate == 0);
        Assert.Equal(atLeastOnce, sender.PossiblyRepeated > 0);
        Assert.True(sender.PossiblyRepeated + sender.UnknownFate + Acknowledged <= Commands);
    }

    private static void QueueBlocks(ScriptedNode node)
    {
        var block = new byte[65_536];
        for (var number = 0; number < Commands; number++)
        {
            var header = ScriptedNode.Block(0, 1, block.Length);
            header.Message.Type = number;
            node.Device.Enqueue(in header, block);
        }
    }

    // It has begun, and fetches no more although it could: it can only be writing.
    private static void UntilBlocked(ScriptedNode node)
    {
        const int Looks = 200;
        var (last, same) = (0L, 0);
        Eventually.True(
            () =>
            {
                var now = node.Pair(1).Sender.Commands;
                (last, same) = (now, now == last && now > Acknowledged ? same + 1 : 0);
                return same >= Looks;
            },
            "the sender is blocked",
            () => node.Log.All);
        Assert.InRange(last, Acknowledged + 1, Commands - 1);
    }

    // Answers the OPEN that is due as a process that knows no session.
    private static void Open(Socket socket, ulong process)
    {
        var open = ReadHeader(socket);
        while (!SessionMessage.Is(in open, SessionMessageType.Open))
        {
            open = ReadHeader(socket);
        }

        Send(socket, SessionMessage.Create(new SessionAccept(SessionMessage.Version, SessionFeatures.Sequence, process, 0, 0), 1, 0, new Timestamp(1, 1)));
    }

    private static void Send(Socket socket, CommandHeader message)
    {
        var bytes = new ArrayBufferWriter<byte>();
        SessionMessage.WriteFrame(bytes, WireLayout.Lp64, in message);
        socket.Send(bytes.WrittenSpan);
    }

    private static CommandHeader ReadCommand(Socket socket)
    {
        var header = ReadHeader(socket);
        while (header.Command == CommandCode.None)
        {
            header = ReadHeader(socket);
        }

        return header;
    }

    private static CommandHeader ReadHeader(Socket socket)
    {
        var bytes = new byte[HeaderSize];
        for (var read = 0; read < bytes.Length;)
        {
            var count = socket.Receive(bytes.AsSpan(read));
            Assert.True(count > 0, "the sender closed the connection");
            read += count;
        }

        WireLayout.Lp64.Read(bytes, out var header);
        return header;
    }
}
