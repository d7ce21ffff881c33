using System.Net.Sockets;
using Dvs.Proxy.Tool.Commands;

namespace Dvs.Proxy.Tool.Control;

/// <summary>
/// The listening end of a status socket, and its file. Of several hosts that find the file of a killed one at the same moment exactly one gets
/// the place: looking whether somebody answers, removing what is left behind and listening is one step under a <see cref="FolderLock"/>, and so is
/// the end. Any thread, one at a time. Behaviour: StatusSocketTests.
/// </summary>
internal sealed class StatusSocket : IDisposable
{
    private const int Backlog = 16;
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(10);

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _folder;

    private StatusSocket(string path) => _folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";

    /// <summary>Makes the socket, which only this user can connect to.</summary>
    /// <exception cref="HostException">It cannot be made, another proxy answers there, or something else has its name.</exception>
    public static StatusSocket Listen(string path)
    {
        var place = StatusSocketPath.ToEndPoint(path);
        var socket = new StatusSocket(path);
        try
        {
            using var turn = FolderLock.TryTake(socket._folder, LockLimit, out var fault)
                ?? throw new HostException($"Cannot make the status socket {path}: its folder cannot be locked: {fault}. Give another with --socket.");
            RemoveStale(path);
            socket.Bind(place, path);
            return socket;
        }
        catch
        {
            socket._listener.Dispose();
            throw;
        }
    }

    /// <summary>The next one who asks.</summary>
    public ValueTask<Socket> AcceptAsync(CancellationToken cancellation) => _listener.AcceptAsync(cancellation);

    /// <summary>Ends it and removes its file.</summary>
    public void Dispose()
    {
        // The socket removes the file a moment after nobody answers any more: another host could have made its own there. Where the folder cannot be
        // locked, as when it is gone, there is nothing better to do.
        using var turn = FolderLock.TryTake(_folder, LockLimit, out _);
        _listener.Dispose();
    }

    private void Bind(UnixDomainSocketEndPoint place, string path)
    {
        try
        {
            _listener.Bind(place);

            // Before Listen nobody can connect, so there is no moment at which others could.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _listener.Listen(Backlog);
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new HostException($"Cannot make the status socket {path}: {exception.Message}. Give another with --socket.", exception);
        }
    }

    private static void RemoveStale(string path)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        if (UnixFileStatus.Read(path) is not { Kind: UnixFileKind.Socket })
        {
            throw new HostException(
                $"{path} is there already, and not known to be a socket that a proxy left behind: it stays. Remove it, or give another "
                    + $"status socket with --socket.");
        }

        if (StatusClient.IsAnswered(path))
        {
            throw new HostException($"Another proxy runs and answers on {path}. Stop it first, or give another status socket with --socket.");
        }

        // Left behind by a process that was killed.
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException(
                $"Cannot remove the status socket {path}, which a proxy left behind: {exception.Message} Give another with --socket.", exception);
        }
    }
}
