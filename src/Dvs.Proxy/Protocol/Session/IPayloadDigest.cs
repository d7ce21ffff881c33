namespace Dvs.Proxy.Protocol.Session;

/// <summary>A digest of payloads. Stateless towards the caller, allocates nothing.</summary>
internal interface IPayloadDigest
{
    /// <summary>Writes the digest of a payload, <see cref="Md5Digest.Size"/> bytes.</summary>
    void Compute(ReadOnlySpan<byte> payload, Span<byte> digest);

    /// <summary>True if <paramref name="digest"/> is that of the payload.</summary>
    bool Verify(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> digest);
}
