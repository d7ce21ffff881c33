using System.Net;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>
/// Connections inside one process, for tests and in-process clusters: <c>proto memory</c>. Listening, connecting, refusing, aborting and
/// back-pressure behave as with TCP, except that no name is looked up: a host is a word. Who shares a transport, or a view of it made
/// with <see cref="WithLocalAddress"/>, shares a network; two transports made apart know nothing of each other.
/// Thread-safe.
/// </summary>
public sealed class InMemoryTransport : IProxyTransport
{
    private readonly InMemoryNetwork _network;
    private readonly IPAddress _localAddress;

    /// <summary>A network of its own; connections come from 127.0.0.1.</summary>
    public InMemoryTransport()
        : this(new InMemoryNetwork(), IPAddress.Loopback)
    {
    }

    private InMemoryTransport(InMemoryNetwork network, IPAddress localAddress)
    {
        _network = network;
        _localAddress = localAddress;
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <summary>The same network seen from a node with another address: connections made through it come from there, so that whoever
    /// accepts can tell nodes apart.</summary>
    public InMemoryTransport WithLocalAddress(IPAddress localAddress)
    {
        ArgumentNullException.ThrowIfNull(localAddress);
        return new InMemoryTransport(_network, localAddress);
    }

    /// <inheritdoc/>
    public ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IProxyListener>(cancellationToken);
        }

        if (local.Path is not null)
        {
            return Fail<IProxyListener>($"Cannot listen on {local}: the in-memory network takes a host and a port, not a path.");
        }

        if (local.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            return Fail<IProxyListener>($"Cannot listen on {local}: the port must be between {IPEndPoint.MinPort} and {IPEndPoint.MaxPort}.");
        }

        return _network.Listen(local) is { } listener
            ? new ValueTask<IProxyListener>(listener)
            : Fail<IProxyListener>($"Cannot listen on {local}: the address is in use: somebody listens there.");
    }

    /// <inheritdoc/>
    public ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ProxyConnection>(cancellationToken);
        }

        if (remote.Path is not null)
        {
            return Fail<ProxyConnection>($"Cannot connect to {remote}: the in-memory network takes a host and a port, not a path.");
        }

        if (remote.Host is null)
        {
            return Fail<ProxyConnection>($"Cannot connect to {remote}: no host is given.");
        }

        if (_network.Find(remote) is { } listener)
        {
            (var near, var far) = Pair(remote);
            if (listener.Offer(far))
            {
                return new ValueTask<ProxyConnection>(near);
            }
        }

        return Fail<ProxyConnection>($"Cannot connect to {remote}: connection refused: nobody listens there.");
    }

    private static ValueTask<T> Fail<T>(FormattableString message) =>
        ValueTask.FromException<T>(new ProxyTransportException(FormattableString.Invariant(message)));

    private (InMemoryConnection Near, InMemoryConnection Far) Pair(TransportEndpoint remote)
    {
        var remoteAddress = HostText.TryParseAddress(remote.Host, out var address) ? address : IPAddress.Loopback;
        var nearName = new IPEndPoint(_localAddress, _network.NextPort());
        return InMemoryConnection.CreatePair(nearName, remoteAddress, remote.ToString());
    }
}
