using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dvs.Proxy.Protocol.Compact;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>
/// Writes commands as frames, in place: the driver copies a block right where it goes on the wire, or is compressed from. One per pair; for
/// one thread at a time. The cycle is <see cref="GetPayloadRoom"/>, fetch a command with that room for its block, <see cref="Add"/>; and
/// <see cref="Complete"/> before the output is flushed. From <see cref="GetPayloadRoom"/> or <see cref="Add"/> until <see cref="Complete"/> the
/// output belongs to the writer: nobody else may write to it or flush it. Behaviour: RoundTripTests, VectorFrameTests, FrameWriterRoomTests,
/// FrameDigestTests.
/// </summary>
public sealed partial class FrameWriter : IDisposable
{
    private readonly WireLayout _layout;
    private readonly PayloadEncoder _payloads;
    private readonly int _headerSize;
    private readonly int _maxPayload;
    private readonly int _maxBatch;
    private readonly CompressionHistory? _blockTries;
    private readonly CompressionHistory? _batchHistory;
    private readonly bool _sequenced;
    private readonly int _digestSize;
    private readonly SequenceSpace _space;
    private readonly FrameSink _sink;
    private FrameRoom _room;
    private CompressionHistory? _blockHistory;
    private CommandFlags _outerFlags;
    private CompactBatchWriter? _compactBatch;
    private int _fullCompactLength;
    private bool _isCompact;
    private int _batched;
    private int _batchLength;
    private bool _blockIsApart;
    private CommandHeader _header;

    /// <summary>Makes a writer.</summary>
    /// <param name="options">How to write.</param>
    /// <param name="output">Where the frames go: a <see cref="System.IO.Pipelines.PipeWriter"/>, or any other buffer.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="FrameWriterOptions.MaxPayload"/> is not 1..4 MiB, or
    /// <see cref="FrameWriterOptions.MaxBatchCommands"/> is not 0..<see cref="WireLimits.MaxBatchCommands"/>.</exception>
    public FrameWriter(FrameWriterOptions options, IBufferWriter<byte> output)
        : this(options, new BufferSink(output ?? throw new ArgumentNullException(nameof(output)), options?.FirstSequence ?? 0))
    {
    }

