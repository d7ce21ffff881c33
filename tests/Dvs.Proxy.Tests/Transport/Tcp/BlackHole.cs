using System.Net.Sockets;

namespace Dvs.Proxy.Tests.Transport.Tcp;

/// <summary>
/// The end of a network: the kernel drops every segment that comes for a socket before TCP sees it (a socket filter that lets nothing
/// pass), so that its peer gets no acknowledgement, as if this host were switched off. Needs no privilege. Linux.
/// </summary>
internal static unsafe class BlackHole
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int AttachFilter = 26; // SO_ATTACH_FILTER
    private const int DetachFilter = 27; // SO_DETACH_FILTER
    private const ushort ReturnConstant = 6; // BPF_RET | BPF_K

    public static void Open(Socket socket)
    {
        // struct sock_filter { u16 code; u8 jt, jf; u32 k; }: return 0 bytes of the packet.
        ulong instruction = ReturnConstant;

        // struct sock_fprog { unsigned short len; struct sock_filter *filter; }
        var program = stackalloc nuint[2];
        program[0] = 0;
        *(ushort*)program = 1;
        program[1] = (nuint)(&instruction);
        socket.SetRawSocketOption(SocketLevel, AttachFilter, new ReadOnlySpan<byte>(program, 2 * sizeof(nuint)));
    }

    public static void Close(Socket socket) => socket.SetRawSocketOption(SocketLevel, DetachFilter, new byte[sizeof(int)]);
}
