using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Streams;

namespace Dvs.Proxy.Tool.Control;

/// <summary>Where the status sockets of this user's proxies are: one folder, which only the user can look into.</summary>
internal static class StatusSocketPath
{
    // sun_path has 108 bytes, the last of which is 0; a few systems have fewer.
    private const int MaxBytes = 107;
    private const uint Root = 0;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary><c>$XDG_RUNTIME_DIR/dvs-proxy</c>, or <c>/tmp/dvs-proxy-UID</c>.</summary>
    public static string Folder
    {
        get
        {
            var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            return string.IsNullOrEmpty(runtime)
                ? string.Create(CultureInfo.InvariantCulture, $"/tmp/dvs-proxy-{Libc.GetEffectiveUserId()}")
                : Path.Combine(runtime, "dvs-proxy");
        }
    }

    /// <summary>What keeps a path from being that of a socket; null for nothing.</summary>
    public static string? FindFault(string path) => Encoding.UTF8.GetByteCount(path) switch
    {
        0 => "The path of a status socket is empty.",
        > MaxBytes and var bytes => string.Create(
            CultureInfo.InvariantCulture, $"The path of the status socket has {bytes} bytes, and that of a socket has at most "
                + $"{MaxBytes}: {path} Give a shorter one with --socket."),
        _ => null,
    };

    /// <summary>The address of a socket.</summary>
    /// <exception cref="HostException">A socket cannot have this path.</exception>
    public static UnixDomainSocketEndPoint ToEndPoint(string path)
    {
        try
        {
            return FindFault(path) is { } fault ? throw new HostException(fault) : new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentException exception)
        {
            throw new HostException($"A socket cannot have the path {path}: {exception.Message}", exception);
        }
    }

    /// <summary>The socket for a new host of this user. Makes the folder, and makes sure that it is nobody else's.</summary>
    /// <exception cref="HostException">The folder is somebody else's, open to others, or cannot be made.</exception>
    public static string Make(int nodeId)
    {
        try
        {
            Directory.CreateDirectory(Folder, OwnerOnly);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"Cannot make the folder of the status sockets, {Folder}: {exception.Message} Give another socket "
                + $"with --socket.", exception);
        }

        CheckFolder();
        return ForNode(nodeId);
    }

    /// <summary>The socket to ask where the user named none: that of a node, or the only one there is.</summary>
    /// <exception cref="HostException">There is none, or more than one, or the folder is not this user's.</exception>
    public static string Find(int? nodeId)
    {
        CheckFolder();
        if (nodeId is { } node)
        {
            return ForNode(node);
        }

        var sockets = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "node*.sock") : [];
        return sockets.Length switch
        {
            1 => sockets[0],
            0 => throw new HostException($"No proxy of this user runs here: there is no socket in {Folder}. Start one with: dvs-proxy run --config FILE"),
            _ => throw new HostException($"Several proxies of this user run here: "
                + $"{ForeignText.Escape(string.Join(", ", sockets.Order()))}. Choose one with --node or --socket."),
        };
    }

    private static string ForNode(int nodeId) => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"node{nodeId}.sock"));

    // Whoever can make files in it can pass for a proxy, or be asked in its place.
    private static void CheckFolder()
    {
        if (UnixFileStatus.Read(Folder) is not { } status)
        {
            return;
        }

        var self = Libc.GetEffectiveUserId();
        var fault = status switch
        {
            { Kind: not UnixFileKind.Folder } => "is no folder",
            { Owner: var owner } when owner != self && owner != Root =>
                string.Create(CultureInfo.InvariantCulture, $"belongs to user {owner}, not to this one ({self})"),
            { Mode: var mode } when (mode & ~OwnerOnly) != 0 => $"is open to others ({mode & ~OwnerOnly})",
            _ => null,
        };
        if (fault is not null)
        {
            throw new HostException($"The folder of the status sockets, {Folder}, {fault}. Remove it, or give another socket with --socket.");
        }
    }
}
