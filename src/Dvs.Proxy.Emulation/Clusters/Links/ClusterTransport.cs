using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Emulation.Clusters.Links;

/// <summary>A cluster's transport: another one whose connections are part of a link, with its faults, and whose ports are the system's to choose.</summary>
internal sealed class ClusterTransport(IProxyTransport inner, ClusterLinks links) : IProxyTransport
{
    public string Name => inner.Name;

    public async ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken)
    {
        var listener = await inner.ListenAsync(new TransportEndpoint(local.Host, 0), cancellationToken).ConfigureAwait(false);
        links.Listens(local.Port, listener.LocalEndpoint);
        return new Listener(listener, local.Port, links);
    }

    public async ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        var link = links.FindByPort(remote.Port);
        if (link.Refuses || links.PlaceOf(remote.Port) is not { } place)
        {
            var reason = link.Refuses ? "a fault of the cluster" : "nobody listens there";
            throw new ProxyTransportException($"Cannot connect to {remote}: connection refused: {reason}.");
        }

        var connection = await inner.ConnectAsync(place, cancellationToken).ConfigureAwait(false);
        return await ClusterConnection.TryMakeAsync(connection, link).ConfigureAwait(false)
            ?? throw new ProxyTransportException($"Cannot connect to {remote}: connection refused: a fault of the cluster.");
    }

    private sealed class Listener(IProxyListener inner, int port, ClusterLinks links) : IProxyListener
    {
        private readonly ClusterLink _link = links.FindByPort(port);

        public TransportEndpoint LocalEndpoint => inner.LocalEndpoint;

        public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken)
        {
            while (await inner.AcceptAsync(cancellationToken).ConfigureAwait(false) is { } connection)
            {
                if (await ClusterConnection.TryMakeAsync(connection, _link).ConfigureAwait(false) is { } made)
                {
                    return made;
                }
            }

            return null;
        }

        public ValueTask DisposeAsync()
        {
            links.ListensNoMore(port);
            return inner.DisposeAsync();
        }
    }
}
