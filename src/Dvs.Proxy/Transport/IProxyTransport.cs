namespace Dvs.Proxy.Transport;

/// <summary>
/// A way to reach other nodes: listens for peers and connects to them. Knows nothing of frames. The configuration picks one by
/// <see cref="Name"/>. Implementations are thread-safe. The proxy calls from dedicated threads of its own, so a call may complete by
/// blocking its caller; that is the fastest way, and what TCP does.
/// </summary>
public interface IProxyTransport
{
    /// <summary>The word for <c>proto</c> in the configuration; compared without regard to case.</summary>
    string Name { get; }

    /// <summary>Starts to listen.</summary>
    /// <param name="local">Where; a null host means everywhere, port 0 lets the system choose.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProxyTransportException">The address is not local, in use, or cannot be resolved.</exception>
    ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken);

    /// <summary>Connects to a peer.</summary>
    /// <param name="remote">Where.</param>
    /// <param name="cancellationToken">Gives up: this is also how a time-out is set.</param>
    /// <exception cref="ProxyTransportException">Refused, unreachable, or the name cannot be resolved.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken);
}
