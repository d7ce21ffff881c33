namespace Dvs.Proxy.Transport.Sockets;

/// <summary>Sizes of the buffers that a <see cref="SocketConnection"/> keeps in this process; the kernel's own are the socket's options.
/// Immutable, for any thread.</summary>
public sealed class SocketBufferSizes
{
    /// <summary>Smallest <see cref="ReadBufferSize"/> in bytes: the largest frame with header, digest and some room.</summary>
    public const int SmallestReadBufferSize = 80 * 1024;

    /// <summary>Size in bytes of a connection's own read buffer under load: how much one system call can take in.
    /// At least <see cref="SmallestReadBufferSize"/>. Default 128 KiB. An idle connection holds 16 KiB.</summary>
    public int ReadBufferSize { get; init; } = 128 * 1024;

    /// <summary>Most bytes a connection's read buffer may grow to. At least <see cref="ReadBufferSize"/>. Default 1 MiB.</summary>
    public int MaximumReadBufferSize { get; init; } = 1024 * 1024;

    internal SocketBufferSizes Check()
    {
        ThrowIfOutside(ReadBufferSize, SmallestReadBufferSize, nameof(ReadBufferSize));
        ThrowIfOutside(MaximumReadBufferSize, ReadBufferSize, nameof(MaximumReadBufferSize));
        return this;
    }

    private static void ThrowIfOutside(int value, int minimum, string name)
    {
        if (value < minimum || value > int.MaxValue / 2)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be between {minimum} and {int.MaxValue / 2}.");
        }
    }
}
