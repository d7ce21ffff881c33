using System.Net;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Configuration.Resolved;

/// <summary>
/// A peer as the proxy works with it: the options it was resolved from, and what resolving added to them or decided. What is here goes before
/// the option of the same name. Immutable, so any thread may read it. Made by <see cref="PeerResolver"/> from valid options.
/// Behaviour: PeerResolverTests.
/// </summary>
internal sealed class ResolvedPeer
{
    /// <summary>The options, as they were when the peer was resolved: what is changed in them later reaches nobody.</summary>
    public required PeerOptions Options { get; init; }

    /// <summary>Name of the peer, for messages and metrics.</summary>
    public string Name => Options.Name;

    /// <summary>Id of the pair.</summary>
    public int ProxyId => Options.ProxyId;

    /// <summary>Node id of the peer: the id of the pair.</summary>
    public int NodeId => Options.ProxyId;

    /// <summary>Name as the driver gets it: at most 15 bytes of UTF-8.</summary>
    public required string DriverName { get; init; }

    /// <summary>Where the sender connects to.</summary>
    public required TransportEndpoint Remote { get; init; }

    /// <summary>
    /// Where the receiver listens. Peers with equal transport and endpoint share a listener; port 0 is never shared: the system chooses one
    /// for each.
    /// </summary>
    public required TransportEndpoint Listen { get; init; }

    /// <summary>Whether payloads are compressed: decided while it runs only in a session.</summary>
    public required PayloadCompression Compress { get; init; }

    /// <summary>Compress batches: only where payloads are compressed in any case.</summary>
    public required bool CompressBatches { get; init; }

    /// <summary>Digest behind every frame: only in a session.</summary>
    public required FrameDigestKind FrameDigest { get; init; }

    /// <summary>Most commands behind the outer one of a batch.</summary>
    public required int MaxBatchCommands { get; init; }

    /// <summary>Silence after which a connection is closed; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>Where connections may come from; empty means the addresses of <see cref="Remote"/>'s host.</summary>
    public required IReadOnlyList<IPNetwork> Allow { get; init; }

    /// <summary>DCs that are to extend to the peer's node; bit n is DC n.</summary>
    public ulong Dcs { get; init; }

    /// <summary>File of the secret that is shared with the peer; null for none. Only in a session.</summary>
    public string? SecretFile { get; init; }

    /// <summary>TLS with the peer; null for none.</summary>
    public ResolvedTls? Tls { get; init; }
}
