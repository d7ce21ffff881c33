using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>What a sender brings into a session.</summary>
internal sealed record SenderSessionOptions
{
    public required DataModel Model { get; init; }

    public required int LocalNode { get; init; }

    public required int PeerNode { get; init; }

    /// <summary>Largest payload before compression and digest, in bytes.</summary>
    public required int MaxPayload { get; init; }

    public required RetransmitWindowOptions Window { get; init; }

    /// <summary>The digest that every frame carries, if the peer can have it: else MD5.</summary>
    public FrameDigestKind Digest { get; init; }

    /// <summary>After a restart of the peer, send the frames of unknown fate again instead of dropping them.</summary>
    public bool AtLeastOnce { get; init; }

    /// <summary>What is shared with the peer; empty: nothing.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>Batches may be compact, if the peer reads them.</summary>
    public bool CompactBatches { get; init; }

    public SessionFeatures Offered => Required
        | (CompactBatches ? SessionFeatures.CompactBatches : SessionFeatures.None)
        | (Digest == FrameDigestKind.Xxh128 && Secret.IsEmpty ? SessionFeatures.Xxh128 : SessionFeatures.None);

    /// <summary>Those of the features offered without which there is no session.</summary>
    public SessionFeatures Required => SessionFeatures.Sequence
        | (Digest != FrameDigestKind.None || !Secret.IsEmpty ? SessionFeatures.Digest : SessionFeatures.None)
        | (Secret.IsEmpty ? SessionFeatures.None : SessionFeatures.Secret);
}
