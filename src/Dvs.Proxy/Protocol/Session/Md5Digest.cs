using System.Security.Cryptography;

namespace Dvs.Proxy.Protocol.Session;

/// <summary>
/// MD5, as the format wants it: against damage, not against an attacker (that is what TLS is for). On a machine in FIPS mode the
/// operating system may refuse it with a <see cref="CryptographicException"/>.
/// </summary>
internal sealed class Md5Digest : IPayloadDigest
{
    /// <summary>Bytes of a digest.</summary>
    public const int Size = MD5.HashSizeInBytes;

    private Md5Digest()
    {
    }

    public static Md5Digest Instance { get; } = new();

#pragma warning disable CA5351 // The format prescribes MD5.
    public void Compute(ReadOnlySpan<byte> payload, Span<byte> digest) => MD5.HashData(payload, digest);

    public bool Verify(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> digest)
    {
        Span<byte> actual = stackalloc byte[Size];
        MD5.HashData(payload, actual);
        return actual.SequenceEqual(digest);
    }
#pragma warning restore CA5351
}
