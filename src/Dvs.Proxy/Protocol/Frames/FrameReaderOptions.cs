using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>What a <see cref="FrameReader"/> lets pass. Read once, when the reader is made.</summary>
public sealed class FrameReaderOptions
{
    /// <summary>The cluster's layout. Default LP64.</summary>
    public WireLayout Layout { get; init; } = WireLayout.Lp64;

    /// <summary>Largest payload in bytes, on the wire and decompressed: the driver's limit <c>d_max_copybuf</c> (DvsInfo.MaxCopyBuffer).
    /// Default 65,536; 1..4,194,304.</summary>
    public int MaxPayload { get; init; } = WireLimits.DefaultMaxPayload;

    /// <summary>The peer's node id; commands from any other are a fault. Null does not check.</summary>
    public int? ExpectedSourceNode { get; init; }

    /// <summary>This node's id; commands for any other are a fault. Null does not check.</summary>
    public int? ExpectedDestinationNode { get; init; }

    /// <summary>
    /// Lets <see cref="CommandFlags.Sequenced"/>, <see cref="CommandFlags.Digest"/>, <see cref="CommandFlags.Compact"/> and
    /// <see cref="CommandFlags.Xxh128"/> pass, which belong to sessions only; a digest is verified, each frame says which it has. Default off.
    /// </summary>
    public bool AllowSessionFlags { get; init; }

    /// <summary>
    /// Lets no frame pass that has no digest; needs <see cref="AllowSessionFlags"/>. Default off: digests are verified where there are any.
    /// </summary>
    public bool RequireDigest { get; init; }

    /// <summary>
    /// The connection is one of a classic proxy, which never connects again once it was closed. So what can be read on is read on: command
    /// NONE without payload is a hello whatever else its header holds; a bad frame whose end is known can be skipped
    /// (<see cref="FrameFault.CanReadOn"/>); and batched commands are handed out unchecked, for the taker to check each
    /// (<see cref="FrameReader.CheckBatched"/>).
    /// </summary>
    internal bool IsClassicLink { get; init; }

    /// <summary>
    /// The connection is one of a session, whose peer sends again what was not acknowledged. So a numbered frame whose header breaks a rule is
    /// waited for until it is all there, and where its digest, if it must have one, shows that the peer meant it so, it can be skipped
    /// (<see cref="FrameFault.CanReadOn"/>): otherwise it would come again for ever.
    /// </summary>
    internal bool IsSessionLink { get; init; }
}
