using System.Net;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Configuration.Resolved;

/// <summary>A peer with every default applied: what the proxy works with. Immutable. Made by <see cref="PeerResolver"/> from valid options.</summary>
internal sealed record ResolvedPeer
{
    /// <summary>Name of the peer, for messages and metrics.</summary>
    public required string Name { get; init; }

    /// <summary>Name as the driver gets it: at most 15 bytes of UTF-8.</summary>
    public required string DriverName { get; init; }

    /// <summary>Id of the pair.</summary>
    public required int ProxyId { get; init; }

    /// <summary>Node id of the peer: the id of the pair.</summary>
    public int NodeId => ProxyId;

    /// <summary>Name of the transport; compare without regard to case.</summary>
    public required string TransportName { get; init; }

    /// <summary>Where the sender connects to.</summary>
    public required TransportEndpoint Remote { get; init; }

    /// <summary>
    /// Where the receiver listens. Peers with equal transport and endpoint share a listener; port 0 is never shared: the system chooses one
    /// for each.
    /// </summary>
    public required TransportEndpoint Listen { get; init; }

    /// <summary>Compress data blocks.</summary>
    public required bool Compress { get; init; }

    /// <summary>Compress batches: only with <see cref="Compress"/>.</summary>
    public required bool CompressBatches { get; init; }

    /// <summary>Batch commands.</summary>
    public required bool Batch { get; init; }

    /// <summary>Bind unknown clients.</summary>
    public required bool AutoBind { get; init; }

    /// <summary>Fill in missing pids.</summary>
    public required bool SendPid { get; init; }

    /// <summary>Reliable session.</summary>
    public required bool UseSession { get; init; }

    /// <summary>Digest behind payloads; only with <see cref="UseSession"/>.</summary>
    public required bool UseFrameDigest { get; init; }

    /// <summary>Most bytes kept unacknowledged.</summary>
    public required int WindowBytes { get; init; }

    /// <summary>Most frames kept unacknowledged.</summary>
    public required int WindowFrames { get; init; }

    /// <summary>How long an acknowledgement may wait for more to acknowledge.</summary>
    public required TimeSpan AcknowledgementDelay { get; init; }

    /// <summary>How long a lost connection is not told to the driver.</summary>
    public required TimeSpan ResumeWindow { get; init; }

    /// <summary>Send frames of unknown fate again.</summary>
    public required bool AtLeastOnce { get; init; }

    /// <summary>Most commands behind the outer one of a batch.</summary>
    public required int MaxBatchCommands { get; init; }

    /// <summary>Time without a command after which the sender says hello.</summary>
    public required TimeSpan HelloPeriod { get; init; }

    /// <summary>Silence after which a connection is closed; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>First wait before connecting again.</summary>
    public required TimeSpan BackoffMinimum { get; init; }

    /// <summary>Longest wait before connecting again.</summary>
    public required TimeSpan BackoffMaximum { get; init; }

    /// <summary>Longest attempt to connect.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>Where connections may come from; empty means the addresses of <see cref="Remote"/>'s host.</summary>
    public required IReadOnlyList<IPNetwork> Allow { get; init; }

    /// <summary>DCs that are to extend to the peer's node; bit n is DC n.</summary>
    public ulong Dcs { get; init; }

    /// <summary>File of the secret that is shared with the peer; null for none. Only with <see cref="UseSession"/>.</summary>
    public string? SecretFile { get; init; }

    /// <summary>TLS with the peer; null for none.</summary>
    public ResolvedTls? Tls { get; init; }
}
