using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>What a receiver expects of a session.</summary>
internal sealed record ReceiverSessionOptions
{
    public required DataModel Model { get; init; }

    public required int LocalNode { get; init; }

    public required int PeerNode { get; init; }

    /// <summary>Name of the peer, for words about it.</summary>
    public string PeerName { get; init; } = "of the peer";

    /// <summary>Random number of this process, not 0; the same for all pairs, another one at every start.</summary>
    public required ulong ProcessId { get; init; }

    /// <summary>Largest payload taken, before compression and digest, in bytes.</summary>
    public required int MaxPayload { get; init; }

    /// <summary>The digest that this side wants; <see cref="FrameDigestKind.Md5"/> refuses senders whose frames carry none.</summary>
    public FrameDigestKind Digest { get; init; }

    /// <summary>Times that a frame may arrive damaged before it is refused for good.</summary>
    public int MaxContentFailures { get; init; } = 3;

    /// <summary>Sessions of the peer that are remembered, with what was delivered in each.</summary>
    public int MaxSessions { get; init; } = 16;

    /// <summary>What is shared with the peer; empty: nothing.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    public SessionFeatures Required => SessionFeatures.Sequence
        | (Digest == FrameDigestKind.Md5 || !Secret.IsEmpty ? SessionFeatures.Digest : SessionFeatures.None) | OfSecret;

    public SessionFeatures Supported => SessionFeatures.Sequence | SessionFeatures.Digest | SessionFeatures.CompactBatches | OfSecret
        | (Digest == FrameDigestKind.Md5 ? SessionFeatures.None : SessionFeatures.Xxh128);

    private SessionFeatures OfSecret => Secret.IsEmpty ? SessionFeatures.None : SessionFeatures.Secret;
}