    internal FrameWriter(FrameWriterOptions options, FrameSink sink, IPayloadCodec? codec = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPayload, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPayload, WireLimits.HighestMaxPayload);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxBatchCommands);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxBatchCommands, WireLimits.MaxBatchCommands(options.Layout, options.MaxPayload));
        _sink = sink;
        _layout = options.Layout;
        _headerSize = _layout.HeaderSize;
        _maxPayload = options.MaxPayload;
        _payloads = new PayloadEncoder(codec ?? Lz4FrameCodec.Instance, _maxPayload);
        _digestSize = DigestSizeOf(options);
        Digest = IFrameDigest.Unkeyed(options.Digest == FrameDigestKind.Xxh128);
        _maxBatch = options.MaxBatchCommands;
        _blockHistory = _blockTries = options.Compress ? new CompressionHistory() : null;
        _batchHistory = options.Compress && options.CompressBatches ? new CompressionHistory() : null;
        _sequenced = options.Sequenced;
        LargestRoom = LargestRoomOf(options, codec);
        _space = new SequenceSpace(_layout.DataModel);
    }

    /// <summary>
    /// <c>c_snd_seq</c> of the next frame; goes up by one per frame. A control message has none where
    /// <see cref="FrameWriterOptions.Sequenced"/> is set.
    /// </summary>
    public ulong SendSequence => _space.Wrap(_sink.NextNumber);

    /// <summary>Makes the digests of command frames, where there are any. May be changed while no batch is open.</summary>
    internal IFrameDigest Digest { get; set; }

    /// <summary>
    /// Writes each command of a batch as its difference from the one before, see <see cref="CommandFlags.Compact"/>: from the next batch on that is
    /// opened, where <see cref="FrameWriterOptions.Sequenced"/> is set. Default off.
    /// </summary>
    internal bool CompactBatches
    {
        get;
        set
        {
            field = value && _sequenced;
            if (field && _compactBatch is null)
            {
                _compactBatch = new CompactBatchWriter(_layout);
                _fullCompactLength = (_maxBatch * _headerSize) - _compactBatch.LargestLength;
            }
        }
    }

    /// <summary>
    /// Compresses data blocks where that makes them smaller. On as long as nobody says otherwise, but never without
    /// <see cref="FrameWriterOptions.Compress"/>; may be changed between an <see cref="Add"/> and the next room.
    /// </summary>
    internal bool CompressBlocks
    {
        get => _blockHistory is not null;
        set
        {
            if (_blockTries is null || value == CompressBlocks)
            {
                return;
            }

            // The blocks since may be of another kind.
            _blockTries.Forget();
            _blockHistory = value ? _blockTries : null;
            _blockIsApart = false;
            _payloads.ReturnApart();
        }
    }

    /// <summary><c>c_ack_seq</c> of the frames to come.</summary>
    public ulong AcknowledgeSequence { get; set; }

    /// <summary>True while commands wait in a batch that is not closed yet.</summary>
    public bool HasOpenBatch { get; private set; }

    /// <summary>Commands in the open batch, the outer one included; 0 if none is open.</summary>
    public int OpenCommands => HasOpenBatch ? 1 + _batched : 0;

    /// <summary>Frames written. A batch counts when it is closed.</summary>
    public long FramesWritten { get; private set; }

    /// <summary>Frames that carried a batch.</summary>
    public long BatchesWritten { get; private set; }

    /// <summary>Frames whose payload was compressed.</summary>
    public long CompressedFrames { get; private set; }

    /// <summary>Bytes the frames would have had without compression, and with whole headers in batches.</summary>
    public long RawBytes { get; private set; }

    /// <summary>Bytes the frames have.</summary>
    public long WireBytes { get; private set; }

    /// <summary>
    /// The place where the block of the next command goes; exactly as long as the largest payload. Valid until the next call. It is the block's
    /// place in the frame, or, for a block that is to be compressed, memory that the compressor reads it from.
    /// </summary>
    public Span<byte> GetPayloadRoom()
    {
        GetRoom(out var payload);
        return payload;
    }

    /// <summary>
    /// As <see cref="GetPayloadRoom"/>, and the place where the command's header is to be fetched to, for <see cref="Add"/>: its place in the frame where
    /// the wire has it as memory has it, so that it is never copied. In a compact batch it has no place of its own. Valid until the next call.
    /// </summary>
    internal ref CommandHeader GetRoom(out Span<byte> payload)
    {
        var room = Room();
        _blockIsApart = _blockHistory is { IsTryDue: true };
        payload = _blockIsApart ? _payloads.Apart : room.Slice(NextBlock, _maxPayload);
        if (HasOpenBatch && _isCompact)
        {
            return ref _compactBatch!.Next;
        }

        var place = room[NextHeader..];
        return ref _layout.IsOfMemory && IsAligned(place) ? ref MemoryMarshal.AsRef<CommandHeader>(place) : ref _header;
    }

    /// <summary>True where C may have a header here.</summary>
    internal static unsafe bool IsAligned(ReadOnlySpan<byte> place) =>
        ((nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(place)) & (sizeof(ulong) - 1)) == 0;

    /// <summary>Bytes that one turn may ask of the output: a whole batch, and a data command that ends it.</summary>
    internal int LargestRoom { get; }

    /// <summary><see cref="LargestRoom"/> of a writer with these options, for who makes its sink.</summary>
    internal static int LargestRoomOf(FrameWriterOptions options, IPayloadCodec? codec = null) =>
        (options.Layout.HeaderSize * (1 + options.MaxBatchCommands)) + options.MaxPayload
        + (2 * DigestSizeOf(options))
        + (options.Compress ? PayloadEncoder.CompressionExcessOf(codec ?? Lz4FrameCodec.Instance, options.MaxPayload) : 0);

    /// <summary>
    /// Adds a command whose block, <see cref="CommandHeader.PayloadLength"/> bytes, is in the room got before. Sequence numbers, batch count
    /// and flags are the writer's; only <see cref="CommandFlags.CheckHeader"/> is kept.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The block is longer than the largest payload.</exception>
    public void Add(in CommandHeader header)
    {
        if ((uint)header.PayloadLength > (uint)_maxPayload)
        {
            throw new ArgumentOutOfRangeException(nameof(header), header.PayloadLength, $"A payload is 0..{_maxPayload} bytes long.");
        }

        var room = Room();
        if (_maxBatch == 0 || !IsBatchable(in header))
        {
            AddAlone(room, in header);
        }
        else if (!HasOpenBatch)
        {
            OpenBatch(room, in header);
        }
        else
        {
            AddBatched(room, in header);
        }
    }

    /// <summary>Closes the open batch, if any: afterwards all commands added are in the output.</summary>
    public void Complete()
    {
        if (HasOpenBatch)
        {
            CloseBatch(_room.Span);
        }

        _room = default;
        _sink.ReleaseRoom();
    }

    /// <summary>Writes one command with its block and completes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The block is longer than the largest payload.</exception>
    public void Write(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        Append(in header, payload);
        Complete();
    }

    /// <summary>As <see cref="Write"/>, but leaves a batch open for more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The block is longer than the largest payload.</exception>
    public void Append(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, _maxPayload, nameof(payload));
        payload.CopyTo(GetPayloadRoom());
        if (header.PayloadLength == payload.Length)
        {
            Add(in header);
            return;
        }

        var copy = header;
        copy.PayloadLength = payload.Length;
        Add(in copy);
    }

    /// <summary>Forgets what is not completed, because the output is gone. Sequence numbers and counters stay.</summary>
    /// <returns>Commands that were in the open batch.</returns>
    public int Abandon()
    {
        var commands = OpenCommands;
        HasOpenBatch = false;
        _batched = 0;
        _room = default;
        _sink.Abandon();
        return commands;
    }

    /// <summary>Returns the scratch memory. An open batch is lost.</summary>
    public void Dispose()
    {
        Abandon();
        _payloads.Dispose();
    }

    private int NextHeader => HasOpenBatch ? _headerSize + _batchLength : 0;

    // Where the block of a data command goes: behind the digest of the batch that it would end.
    private int NextBlock => NextHeader + _headerSize + (HasOpenBatch ? _digestSize : 0);

    // One room holds a whole batch and the header and block that may end it, so nothing is ever moved for lack of room.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Room()
    {
        if (_room.IsEmpty)
        {
            _room = new FrameRoom(_sink.GetRoom(LargestRoom));
        }

        return _room.Span;
    }

    // What is left of a room may be used on.
    private void Append(int length, int commands, bool isNumbered)
    {
        _sink.Append(length, commands, isNumbered);
        if (_room.Length - length >= LargestRoom)
        {
            _room.Advance(length);
        }
        else
        {
            _room = default;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteHeader(Span<byte> place, in CommandHeader header, in ProxyFields fields)
    {
        if (IsAt(place, in header))
        {
            fields.Apply(ref Unsafe.AsRef(in header));
            return;
        }

        _layout.Write(place, in header);
        _layout.WriteProxyFields(place, in fields);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsAt(Span<byte> place, in CommandHeader header) =>
        Unsafe.AreSame(in MemoryMarshal.GetReference(place), in Unsafe.As<CommandHeader, byte>(ref Unsafe.AsRef(in header)));

    private void AddAlone(Span<byte> room, in CommandHeader header)
    {
        // The batch that it ends may grow, or shrink, over the place where it was fetched to.
        if (HasOpenBatch && IsAt(room[NextHeader..], in header))
        {
            var copy = header;
            AddAlone(room, in copy);
            return;
        }

        var isNumbered = IsNumbered(in header);
        if (header.Command == CommandCode.None && (_sink.KeepsFrames || Digest.IsKeyed))
        {
            throw new ArgumentException("A control message has no number, so it can be neither kept nor keyed: write it to the connection.", nameof(header));
        }

        var block = (_blockIsApart ? _payloads.Apart : room[NextBlock..])[..header.PayloadLength];
        var place = HasOpenBatch ? room[CloseBatch(room)..] : room;
        var flags = FlagsOf(isNumbered, in header);
        var number = isNumbered ? _sink.NextNumber : 0;
        var length = _headerSize + (block.IsEmpty ? 0 : _payloads.Encode(block, place[_headerSize..], _blockHistory, ref flags));
        WriteHeader(place, in header, new ProxyFields(length - _headerSize + _digestSize, flags, _space.Wrap(number), AcknowledgeSequence));
        length = Seal(place, length, number);
        Count(_headerSize + block.Length + _digestSize, length, flags);
        Append(length, 1, isNumbered);
    }

    // The frame is complete: its digest goes behind it, where there is one.
    private int Seal(Span<byte> frame, int length, ulong number)
    {
        if (_digestSize == 0)
        {
            return length;
        }

        Digest.Compute(frame[..length], number, frame.Slice(length, _digestSize));
        return length + _digestSize;
    }

    private bool IsNumbered(in CommandHeader header) => !_sequenced || header.Command != CommandCode.None;

    private CommandFlags FlagsOf(bool isNumbered, in CommandHeader header) => (header.Flags & CommandFlags.CheckHeader)
        | (_sequenced && isNumbered ? CommandFlags.Sequenced : CommandFlags.None)
        | (_digestSize != 0 ? Digest.Flags : CommandFlags.None);

    private static int DigestSizeOf(FrameWriterOptions options) => options.Digest == FrameDigestKind.None ? 0 : WireLimits.DigestSize;

    private void Count(int rawBytes, int wireBytes, CommandFlags flags)
    {
        FramesWritten++;
        RawBytes += rawBytes;
        WireBytes += wireBytes;
        if ((flags & CommandFlags.Lz4) != 0)
        {
            CompressedFrames++;
        }
    }
}
