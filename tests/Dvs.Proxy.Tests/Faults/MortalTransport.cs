using System.Collections.Concurrent;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>The network of a process that can die: from then on nothing leaves it, and nothing comes in but what had.</summary>
internal sealed class MortalTransport(IProxyTransport inner) : IProxyTransport
{
    private readonly ConcurrentBag<ProxyConnection> _connections = [];
    private volatile bool _isDead;

    public string Name => inner.Name;

    /// <summary>Ends all connections; no other is made.</summary>
    public void Kill()
    {
        _isDead = true;
        foreach (var connection in _connections)
        {
            connection.Abort();
        }
    }

    public async ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) =>
        new Listener(await inner.ListenAsync(local, cancellationToken), this);

    public async ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken) =>
        _isDead ? throw new ProxyTransportException("This process is dead.") : Admit(await inner.ConnectAsync(remote, cancellationToken));

    private ProxyConnection Admit(ProxyConnection connection)
    {
        _connections.Add(connection);
        if (_isDead)
        {
            connection.Abort();
        }

        return connection;
    }

    private sealed class Listener(IProxyListener inner, MortalTransport transport) : IProxyListener
    {
        public TransportEndpoint LocalEndpoint => inner.LocalEndpoint;

        public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken) =>
            await inner.AcceptAsync(cancellationToken) is { } connection ? transport.Admit(connection) : null;

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
