using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>How a <see cref="FrameWriter"/> writes. Read once, when the writer is made.</summary>
public sealed class FrameWriterOptions
{
    /// <summary>The cluster's layout. Default LP64.</summary>
    public WireLayout Layout { get; init; } = WireLayout.Lp64;

    /// <summary>
    /// Largest payload in bytes, before compression: the driver's limit <c>d_max_copybuf</c> (DvsInfo.MaxCopyBuffer). Default 65,536;
    /// 1..4,194,304.
    /// </summary>
    public int MaxPayload { get; init; } = WireLimits.DefaultMaxPayload;

    /// <summary>
    /// Compress payloads where that makes them smaller. After several in a row that it did not make smaller, the writer tries only one now and
    /// then. Default off.
    /// </summary>
    public bool Compress { get; init; }

    /// <summary>Compress batches too, not only data blocks; needs <see cref="Compress"/>. Default on.</summary>
    public bool CompressBatches { get; init; } = true;

    /// <summary>
    /// Most commands in a batch behind the outer one; 0, the default, does not batch; at most <see cref="WireLimits.MaxBatchCommands"/>.
    /// </summary>
    public int MaxBatchCommands { get; init; }

    /// <summary>
    /// Number command frames as a session wants it: <see cref="CommandFlags.Sequenced"/> on every command frame, none on control messages,
    /// which take no number. Default off: classic bytes, where every frame is counted.
    /// </summary>
    public bool Sequenced { get; init; }

    /// <summary>Number of the first frame (<c>c_snd_seq</c>). Default 0, as classic proxies begin; a session begins with 1.</summary>
    public ulong FirstSequence { get; init; }

    /// <summary>
    /// Put a digest of header and payload, as they are on the wire, behind every frame, see <see cref="CommandFlags.Digest"/>; in sessions only.
    /// Default none.
    /// </summary>
    public FrameDigestKind Digest { get; init; }
}
