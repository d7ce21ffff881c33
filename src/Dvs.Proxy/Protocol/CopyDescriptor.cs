using System.Runtime.InteropServices;

namespace Dvs.Proxy.Protocol;

/// <summary>
/// What is copied from where to where (classic <c>vcopy_t</c>). In memory it has the LP64 layout of C, 40 bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
public struct CopyDescriptor : IEquatable<CopyDescriptor>
{
    /// <summary>Endpoint of the process the bytes come from (<c>v_src</c>).</summary>
    public int SourceEndpoint;

    /// <summary>Endpoint of the process the bytes go to (<c>v_dst</c>).</summary>
    public int DestinationEndpoint;

    /// <summary>Endpoint of the process that asked for the copy (<c>v_rqtr</c>).</summary>
    public int RequesterEndpoint;

    private readonly int _padding;

    /// <summary>Address in the source process (<c>v_saddr</c>).</summary>
    public ulong SourceAddress;

    /// <summary>Address in the destination process (<c>v_daddr</c>).</summary>
    public ulong DestinationAddress;

    /// <summary>Length in bytes (<c>v_bytes</c>).</summary>
    public int Length;

    /// <inheritdoc/>
    public readonly bool Equals(CopyDescriptor other) =>
        SourceEndpoint == other.SourceEndpoint && DestinationEndpoint == other.DestinationEndpoint
        && RequesterEndpoint == other.RequesterEndpoint && SourceAddress == other.SourceAddress
        && DestinationAddress == other.DestinationAddress && Length == other.Length;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is CopyDescriptor other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() =>
        HashCode.Combine(SourceEndpoint, DestinationEndpoint, RequesterEndpoint, SourceAddress, DestinationAddress, Length);

    /// <summary>Field-wise equality; padding does not count.</summary>
    public static bool operator ==(CopyDescriptor left, CopyDescriptor right) => left.Equals(right);

    /// <summary>Field-wise inequality.</summary>
    public static bool operator !=(CopyDescriptor left, CopyDescriptor right) => !left.Equals(right);

    /// <inheritdoc/>
    public override readonly string ToString() =>
        $"{Length} bytes {SourceEndpoint}:0x{SourceAddress:x} -> {DestinationEndpoint}:0x{DestinationAddress:x} for {RequesterEndpoint}";
}
