namespace Dvs.Proxy.Protocol.Session;

/// <summary>
/// What two proxies agree on for a session. At-least-once is not among them: whether frames of unknown fate are sent again is the sender's
/// decision alone, and nothing on the wire depends on it.
/// </summary>
[Flags]
internal enum SessionFeatures : uint
{
    None = 0,

    /// <summary>Command frames are numbered, acknowledged and sent again. Without it there is no session.</summary>
    Sequence = 1u << 0,

    /// <summary>Every frame after the handshake, in both directions, carries a digest of its header and payload.</summary>
    Digest = 1u << 1,

    /// <summary>The two sides share a secret and prove it; the digests are keyed with what they agreed. With <see cref="Digest"/> only.</summary>
    Secret = 1u << 2,

    /// <summary>The digests of frames to come are XXH128, not MD5. With <see cref="Digest"/> and without <see cref="Secret"/> only.</summary>
    Xxh128 = 1u << 3,

    /// <summary>The headers of batches to come may be written as their differences.</summary>
    CompactBatches = 1u << 4,
}
