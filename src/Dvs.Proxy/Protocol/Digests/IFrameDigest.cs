namespace Dvs.Proxy.Protocol.Digests;

/// <summary>A digest of whole frames: of header and payload as they are on the wire. Allocates nothing. One thread at a time.</summary>
internal interface IFrameDigest
{
    /// <summary>The digest without a key: XXH128, or MD5.</summary>
    static IFrameDigest Unkeyed(bool isXxh128) => isXxh128 ? Xxh128FrameDigest.Instance : Md5FrameDigest.Instance;

    /// <summary>The flags of a frame that has such a digest.</summary>
    CommandFlags Flags { get; }

    /// <summary>
    /// True where only who has the key can make a digest. Then one that does not fit may be somebody's intent, and nothing of its frame may be
    /// acted upon.
    /// </summary>
    bool IsKeyed { get; }

    /// <summary>Writes the digest of a frame, <see cref="WireLimits.DigestSize"/> bytes.</summary>
    /// <param name="frame">Header and payload, the digest not included.</param>
    /// <param name="number">Number of the frame, 64 bits in either data model; no two frames have the same.</param>
    /// <param name="digest">Where it goes.</param>
    void Compute(ReadOnlySpan<byte> frame, ulong number, Span<byte> digest);

    /// <summary>True if <paramref name="digest"/> is that of the frame.</summary>
    bool Verify(ReadOnlySpan<byte> frame, ulong number, ReadOnlySpan<byte> digest);
}
