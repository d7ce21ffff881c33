namespace Dvs.Proxy.Protocol.Digests;

/// <summary>
/// What shows whether a frame of a session arrived as it was sent. Either kind is against damage, not against intent: for that there are
/// shared secrets and TLS.
/// </summary>
public enum FrameDigestKind
{
    /// <summary>Nothing does.</summary>
    None,

    /// <summary>MD5 (RFC 1321), for those who ask for it: some 0.6 GB/s.</summary>
    Md5,

    /// <summary>XXH128 (seed 0): as good against damage, at the speed of memory.</summary>
    Xxh128,
}
