using System.Threading.Channels;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>Connections that wait to be accepted. Those nobody accepted end with the listener, as in a TCP backlog.</summary>
internal sealed class InMemoryListener(InMemoryNetwork network, TransportEndpoint localEndpoint) : IProxyListener
{
    private const int Backlog = 128;

    private readonly Channel<InMemoryConnection> _offered = Channel.CreateBounded<InMemoryConnection>(Backlog);

    public TransportEndpoint LocalEndpoint { get; } = localEndpoint;

    public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (await _offered.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_offered.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        network.Remove(this);
        _offered.Writer.TryComplete();
        while (_offered.Reader.TryRead(out var connection))
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>False if the listener is disposed, or too many wait.</summary>
    internal bool Offer(InMemoryConnection connection) => _offered.Writer.TryWrite(connection);
}
