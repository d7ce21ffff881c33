namespace Dvs.Proxy.Diagnostics;

/// <summary>TLS of one connection. Immutable.</summary>
public sealed class TlsStatus
{
    /// <summary>Version and cipher suite: <c>Tls13 TLS_AES_256_GCM_SHA384</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Subject of the peer's certificate: <c>CN=node1</c>. At most 120 characters, without control characters.</summary>
    public required string PeerSubject { get; init; }

    /// <summary>When the peer's certificate expires, in UTC.</summary>
    public required DateTimeOffset PeerExpires { get; init; }
}
