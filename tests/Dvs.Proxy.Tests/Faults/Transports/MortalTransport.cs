using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>The network of a process that can die: from then on nothing leaves it, and nothing comes in but what had.</summary>
internal sealed class MortalTransport(IProxyTransport inner) : RememberingTransport(inner)
{
    private volatile bool _isDead;

    /// <summary>Ends all connections; no other is made.</summary>
    public void Kill()
    {
        _isDead = true;
        foreach (var connection in Connections)
        {
            connection.Abort();
        }
    }

    public override ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken) =>
        _isDead
            ? ValueTask.FromException<ProxyConnection>(new ProxyTransportException("This process is dead."))
            : base.ConnectAsync(remote, cancellationToken);

    protected override ProxyConnection Remember(ProxyConnection connection)
    {
        base.Remember(connection);
        if (_isDead)
        {
            connection.Abort();
        }

        return connection;
    }
}
