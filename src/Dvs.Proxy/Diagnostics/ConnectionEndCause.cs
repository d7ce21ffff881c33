namespace Dvs.Proxy.Diagnostics;

/// <summary>Why a connection ended, or could not be made.</summary>
public enum ConnectionEndCause
{
    /// <summary>None has ended yet.</summary>
    None,

    /// <summary>The peer closed it in order.</summary>
    PeerClosed,

    /// <summary>The peer, or something on the way, reset it.</summary>
    PeerReset,

    /// <summary>The peer, or its machine, answered nothing any more.</summary>
    PeerVanished,

    /// <summary>The peer closed it and said that it stops.</summary>
    PeerStopped,

    /// <summary>The peer closed it and said that it is parked.</summary>
    PeerParked,

    /// <summary>The sending side of a session closed it: it was answered nothing, though the peer's machine answered.</summary>
    PeerSilent,

    /// <summary>It broke in another way.</summary>
    Broken,

    /// <summary>The receiving side closed it: its peer made a newer one.</summary>
    Replaced,

    /// <summary>The receiving side closed it: it brought nothing for too long.</summary>
    Idle,

    /// <summary>We closed it: the proxy or the pair stops.</summary>
    Stopped,

    /// <summary>We closed it: the proxy is parked.</summary>
    Parked,

    /// <summary>We closed it: a handshake took too long.</summary>
    HandshakeTimeout,

    /// <summary>One side closed it: it could not read a frame.</summary>
    MalformedFrame,

    /// <summary>The receiving side closed it: a frame of a session arrived damaged and is to be sent again.</summary>
    DamagedFrame,

    /// <summary>The receiving side closed it: frames of a session are missing.</summary>
    MissingFrames,

    /// <summary>One side closed it: the other broke the rules of the session.</summary>
    ProtocolViolation,

    /// <summary>The peer refuses the session, or we refuse it to the peer.</summary>
    SessionRefused,

    /// <summary>The two sides' settings do not fit: sessions, digest, data model, limits.</summary>
    SettingsDiffer,

    /// <summary>The driver of one side refused the connection, or holds it for disconnected.</summary>
    DriverRefused,

    /// <summary>The pair of one side is no longer bound to the driver.</summary>
    Unbound,

    /// <summary>A thread of the pair met a fault that nobody expected.</summary>
    Fault,

    /// <summary>Nobody listens at the peer's address.</summary>
    ConnectionRefused,

    /// <summary>The peer's address does not answer.</summary>
    ConnectTimeout,

    /// <summary>There is no way to the peer's address.</summary>
    Unreachable,

    /// <summary>The peer's host name cannot be resolved.</summary>
    UnknownHost,

    /// <summary>The TLS handshake failed.</summary>
    TlsFailed,

    /// <summary>A certificate was not accepted, by us or by the peer.</summary>
    CertificateRefused,

    /// <summary>This machine or process has no descriptor, thread or memory left for it.</summary>
    NoResources,

    /// <summary>The secret that is shared with the peer differs, or only one side has one.</summary>
    SecretMismatch,

    /// <summary>Another living process speaks for the same node.</summary>
    AnotherProcess,

    /// <summary>The peer lost the session, or contradicts it: another one begins.</summary>
    SessionLost,
}
