using System.Collections.Concurrent;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>Another transport, whose connections are remembered as they are made and accepted.</summary>
internal class RememberingTransport(IProxyTransport inner) : IProxyTransport
{
    private readonly ConcurrentBag<ProxyConnection> _connections = [];

    public string Name => inner.Name;

    /// <summary>All connections so far, ended ones as well.</summary>
    public IReadOnlyCollection<ProxyConnection> Connections => _connections;

    public async ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) =>
        new Listener(await inner.ListenAsync(local, cancellationToken), this);

    public virtual async ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken) =>
        Remember(await inner.ConnectAsync(remote, cancellationToken));

    protected virtual ProxyConnection Remember(ProxyConnection connection)
    {
        _connections.Add(connection);
        return connection;
    }

    private sealed class Listener(IProxyListener inner, RememberingTransport transport) : IProxyListener
    {
        public TransportEndpoint LocalEndpoint => inner.LocalEndpoint;

        public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken) =>
            await inner.AcceptAsync(cancellationToken) is { } connection ? transport.Remember(connection) : null;

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
