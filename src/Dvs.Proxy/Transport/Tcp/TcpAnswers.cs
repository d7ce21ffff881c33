using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>Whether the peer's system still answers, as the kernel sees it: from <c>struct tcp_info</c> of tcp(7). Linux only.</summary>
/// <param name="Unanswered">Times in a row that something was sent again, or a probe was sent, and no answer came.</param>
/// <param name="SinceLastAnswer">Time since the last acknowledgement of any kind, also one that says no more than that the peer lives.</param>
internal readonly record struct TcpAnswers(int Unanswered, TimeSpan SinceLastAnswer)
{
    private const int TcpLevel = 6; // IPPROTO_TCP
    private const int TcpInfo = 11; // TCP_INFO
    private const int RetransmitsOffset = 2;
    private const int ProbesOffset = 3;
    private const int LastAcknowledgementOffset = 56; // milliseconds
    private const int ReadLength = 60; // the kernel gives as much as is asked for

    /// <summary>False where the socket is closed, or the system knows no such thing.</summary>
    internal static bool TryRead(Socket socket, out TcpAnswers answers)
    {
        answers = default;
        Span<byte> info = stackalloc byte[ReadLength];
        try
        {
            if (socket.GetRawSocketOption(TcpLevel, TcpInfo, info) < ReadLength)
            {
                return false;
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return false;
        }

        var milliseconds = MemoryMarshal.Read<uint>(info[LastAcknowledgementOffset..]);
        answers = new TcpAnswers(info[RetransmitsOffset] + info[ProbesOffset], TimeSpan.FromMilliseconds(milliseconds));
        return true;
    }
}
