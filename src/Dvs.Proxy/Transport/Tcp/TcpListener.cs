using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>
/// A listening TCP socket. Accepting is asynchronous (that makes only the listening descriptor non-blocking; accepted ones start as
/// blocking ones). An error such as too many open files leaves it listening: accept again after a pause.
/// </summary>
internal sealed class TcpListener : IProxyListener
{
    private readonly Socket _socket;
    private readonly TcpTransportOptions _options;
    private int _disposed;

    internal TcpListener(Socket socket, string? host, TcpTransportOptions options)
    {
        _socket = socket;
        _options = options;
        LocalEndpoint = new TransportEndpoint(host, ((IPEndPoint)socket.LocalEndPoint!).Port);
    }

    public TransportEndpoint LocalEndpoint { get; }

    /// <summary>For tests that look at its options.</summary>
    internal Socket Socket => _socket;

    private bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (!IsDisposed)
        {
            Socket accepted;
            try
            {
                accepted = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException && IsDisposed)
            {
                return null;
            }
            catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                continue;
            }
            catch (SocketException failure)
            {
                throw new ProxyTransportException(
                    $"Cannot accept a connection on {LocalEndpoint}: {SocketErrorText.Of(failure.SocketErrorCode)}.", failure);
            }

            if (IsDisposed)
            {
                accepted.Dispose();
                return null;
            }

            if (Open(accepted) is { } connection)
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _socket.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Null if the peer has gone already.</summary>
    private TcpConnection? Open(Socket accepted)
    {
        try
        {
            _options.ApplyToConnection(accepted);
            return new TcpConnection(accepted, _options);
        }
        catch (SocketException)
        {
            accepted.Dispose();
            return null;
        }
    }
}
