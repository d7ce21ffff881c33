using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Transport.Addresses;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>
/// TCP over IPv4 and IPv6: <c>proto tcp</c>. Reads, writes and connecting block the calling thread in the system call and complete inline;
/// only accepting is asynchronous. A null host listens on all addresses of both families; a name with several addresses listens on
/// the first (IPv4 before IPv6). To connect, all of them are tried, the families in turn, IPv4 first: the next begins when the one before
/// has failed or has not answered for a quarter of a second, and the first that answers is taken (happy eyeballs, RFC 8305).
/// </summary>
public sealed class TcpTransport : IProxyTransport
{
    // RFC 8305, section 5.
    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    private readonly TcpTransportOptions _options;
    private readonly Func<string, CancellationToken, IPAddress[]> _lookUp;
    private readonly TimeProvider _time;
    private readonly ConnectRace<Socket> _race;

    /// <summary>With default options.</summary>
    public TcpTransport()
        : this(new TcpTransportOptions())
    {
    }

    /// <summary>With options of one's own; they are copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public TcpTransport(TcpTransportOptions options)
        : this(options, SocketAddresses.LookUp, TimeProvider.System)
    {
    }

    /// <summary>With names and a clock of one's own.</summary>
    internal TcpTransport(TcpTransportOptions options, Func<string, CancellationToken, IPAddress[]> lookUp, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.CheckedCopy();
        _lookUp = lookUp;
        _time = time;
        _race = new ConnectRace<Socket>(Dial, AttemptDelay, time);
    }

    /// <inheritdoc/>
    public string Name => "tcp";

    /// <inheritdoc/>
    public ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken)
    {
        try
        {
            return new ValueTask<IProxyListener>(Listen(local, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IProxyListener>(cancellationToken);
        }
        catch (ProxyTransportException failure)
        {
            return ValueTask.FromException<IProxyListener>(failure);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Blocks the calling thread; cancelling the token ends it at once.</remarks>
    public ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        try
        {
            return new ValueTask<ProxyConnection>(Connect(remote, cancellationToken));
        }
        catch (ConnectCanceledException failure)
        {
            return ValueTask.FromException<ProxyConnection>(failure);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ProxyConnection>(cancellationToken);
        }
        catch (ProxyTransportException failure)
        {
            return ValueTask.FromException<ProxyConnection>(failure);
        }
    }

    private SocketListener Listen(TransportEndpoint local, CancellationToken cancellationToken)
    {
        var purpose = $"Cannot listen on {local}";
        CheckNoPath(local, purpose);
        CheckPort(local.Port, IPEndPoint.MinPort, purpose);
        cancellationToken.ThrowIfCancellationRequested();
        if (local.Host is not null)
        {
            var address = SocketAddresses.Resolve(local.Host, purpose, _lookUp, cancellationToken)[0];
            return Listen(new IPEndPoint(address, local.Port), local.Host, purpose);
        }

        if (Socket.OSSupportsIPv6)
        {
            try
            {
                return Listen(new IPEndPoint(IPAddress.IPv6Any, local.Port), null, purpose);
            }
            catch (ProxyTransportException failure) when (failure.InnerException is SocketException
            {
                SocketErrorCode: SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable
                    or SocketError.ProtocolFamilyNotSupported or SocketError.ProtocolNotSupported,
            })
            {
                // IPv6 is there, but switched off: IPv4 it is.
            }
        }

        return Listen(new IPEndPoint(IPAddress.Any, local.Port), null, purpose);
    }

    private SocketListener Listen(IPEndPoint endpoint, string? host, string purpose)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            // The runtime sets SO_REUSEADDR for TCP when it binds, so connections in TIME_WAIT do not stand in the way of a restart. Its
            // own ReuseAddress
            // option must stay off: it would set SO_REUSEPORT too, and let a second instance steal every other connection.
            _options.ApplyBeforeConnecting(socket);
            socket.Bind(endpoint);
            socket.Listen(_options.Backlog);
            return new SocketListener(socket, new TransportEndpoint(host, ((IPEndPoint)socket.LocalEndPoint!).Port), Open);
        }
        catch (SocketException failure)
        {
            socket?.Dispose();
            throw ProxyTransportException.Of(purpose, failure);
        }
    }

    private TcpConnection Open(Socket accepted)
    {
        _options.ApplyToConnection(accepted);
        return new TcpConnection(accepted, _options, _time);
    }

    private TcpConnection Connect(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        var purpose = $"Cannot connect to {remote}";
        CheckNoPath(remote, purpose);
        CheckPort(remote.Port, 1, purpose);
        if (remote.Host is null)
        {
            throw new ProxyTransportException($"{purpose}: no host is given.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        Socket? socket = null;
        try
        {
            socket = _race.Connect(EndpointsOf(remote.Host, remote.Port, purpose, cancellationToken), cancellationToken);
            _options.ApplyToConnection(socket);
            var connection = new TcpConnection(socket, _options, _time);
            socket = null;
            return connection;
        }
        catch (ConnectFailedException failure) when (failure.IsCanceled)
        {
            throw failure.IsOf(remote.Host) ? new OperationCanceledException(cancellationToken)
                : new ConnectCanceledException(failure.Describe(remote.Host), cancellationToken);
        }
        catch (ConnectFailedException failure)
        {
            throw new ProxyTransportException($"{purpose}: {failure.Describe(remote.Host)}.", failure.InnerException ?? failure);
        }
        catch (SocketException failure)
        {
            throw ProxyTransportException.Of(purpose, failure);
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private IPEndPoint[] EndpointsOf(string host, int port, string purpose, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = SocketAddresses.Resolve(host, purpose, _lookUp, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new ConnectCanceledException("its name was not resolved: the name server does not answer", cancellationToken);
        }

        // A name that is blocked on purpose is often given the address that means this machine.
        IPEndPoint[] endpoints = [.. addresses.Where(static each => HostText.WhyNoHost(each) is null).Select(each => new IPEndPoint(each, port))];
        return endpoints.Length > 0 ? endpoints : throw new ProxyTransportException($"{purpose}: {addresses[0]} {HostText.WhyNoHost(addresses[0])}.");
    }

    private Socket Dial(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _options.ApplyBeforeConnecting(socket);

            // A blocking connect knows no time-out; disposing the socket is what ends it.
            using (cancellationToken.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket))
            {
                socket.Connect(endpoint);
            }

            cancellationToken.ThrowIfCancellationRequested();
            RefuseItself(socket);
            return socket;
        }
        catch (Exception failure)
        {
            socket.Dispose();
            if (failure is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            throw;
        }
    }

    /// <summary>TCP can connect a socket to itself when nobody listens on a local port and the system happens to pick just that
    /// one.</summary>
    private static void RefuseItself(Socket socket)
    {
        if (socket.LocalEndPoint!.Equals(socket.RemoteEndPoint))
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }
    }

    private static void CheckNoPath(TransportEndpoint endpoint, string purpose)
    {
        if (endpoint.Path is not null)
        {
            throw new ProxyTransportException($"{purpose}: TCP takes a host and a port, not a path.");
        }
    }

    private static void CheckPort(int port, int minimum, string purpose)
    {
        if (port < minimum || port > IPEndPoint.MaxPort)
        {
            throw new ProxyTransportException(
                string.Create(CultureInfo.InvariantCulture, $"{purpose}: the port must be between {minimum} and {IPEndPoint.MaxPort}."));
        }
    }
}
