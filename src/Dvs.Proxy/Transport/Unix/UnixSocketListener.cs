using System.Net.Sockets;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Unix;

/// <summary>A listener whose file is its own: it removes it when it ends, and holds the lock beside it until then.</summary>
internal sealed class UnixSocketListener(Socket socket, TransportEndpoint endpoint, Func<Socket, ProxyConnection?> open, UnixSocketFile? file)
    : SocketListener(socket, endpoint, open)
{
    /// <inheritdoc/>
    protected override void OnDisposing() => file?.Dispose();
}
