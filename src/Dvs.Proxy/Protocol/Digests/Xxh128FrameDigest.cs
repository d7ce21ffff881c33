using System.IO.Hashing;

namespace Dvs.Proxy.Protocol.Digests;

/// <summary>
/// XXH128 of the frame, in its canonical order of bytes: against damage, not against an attacker (that is what <see cref="AesGmacFrameDigest"/>
/// and TLS are for). Stateless.
/// </summary>
internal sealed class Xxh128FrameDigest : IFrameDigest
{
    private Xxh128FrameDigest()
    {
    }

    public static Xxh128FrameDigest Instance { get; } = new();

    public CommandFlags Flags => CommandFlags.Digest | CommandFlags.Xxh128;

    public bool IsKeyed => false;

    public void Compute(ReadOnlySpan<byte> frame, ulong number, Span<byte> digest) => XxHash128.Hash(frame, digest);

    public bool Verify(ReadOnlySpan<byte> frame, ulong number, ReadOnlySpan<byte> digest)
    {
        Span<byte> actual = stackalloc byte[WireLimits.DigestSize];
        XxHash128.Hash(frame, actual);
        return actual.SequenceEqual(digest);
    }
}
