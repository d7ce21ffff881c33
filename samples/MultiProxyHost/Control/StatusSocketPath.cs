using System.Globalization;
using System.Runtime.InteropServices;
using Dvs.MultiProxyHost.Commands;

namespace Dvs.MultiProxyHost.Control;

/// <summary>Where the status sockets of this user's proxies are: one folder, which only the user can look into.</summary>
internal static class StatusSocketPath
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary><c>$XDG_RUNTIME_DIR/dvs-proxy</c>, or <c>/tmp/dvs-proxy-UID</c>.</summary>
    public static string Folder
    {
        get
        {
            var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            return string.IsNullOrEmpty(runtime)
                ? string.Create(CultureInfo.InvariantCulture, $"/tmp/dvs-proxy-{GetUserId()}")
                : Path.Combine(runtime, "dvs-proxy");
        }
    }

    /// <summary>The socket of a node.</summary>
    public static string ForNode(int nodeId) => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"node{nodeId}.sock"));

    /// <summary>Makes the folder, and makes sure that nobody else can enter it.</summary>
    /// <exception cref="HostException">It is there and open to others, or cannot be made.</exception>
    public static void CreateFolder()
    {
        try
        {
            Directory.CreateDirectory(Folder, OwnerOnly);
            var others = File.GetUnixFileMode(Folder) & ~OwnerOnly;
            if (others != 0)
            {
                throw new HostException($"The folder of the status sockets, {Folder}, is open to others ({others}). Remove it, or give another socket with --socket.");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"Cannot make the folder of the status sockets, {Folder}: {exception.Message} Give another socket with --socket.", exception);
        }
    }

    /// <summary>The socket to ask where the user named neither socket nor node: the only one there is.</summary>
    /// <exception cref="HostException">There is none, or more than one.</exception>
    public static string FindOnly()
    {
        string[] sockets = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "node*.sock") : [];
        return sockets.Length switch
        {
            1 => sockets[0],
            0 => throw new HostException($"No proxy of this user runs here: there is no socket in {Folder}. Start one with: MultiProxyHost run --config FILE"),
            _ => throw new HostException($"Several proxies of this user run here: {string.Join(", ", sockets.Order())}. Choose one with --node or --socket."),
        };
    }

    [DllImport("libc", EntryPoint = "getuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetUserId();
}
