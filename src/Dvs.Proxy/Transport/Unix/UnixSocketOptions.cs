using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Unix;

/// <summary>How Unix-domain sockets are set up. Read once, when the transport is made, where a value out of its range is an
/// <see cref="ArgumentOutOfRangeException"/>. A plain object, for one thread at a time.</summary>
public sealed class UnixSocketOptions
{
    /// <summary>Permissions of a listener's file: who may write to it may connect. Default: the owner alone, 0600.</summary>
    public UnixFileMode FileMode { get; set; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Users whose processes may connect, beside root and the user this process runs as. An abstract name has no permissions, so that every process
    /// of the network namespace could; and where a file's permissions let more in, this still holds. Empty, the default, for no others.</summary>
    public IReadOnlyCollection<uint> AllowedUsers { get; set; } = [];

    /// <summary>The kernel's send buffer in bytes (SO_SNDBUF), which bounds what is on the way; null leaves the system's default. Default 1 MiB:
    /// several of the largest frames.</summary>
    public int? SendBufferSize { get; set; } = 1 << 20;

    /// <summary>Connections that may wait to be accepted. At least 1. Default 128.</summary>
    public int Backlog { get; set; } = 128;

    /// <summary>Sizes of the buffers that each connection keeps in this process.</summary>
    public SocketBufferSizes BufferSizes { get; set; } = new();

    internal UnixSocketOptions CheckedCopy()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SendBufferSize ?? 1, 1, nameof(SendBufferSize));
        ArgumentOutOfRangeException.ThrowIfLessThan(Backlog, 1, nameof(Backlog));
        ArgumentNullException.ThrowIfNull(AllowedUsers);
        ArgumentNullException.ThrowIfNull(BufferSizes);
        var copy = (UnixSocketOptions)MemberwiseClone();
        copy.AllowedUsers = [.. AllowedUsers];
        return copy;
    }
}
