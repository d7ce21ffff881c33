using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>What a receiver expects of a session.</summary>
internal sealed record ReceiverSessionOptions
{
    public required DataModel Model { get; init; }

    public required int LocalNode { get; init; }

    public required int PeerNode { get; init; }

    /// <summary>Random number of this process, not 0; the same for all pairs, another one at every start.</summary>
    public required ulong ProcessId { get; init; }

    /// <summary>Largest payload taken, before compression and digest, in bytes.</summary>
    public required int MaxPayload { get; init; }

    /// <summary>Refuse senders that do not put digests behind their payloads.</summary>
    public bool RequireDigest { get; init; }

    /// <summary>Times that a frame may arrive damaged before it is refused for good.</summary>
    public int MaxContentFailures { get; init; } = 3;

    public SessionFeatures Required => SessionFeatures.Sequence | (RequireDigest ? SessionFeatures.Digest : SessionFeatures.None);
}
