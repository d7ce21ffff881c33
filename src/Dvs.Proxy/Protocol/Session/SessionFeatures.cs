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

    /// <summary>
    /// The sender puts digests behind its payloads. A receiver reads by the frame's own flag, so both kinds of frames may follow one
    /// another.
    /// </summary>
    Digest = 1u << 1,
}
