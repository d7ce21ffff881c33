using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Dvs.Proxy.Protocol.Digests;

/// <summary>What the frames of a keyed digest are; part of the nonce, so that no two kinds share one.</summary>
internal enum FrameDigestUse
{
    /// <summary>Command frames of a session.</summary>
    Commands = 1,

    /// <summary>Control messages of a connection, sender to receiver.</summary>
    ControlToReceiver = 2,

    /// <summary>Control messages of a connection, receiver to sender.</summary>
    ControlToSender = 3,
}

/// <summary>
/// The tag of AES-GCM over the frame as associated data, with nothing encrypted (GMAC, NIST SP 800-38D): only who has the key can make it. The
/// nonce is the use and the number of the frame, so a number must not be used twice with one key, but for the same frame sent again.
/// </summary>
internal sealed class AesGmacFrameDigest : IFrameDigest, IDisposable
{
    private const int NonceSize = 12;

    private readonly AesGcm _aes;
    private readonly FrameDigestUse _use;

    /// <param name="key">16 or 32 bytes.</param>
    /// <param name="use">What it is for.</param>
    public AesGmacFrameDigest(ReadOnlySpan<byte> key, FrameDigestUse use)
    {
        _aes = new AesGcm(key, WireLimits.DigestSize);
        _use = use;
    }

    public CommandFlags Flags => CommandFlags.Digest;

    public bool IsKeyed => true;

    public void Compute(ReadOnlySpan<byte> frame, ulong number, Span<byte> digest)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        WriteNonce(nonce, number);
        _aes.Encrypt(nonce, default, default, digest[..WireLimits.DigestSize], frame);
    }

    public bool Verify(ReadOnlySpan<byte> frame, ulong number, ReadOnlySpan<byte> digest)
    {
        // Made again and compared: Decrypt throws for a tag that does not fit.
        Span<byte> actual = stackalloc byte[WireLimits.DigestSize];
        Compute(frame, number, actual);
        return CryptographicOperations.FixedTimeEquals(actual, digest);
    }

    public void Dispose() => _aes.Dispose();

    private void WriteNonce(Span<byte> nonce, ulong number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(nonce, (int)_use);
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[sizeof(int)..], number);
    }
}
