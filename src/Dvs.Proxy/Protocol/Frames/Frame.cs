namespace Dvs.Proxy.Protocol.Frames;

/// <summary>
/// One valid frame. A view into its <see cref="FrameReader"/> and the reader's input: good until the next call of
/// <see cref="FrameReader.TryRead"/> and until the input is advanced. Only a frame of a <see cref="FrameStatus.Complete"/> read may be used.
/// </summary>
public readonly ref struct Frame
{
    private readonly FrameReader _reader;
    private readonly ReadOnlySpan<byte> _content;
    private readonly bool _isBatch;

    internal Frame(FrameReader reader, ReadOnlySpan<byte> content, bool isBatch)
    {
        _reader = reader;
        _content = content;
        _isBatch = isBatch;
    }

    /// <summary>The header as it was received.</summary>
    public ref readonly CommandHeader WireHeader => ref _reader.WireHeader;

    /// <summary>
    /// The (outer) command for the driver: <see cref="CommandHeader.PayloadLength"/> is the length of <see cref="Payload"/>; batch count and
    /// the flags for batch and compression are cleared.
    /// </summary>
    public ref readonly CommandHeader Command => ref _reader.Command;

    /// <summary>The decompressed block of a data command; empty for all others.</summary>
    public ReadOnlySpan<byte> Payload => _isBatch ? default : _content;

    /// <summary>Bytes of the frame on the wire, header included.</summary>
    public int WireLength => _reader.WireLength;

    /// <summary>Bytes of block or batch after decompression.</summary>
    public int RawPayloadLength => _content.Length;

    /// <summary>True for a message from proxy to proxy, which is not for the driver.</summary>
    public bool IsControl => _reader.Command.Command == CommandCode.None;

    /// <summary>True where the payload came compressed.</summary>
    public bool WasCompressed => (_reader.WireFlags & CommandFlags.Lz4) != 0;

    /// <summary>Commands in the frame: the outer one and those batched behind it.</summary>
    public int CommandCount => 1 + (_isBatch ? _reader.WireBatchCount : 0);

    /// <summary>The flags as they were received.</summary>
    internal CommandFlags WireFlags => _reader.WireFlags;

    /// <summary>The commands batched behind the outer one, in order; none if the frame is no batch. Use with <c>foreach</c>.</summary>
    public BatchReader GetBatch() => new(_reader.Layout, _isBatch ? _content : default);

    /// <summary>As <see cref="GetBatch"/>, with each command checked as it is read (<see cref="BatchReader.Fault"/>).</summary>
    internal BatchReader GetUncheckedBatch() => new(_reader.Layout, _isBatch ? _content : default, _reader);
}
