using System.Net.Sockets;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Unix;

/// <summary>An accepted connection, whose peer may be one that must not be let in.</summary>
internal sealed class UnixSocketConnection(Socket socket, string remoteName, SocketBufferSizes buffers, string? objection)
    : SocketConnection(socket, remoteName, remoteAddress: null, buffers), IPeerVetting
{
    /// <inheritdoc/>
    public string? Objection => objection;
}
