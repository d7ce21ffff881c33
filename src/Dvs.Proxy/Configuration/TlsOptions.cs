namespace Dvs.Proxy.Configuration;

/// <summary>
/// TLS with one peer (classic section <c>tls { cert; key; ca; require; }</c>): always mutual, TLS 1.3 unless <see cref="AllowTls12"/>.
/// The files are PEM. They are looked at before every handshake and read again when they changed, so certificates are renewed without a
/// restart; a new file that is no good is reported, and the last good one stays in use. Connections that exist are not touched by a renewal.
/// A plain object, for one thread at a time: read at start, and later changes reach nobody.
/// </summary>
/// <remarks>
/// A peer's certificate must chain to an authority of <see cref="CaFile"/> (the system's authorities do not count), be valid today, be
/// meant for its side of TLS where it says what it is meant for (extended key usage), and carry the peer's name: see <see cref="PeerName"/>.
/// Revocation lists are not looked at: to shut a peer out before its certificate expires, remove it from the configuration, or renew the
/// authority. A certificate that expires ends no connection: it is looked at when one is made.
/// </remarks>
public sealed class TlsOptions
{
    /// <summary>File of this node's certificate, followed by those between it and its authority, if any (<c>cert</c>). Required.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>File of the certificate's private key, without password (<c>key</c>); null where <see cref="CertificateFile"/> holds it.</summary>
    public string? KeyFile { get; set; }

    /// <summary>File of the authorities that vouch for the peer (<c>ca</c>). Required.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>
    /// Refuse connections that the peer makes without TLS (<c>require</c>). Default on. Off is for the time of a migration: plain connections from
    /// the peer's addresses are let in, too. It does not change the connections this node makes: see <see cref="UseWhenConnecting"/>.
    /// </summary>
    public bool RequireWhenAccepting { get; set; } = true;

    /// <summary>
    /// Use TLS on the connections this node makes to the peer (<c>connect</c>). Default on. A handshake that fails never makes
    /// the connection a plain one. To move a running cluster to TLS: first all nodes with this and <see cref="RequireWhenAccepting"/> off, then
    /// all with this on, then all with both on.
    /// </summary>
    public bool UseWhenConnecting { get; set; } = true;

    /// <summary>Accept TLS 1.2 beside 1.3 (<c>tls12</c>). Default off.</summary>
    public bool AllowTls12 { get; set; }

    /// <summary>
    /// The name that the peer's certificate must carry (<c>name</c>); null takes <see cref="PeerOptions.Name"/> or
    /// <see cref="PeerOptions.Host"/>: either will do. It is compared, whole and without regard to case, with the DNS names of the
    /// certificate (an address with its IP addresses), or, only where it has no subject alternative name at all, with its common name.
    /// Wildcards match nothing.
    /// </summary>
    public string? PeerName { get; set; }
}
