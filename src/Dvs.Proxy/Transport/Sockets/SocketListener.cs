using System.Net.Sockets;

namespace Dvs.Proxy.Transport.Sockets;

/// <summary>
/// A listening stream socket, of whatever address family. Accepting is asynchronous (that makes only the listening descriptor non-blocking; accepted
/// ones start as blocking ones). An error such as too many open files leaves it listening: accept again after a pause.
/// One thread accepts at a time; any may dispose of the listener, which ends that.
/// </summary>
public class SocketListener : IProxyListener
{
    private readonly Func<Socket, ProxyConnection?> _open;
    private int _disposed;

    /// <summary>Takes a socket over: the listener owns it from now on.</summary>
    /// <param name="socket">Bound and listening.</param>
    /// <param name="localEndpoint">Where it listens.</param>
    /// <param name="open">Makes a connection of an accepted socket, which it owns from then on; null where that socket is not wanted, or its peer
    /// has gone. A <see cref="SocketException"/> means the latter, too.</param>
    public SocketListener(Socket socket, TransportEndpoint localEndpoint, Func<Socket, ProxyConnection?> open)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(open);
        (Socket, LocalEndpoint, _open) = (socket, localEndpoint, open);
    }

    /// <inheritdoc/>
    public TransportEndpoint LocalEndpoint { get; }

    /// <summary>The socket: to be looked at, not to be used.</summary>
    protected internal Socket Socket { get; }

    private bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <inheritdoc/>
    public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (!IsDisposed)
        {
            Socket accepted;
            try
            {
                accepted = await Socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
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
                throw ProxyTransportException.Of($"Cannot accept a connection on {LocalEndpoint}", failure);
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

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            OnDisposing();
            Socket.Dispose();
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The listener is being disposed of: its socket still listens. Called once.</summary>
    protected virtual void OnDisposing()
    {
    }

    private ProxyConnection? Open(Socket accepted)
    {
        try
        {
            return _open(accepted);
        }
        catch (SocketException)
        {
            accepted.Dispose();
            return null;
        }
    }
}
