using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Configuration.Resolved;

/// <summary>TLS with one peer, every default applied. Immutable.</summary>
/// <param name="Files">This node's files.</param>
/// <param name="RequireWhenAccepting">Refuse plain connections of the peer.</param>
/// <param name="UseWhenConnecting">Use TLS on connections to the peer.</param>
/// <param name="AllowTls12">Accept TLS 1.2.</param>
/// <param name="PeerNames">The names of the peer; its certificate must carry one of them. At least one.</param>
internal sealed record ResolvedTls(
    TlsFiles Files, bool RequireWhenAccepting, bool UseWhenConnecting, bool AllowTls12, IReadOnlyList<string> PeerNames);
