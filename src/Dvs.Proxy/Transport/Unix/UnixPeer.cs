using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Transport.Unix;

/// <summary>The process at the other end of a Unix-domain socket, as the kernel knows it (SO_PEERCRED): it cannot lie. Linux only.</summary>
/// <param name="ProcessId">Its process, as seen from here; 0 where it lives in a namespace that is not seen from here.</param>
/// <param name="UserId">Its effective user when it connected or began to listen.</param>
/// <param name="GroupId">Its effective group then.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly partial record struct UnixPeer(int ProcessId, uint UserId, uint GroupId)
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerCredentials = 17; // SO_PEERCRED

    /// <summary>Effective user of this process.</summary>
    internal static uint OwnUserId => OperatingSystem.IsLinux() ? EffectiveUser() : 0;

    /// <exception cref="SocketException">The connection has gone.</exception>
    internal static unsafe UnixPeer Of(Socket socket)
    {
        UnixPeer peer = default;
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, new Span<byte>(&peer, sizeof(UnixPeer)));
        return peer;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint EffectiveUser();
}
