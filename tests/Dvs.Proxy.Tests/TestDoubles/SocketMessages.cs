using System.Buffers;
using System.Net.Sockets;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>Session messages on a plain blocking socket, LP64.</summary>
internal static class SocketMessages
{
    private const int HeaderSize = 168;

    public static void SendMessage(this Socket socket, CommandHeader message)
    {
        var bytes = new ArrayBufferWriter<byte>();
        SessionMessage.WriteFrame(bytes, WireLayout.Lp64, in message);
        socket.Send(bytes.WrittenSpan);
    }

    /// <summary>Blocks for the next header; a block behind it is not read, but for the digest of a control message.</summary>
    public static CommandHeader ReceiveHeader(this Socket socket)
    {
        WireLayout.Lp64.Read(socket.ReceiveBytes(HeaderSize), out var header);
        if (header.Command == CommandCode.None)
        {
            socket.ReceiveBytes(header.PayloadLength);
        }

        return header;
    }

    private static byte[] ReceiveBytes(this Socket socket, int length)
    {
        var bytes = new byte[length];
        for (var read = 0; read < bytes.Length;)
        {
            var count = socket.Receive(bytes.AsSpan(read));
            Assert.True(count > 0, "the peer closed the connection");
            read += count;
        }

        return bytes;
    }
}
