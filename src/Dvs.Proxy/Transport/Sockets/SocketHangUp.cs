using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dvs.Proxy.Interop;

namespace Dvs.Proxy.Transport.Sockets;

/// <summary>
/// Waits for the end of a connection without reading from it: poll(2) with POLLRDHUP alone, so that arriving data does not wake the thread.
/// The framework's own Poll knows no such event. Linux only.
/// </summary>
internal static class SocketHangUp
{
    private const short PeerClosed = 0x2000; // POLLRDHUP; errors and hang-ups are reported unasked

    internal static bool IsSupported { get; } = OperatingSystem.IsLinux();

    /// <summary>Blocks until the peer has closed its direction, or the connection broke, or one's own side has shut it down.</summary>
    /// <returns>The error that broke it, unless another thread has been told of it before.</returns>
    internal static SocketError Wait(Socket socket)
    {
        Poll(socket, Timeout.Infinite);
        try
        {
            return (SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        }
        catch (Exception failure) when (failure is ObjectDisposedException or SocketException)
        {
            // It has ended already.
            return SocketError.Success;
        }
    }

    /// <summary>True where <see cref="Wait"/> would not block. Waits for nothing, and leaves the error to whoever does.</summary>
    internal static bool HasEnded(Socket socket) => Poll(socket, 0);

    // True: it has ended.
    private static bool Poll(Socket socket, int milliseconds)
    {
        var isHeld = false;
        try
        {
            socket.SafeHandle.DangerousAddRef(ref isHeld);
            var entry = new PollEntry { Descriptor = (int)socket.SafeHandle.DangerousGetHandle(), Events = PeerClosed };
            int ready;
            while ((ready = Libc.Poll(ref entry, 1, milliseconds)) < 0 && Marshal.GetLastPInvokeError() == Libc.ErrnoInterrupted)
            {
            }

            // A wait that cannot be made must not look like one that goes on.
            return ready != 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
        finally
        {
            if (isHeld)
            {
                socket.SafeHandle.DangerousRelease();
            }
        }
    }
}
