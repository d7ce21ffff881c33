using System.Security.Cryptography;

namespace Dvs.Proxy.Protocol.Digests;

/// <summary>
/// MD5 of the frame: against damage, not against an attacker (that is what <see cref="AesGmacFrameDigest"/> and TLS are for). On a machine in
/// FIPS mode the operating system may refuse it with a <see cref="CryptographicException"/>. Stateless.
/// </summary>
internal sealed class Md5FrameDigest : IFrameDigest
{
    private Md5FrameDigest()
    {
    }

    public static Md5FrameDigest Instance { get; } = new();

    public CommandFlags Flags => CommandFlags.Digest;

    public bool IsKeyed => false;

#pragma warning disable CA5351 // Nobody is kept out by it.
    public void Compute(ReadOnlySpan<byte> frame, ulong number, Span<byte> digest) => MD5.HashData(frame, digest);

    public bool Verify(ReadOnlySpan<byte> frame, ulong number, ReadOnlySpan<byte> digest)
    {
        Span<byte> actual = stackalloc byte[WireLimits.DigestSize];
        MD5.HashData(frame, actual);
        return actual.SequenceEqual(digest);
    }
#pragma warning restore CA5351
}
