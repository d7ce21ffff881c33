namespace Dvs.Proxy.Protocol;

/// <summary>Proxy-to-proxy flags of a header (classic <c>c_flags</c>). The driver neither sets nor reads them.</summary>
[Flags]
public enum CommandFlags : ulong
{
    /// <summary>A lone, uncompressed command.</summary>
    None = 0,

    /// <summary>The payload holds further headers.</summary>
    Batch = 1UL << 0,

    /// <summary>The payload is one LZ4 frame.</summary>
    Lz4 = 1UL << 1,

    /// <summary>A load balancer rewrote the header.</summary>
    CheckHeader = 1UL << 2,

    /// <summary>Session: <see cref="CommandHeader.SendSequence"/> is binding.</summary>
    Sequenced = 1UL << 16,

    /// <summary>
    /// Session: a digest of header and payload, as they are on the wire, follows the payload; <see cref="CommandHeader.PayloadLength"/> counts
    /// its 16 bytes. MD5 unless <see cref="Xxh128"/> is set, or where the two sides share a secret an AES-GMAC tag.
    /// </summary>
    Digest = 1UL << 17,

    /// <summary>Session: the headers in the payload of a <see cref="Batch"/> are written as their differences, each from the one before it.</summary>
    Compact = 1UL << 18,

    /// <summary>Session: the digest is XXH128; with <see cref="Digest"/> only.</summary>
    Xxh128 = 1UL << 19,
}
