using System.Threading.Channels;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tls;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>Another transport with TLS around every connection, so that the contract suite can run over it. Handshakes in the background.</summary>
internal sealed class TlsTestTransport(IProxyTransport inner, TlsCredentials credentials, bool allowTls12 = false) : IProxyTransport
{
    public string Name => inner.Name;

    public async ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) =>
        new Listener(await inner.ListenAsync(local, cancellationToken), credentials, allowTls12);

    public async ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        var connection = await inner.ConnectAsync(remote, cancellationToken);
        try
        {
            return TlsHandshake.AsClient(connection, credentials, allowTls12, "node", static _ => null, TimeProvider.System).Connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private sealed class Listener : IProxyListener
    {
        private readonly IProxyListener _listener;
        private readonly Channel<ProxyConnection> _ready = Channel.CreateUnbounded<ProxyConnection>();
        private readonly Task _accepting;

        internal Listener(IProxyListener listener, TlsCredentials credentials, bool allowTls12)
        {
            _listener = listener;
            _accepting = Task.Run(async () =>
            {
                while (await listener.AcceptAsync(CancellationToken.None) is { } connection)
                {
                    await Task.Factory.StartNew(
                        () => Handshake(connection, credentials, allowTls12), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                }

                _ready.Writer.TryComplete();
            });
        }

        public TransportEndpoint LocalEndpoint => _listener.LocalEndpoint;

        public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken) =>
            await _ready.Reader.WaitToReadAsync(cancellationToken) && _ready.Reader.TryRead(out var connection) ? connection : null;

        public async ValueTask DisposeAsync()
        {
            await _listener.DisposeAsync();
            await _accepting;
            while (_ready.Reader.TryRead(out var connection))
            {
                connection.Abort();
                await connection.DisposeAsync();
            }
        }

        private void Handshake(ProxyConnection connection, TlsCredentials credentials, bool allowTls12)
        {
            try
            {
                _ready.Writer.TryWrite(TlsHandshake.AsServer(connection, credentials, allowTls12, static _ => null, TimeProvider.System).Connection);
            }
            catch (ProxyTransportException)
            {
                connection.Abort();
                connection.DisposeAsync().WaitBlocking();
            }
        }
    }
}
