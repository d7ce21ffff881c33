using System.Globalization;
using System.Net.Sockets;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Unix;

/// <summary>
/// Unix-domain sockets: <c>proto unix</c>, for nodes that share a host, as containers and user-mode Linux do. An endpoint is a path: a file, or an
/// abstract name after <c>@</c>. Who may connect is known from the kernel, not from an address: processes of this user, of root, and of
/// <see cref="UnixSocketOptions.AllowedUsers"/>. Linux only. Uses nothing of this library that a transport of another assembly could not use.
/// Behaviour: UnixSocketTransportTests, the contract suite of the transports.
/// </summary>
/// <remarks>Reads, writes and connecting block the calling thread in the system call and complete inline; only accepting is asynchronous.</remarks>
public sealed class UnixSocketTransport : IProxyTransport
{
    private readonly UnixSocketOptions _options;
    private readonly HashSet<uint> _users;
    private readonly uint _ownUser;

    /// <summary>With default options.</summary>
    public UnixSocketTransport()
        : this(new UnixSocketOptions())
    {
    }

    /// <summary>With options of one's own; they are copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public UnixSocketTransport(UnixSocketOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.CheckedCopy();
        _ownUser = UnixPeer.OwnUserId;
        _users = [.. _options.AllowedUsers, _ownUser, 0];
    }

    /// <inheritdoc/>
    public string Name => "unix";

    /// <inheritdoc/>
    /// <exception cref="ProxyTransportException">The path is none, in use, or not to be written to.</exception>
    public ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IProxyListener>(cancellationToken);
        }

        try
        {
            return new ValueTask<IProxyListener>(Listen(local));
        }
        catch (ProxyTransportException failure)
        {
            return ValueTask.FromException<IProxyListener>(failure);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Blocks the calling thread while the listener's queue is full; cancelling the token ends that.</remarks>
    public ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        try
        {
            return new ValueTask<ProxyConnection>(Connect(remote, cancellationToken));
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

    private static Socket NewSocket(string purpose) => OperatingSystem.IsLinux()
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : throw new ProxyTransportException($"{purpose}: Unix-domain sockets work on Linux only; use tcp.");

    private UnixSocketListener Listen(TransportEndpoint local)
    {
        var purpose = $"Cannot listen on {local}";
        var address = UnixSocketAddress.Read(local, purpose);
        var socket = NewSocket(purpose);
        UnixSocketFile? file = null;
        try
        {
            file = address.IsAbstract ? null : UnixSocketFile.Claim(address.File, purpose);
            socket.Bind(address.EndPoint);

            // Nobody gets in before it listens: by then the permissions are right.
            file?.Own(_options.FileMode);
            socket.Listen(_options.Backlog);
            var listener = new UnixSocketListener(socket, local, accepted => Open(accepted, local.ToString()), file);
            (socket, file) = (null, null);
            return listener;
        }
        catch (SocketException failure)
        {
            throw ProxyTransportException.Of(purpose, failure);
        }
        finally
        {
            file?.Dispose();
            socket?.Dispose();
        }
    }

    private SocketConnection Connect(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        var purpose = $"Cannot connect to {remote}";
        var address = UnixSocketAddress.Read(remote, purpose);
        cancellationToken.ThrowIfCancellationRequested();
        var socket = NewSocket(purpose);
        try
        {
            // A blocking connect knows no time-out; disposing the socket is what ends it.
            using (cancellationToken.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket))
            {
                socket.Connect(address.EndPoint);
            }

            var peer = UnixPeer.Of(socket);
            if (!_users.Contains(peer.UserId))
            {
                throw new ProxyTransportException(
                    $"{purpose}: a process of user {peer.UserId} listens there: only those of root, of user {_ownUser} and of AllowedUsers are trusted.");
            }

            SetBuffer(socket);
            return new SocketConnection(socket, remote.ToString(), remoteAddress: null, _options.BufferSizes);
        }
        catch (Exception failure)
        {
            socket.Dispose();
            if (failure is SocketException or ObjectDisposedException)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            throw failure switch
            {
                SocketException { SocketErrorCode: SocketError.AccessDenied } denied => new ProxyTransportException(
                    $"{purpose}: permission denied: its file's permissions do not let this user in.", denied),
                SocketException { SocketErrorCode: SocketError.AddressNotAvailable } missing => new ProxyTransportException(
                    $"{purpose}: connection refused: there is no such file: nobody listens there yet.", missing),
                SocketException other => ProxyTransportException.Of(purpose, other),
                _ => failure,
            };
        }
    }

    private UnixSocketConnection Open(Socket accepted, string place)
    {
        var peer = UnixPeer.Of(accepted);
        SetBuffer(accepted);
        return new UnixSocketConnection(
            accepted,
            string.Create(CultureInfo.InvariantCulture, $"{place} (process {peer.ProcessId})"),
            _options.BufferSizes,
            _users.Contains(peer.UserId)
                ? null
                : $"it is a process of user {peer.UserId}: only those of root, of user {_ownUser} and of AllowedUsers may connect");
    }

    private void SetBuffer(Socket socket)
    {
        if (_options.SendBufferSize is { } size)
        {
            socket.SendBufferSize = size;
        }
    }
}
