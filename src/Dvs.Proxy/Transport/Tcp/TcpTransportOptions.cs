using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>How TCP connections are set up. The defaults are right for a cluster's network; read once, when the transport is
/// made, where a value out of its range is an <see cref="ArgumentOutOfRangeException"/>. A plain object, for one thread at a time.</summary>
public sealed class TcpTransportOptions
{
    // IPPROTO_TCP and TCP_NOTSENT_LOWAT of Linux; the framework knows no name for it.
    private const int TcpLevel = 6;
    private const int NotSentLowWater = 25;

    /// <summary>Send at once instead of waiting for more (TCP_NODELAY). Default on: the sender already gathers what is ready.</summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>Let the system probe silent connections (SO_KEEPALIVE), so that a peer that vanished is noticed. Default on.</summary>
    public bool KeepAlive { get; set; } = true;

    /// <summary>Silence before the first probe. Whole seconds, 1..32,767. Default 15 s.</summary>
    public TimeSpan KeepAliveTime { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time between probes. Whole seconds, 1..32,767. Default 5 s.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Probes without an answer that end the connection. 1..127. Default 3.</summary>
    public int KeepAliveRetries { get; set; } = 3;

    /// <summary>How long a peer's system may leave everything unanswered while data is under way, before the connection is given up as broken.
    /// A peer that answers but does not read is waited for without limit: that is back-pressure. At least 1 s; <see cref="Timeout.InfiniteTimeSpan"/>
    /// leaves it to the kernel, which takes a quarter of an hour. Default 30 s, as long as the probes of a silent connection take. Found
    /// out a quarter later at most. Without a session, what is under way is lost then: raise it where the network may be away for longer. Linux
    /// only.</summary>
    public TimeSpan UnansweredLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The kernel's send buffer in bytes (SO_SNDBUF); null, the default, lets the kernel tune it.</summary>
    public int? SendBufferSize { get; set; }

    /// <summary>Bytes written that may wait in the kernel for their turn on the line (TCP_NOTSENT_LOWAT): what is written next waits for all of them.
    /// At least 1; null leaves it to the kernel, which lets the whole send buffer wait. Default 128 KiB. Linux only.</summary>
    public int? UnsentBytes { get; set; } = 128 * 1024;

    /// <summary>The kernel's receive buffer in bytes (SO_RCVBUF); null, the default, lets the kernel tune it.</summary>
    public int? ReceiveBufferSize { get; set; }

    /// <summary>Sizes of the buffers that each connection keeps in this process.</summary>
    public SocketBufferSizes BufferSizes { get; set; } = new();

    /// <summary>Connections that may wait to be accepted. At least 1. Default 128.</summary>
    public int Backlog { get; set; } = 128;

    internal TcpTransportOptions CheckedCopy()
    {
        ThrowIfLess(KeepAliveTime, nameof(KeepAliveTime));
        ThrowIfLess(KeepAliveInterval, nameof(KeepAliveInterval));
        ThrowIfOutside(KeepAliveRetries, 1, 127, nameof(KeepAliveRetries));
        if (UnansweredLimit != Timeout.InfiniteTimeSpan)
        {
            ThrowIfLess(UnansweredLimit, nameof(UnansweredLimit));
        }

        ThrowIfOutside(SendBufferSize ?? 1, 1, int.MaxValue, nameof(SendBufferSize));
        ThrowIfOutside(UnsentBytes ?? 1, 1, int.MaxValue, nameof(UnsentBytes));
        ThrowIfOutside(ReceiveBufferSize ?? 1, 1, int.MaxValue, nameof(ReceiveBufferSize));
        BufferSizes.Check();
        ThrowIfOutside(Backlog, 1, int.MaxValue, nameof(Backlog));
        return (TcpTransportOptions)MemberwiseClone();
    }

    /// <summary>Buffer sizes must be known before connecting or listening: the window scale is agreed on then.</summary>
    internal void ApplyBeforeConnecting(Socket socket)
    {
        if (SendBufferSize is { } send)
        {
            socket.SendBufferSize = send;
        }

        if (ReceiveBufferSize is { } receive)
        {
            socket.ReceiveBufferSize = receive;
        }
    }

    internal void ApplyToConnection(Socket socket)
    {
        socket.NoDelay = NoDelay;
        if (UnsentBytes is { } unsent && OperatingSystem.IsLinux())
        {
            socket.SetRawSocketOption(TcpLevel, NotSentLowWater, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in unsent)));
        }

        if (KeepAlive)
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)KeepAliveTime.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)KeepAliveInterval.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
        }
    }

    private static void ThrowIfLess(TimeSpan value, string name)
    {
        if (value < TimeSpan.FromSeconds(1) || value.TotalSeconds > short.MaxValue)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be between 1 s and {short.MaxValue} s.");
        }
    }

    private static void ThrowIfOutside(int value, int minimum, int maximum, string name)
    {
        if (value < minimum || value > maximum)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be between {minimum} and {maximum}.");
        }
    }
}
