using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Transport.Addresses;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>A TCP connection: a socket's, with a watch over a peer's host that answers no more. Behaviour: TcpTransportTests, VanishedPeerTests.</summary>
internal sealed class TcpConnection : SocketConnection
{
    private readonly VanishedPeerWatch? _watch;

    internal TcpConnection(Socket socket, TcpTransportOptions options, TimeProvider time)
        : this(socket, PlainEndpoint(socket), options, time)
    {
    }

    private TcpConnection(Socket socket, IPEndPoint remote, TcpTransportOptions options, TimeProvider time)
        : base(socket, remote.ToString(), remote.Address, options.BufferSizes)
    {
        if (options.UnansweredLimit != Timeout.InfiniteTimeSpan && OperatingSystem.IsLinux())
        {
            _watch = new VanishedPeerWatch(socket, RemoteName, options.UnansweredLimit, Fail, time);
        }
    }

    /// <inheritdoc/>
    protected override void OnDisposing() => _watch?.Dispose();

    private static IPEndPoint PlainEndpoint(Socket socket)
    {
        var remote = (IPEndPoint)socket.RemoteEndPoint!;
        return new IPEndPoint(HostText.Plain(remote.Address), remote.Port);
    }
}
