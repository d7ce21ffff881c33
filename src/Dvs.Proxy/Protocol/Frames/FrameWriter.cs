using System.Buffers;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>
/// Writes commands as frames, in place: the driver copies a block right where it goes on the wire, or is compressed from. One per pair; for
/// one thread at a time. The cycle is <see cref="GetPayloadRoom"/>, fetch a command with that room for its block, <see cref="Add"/>; and <see cref="Complete"/>
/// before the output is flushed. From <see cref="GetPayloadRoom"/> or an <see cref="Add"/> that leaves a batch open until
/// <see cref="Complete"/>, the output belongs to the writer: nobody else may write to it or flush it.
/// </summary>
public sealed partial class FrameWriter : IDisposable
{
    private readonly WireLayout _layout;
    private readonly PayloadEncoder _payloads;
    private readonly int _headerSize;
    private readonly int _maxPayload;
    private readonly int _maxBatch;
    private readonly CompressionHistory? _blockHistory;
    private readonly CompressionHistory? _batchHistory;
    private readonly bool _sequenced;
    private readonly int _digestSize;
    private readonly SequenceSpace _space;
    private Memory<byte> _window;
    private IBufferWriter<byte>? _output;
    private IFrameSink? _log;
    private ulong _number;
    private ulong _batchNumber;
    private CommandFlags _outerFlags;
    private int _batched;
    private bool _blockIsApart;

    /// <summary>Makes a writer.</summary>
    /// <param name="options">How to write.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="FrameWriterOptions.MaxPayload"/> is not 1..4 MiB, or
    /// <see cref="FrameWriterOptions.MaxBatchCommands"/> is not 0..<see cref="WireLimits.MaxBatchCommands"/>.</exception>
    public FrameWriter(FrameWriterOptions options)
        : this(options, Lz4FrameCodec.Instance)
    {
    }

    internal FrameWriter(FrameWriterOptions options, IPayloadCodec codec)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPayload, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPayload, WireLimits.HighestMaxPayload);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxBatchCommands);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxBatchCommands, WireLimits.MaxBatchCommands(options.Layout, options.MaxPayload));
        _layout = options.Layout;
        _headerSize = _layout.HeaderSize;
        _maxPayload = options.MaxPayload;
        _payloads = new PayloadEncoder(codec, _maxPayload);
        _digestSize = options.Digest ? WireLimits.DigestSize : 0;
        _maxBatch = options.MaxBatchCommands;
        _blockHistory = options.Compress ? new CompressionHistory() : null;
        _batchHistory = options.Compress && options.CompressBatches ? new CompressionHistory() : null;
        _sequenced = options.Sequenced;
        LargestRoom = (_headerSize * (1 + _maxBatch)) + _maxPayload + (2 * _digestSize) + (options.Compress ? _payloads.CompressionExcess : 0);
        _space = new SequenceSpace(_layout.DataModel);
    }

    /// <summary>
    /// <c>c_snd_seq</c> of the next frame; goes up by one per frame. A batch takes its number when it is opened; a control message has none
    /// where <see cref="FrameWriterOptions.Sequenced"/> is set.
    /// </summary>
    public ulong SendSequence
    {
        get => _space.Wrap(_number);
        set => _number = value;
    }

    /// <summary>The number of the next frame as its digest takes it, where <see cref="SendSequence"/> is what of it goes on the wire: 64 bits wide
    /// in either data model.</summary>
    internal ulong NextNumber
    {
        get => _number;
        set => _number = value;
    }

    /// <summary>Makes the digests of command frames, where there are any.</summary>
    internal IFrameDigest Digest { get; set; } = Md5FrameDigest.Instance;

    /// <summary><c>c_ack_seq</c> of the frames to come.</summary>
    public ulong AcknowledgeSequence { get; set; }

    /// <summary>True while commands wait in a batch that is not in the output yet.</summary>
    public bool HasOpenBatch { get; private set; }

    /// <summary>Commands in the open batch, the outer one included; 0 if none is open.</summary>
    public int OpenCommands => HasOpenBatch ? 1 + _batched : 0;

    /// <summary>Frames written. A batch counts when it is closed.</summary>
    public long FramesWritten { get; private set; }

    /// <summary>Commands in the frames written.</summary>
    public long CommandsWritten { get; private set; }

    /// <summary>Frames that carried a batch.</summary>
    public long BatchesWritten { get; private set; }

    /// <summary>Frames whose payload was compressed.</summary>
    public long CompressedFrames { get; private set; }

    /// <summary>Bytes the frames would have had without compression.</summary>
    public long RawBytes { get; private set; }

    /// <summary>Bytes the frames have.</summary>
    public long WireBytes { get; private set; }

    /// <summary>
    /// The place where the block of the next command goes; exactly as long as the largest payload. Valid until the next call. It is the block's
    /// place in the frame, or, for a block that is to be compressed, memory that the compressor reads it from.
    /// </summary>
    public Span<byte> GetPayloadRoom(IBufferWriter<byte> output)
    {
        _blockIsApart = _blockHistory is { IsTryDue: true };
        return _blockIsApart ? _payloads.Apart : Window(output).Span.Slice(NextBlock, _maxPayload);
    }

    /// <summary>Bytes that one turn may ask of the output: a whole batch, and a data command that ends it.</summary>
    internal int LargestRoom { get; }

    /// <summary>
    /// Adds a command whose block, <see cref="CommandHeader.PayloadLength"/> bytes, is in the room got before. Sequence numbers, batch count
    /// and flags are the writer's; only <see cref="CommandFlags.CheckHeader"/> is kept.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The block is longer than the largest payload.</exception>
    public void Add(IBufferWriter<byte> output, in CommandHeader header)
    {
        if ((uint)header.PayloadLength > (uint)_maxPayload)
        {
            throw new ArgumentOutOfRangeException(nameof(header), header.PayloadLength, $"A payload is 0..{_maxPayload} bytes long.");
        }

        var window = Window(output).Span;
        if (_maxBatch == 0 || !IsBatchable(in header))
        {
            AddAlone(output, window, in header);
        }
        else if (!HasOpenBatch)
        {
            OpenBatch(window, in header);
        }
        else
        {
            AddBatched(output, window, in header);
        }
    }

    /// <summary>Closes the open batch, if any: afterwards all commands added are in the output.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (HasOpenBatch)
        {
            var commands = OpenCommands;
            Advance(output, CloseBatch(_window.Span), _batchNumber, commands);
        }

        ForgetWindow();
        _log?.ReleaseRoom();
    }

    /// <summary>Writes one command with its block and completes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The block is longer than the largest payload.</exception>
    public void Write(IBufferWriter<byte> output, in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        Append(output, in header, payload);
        Complete(output);
    }

    /// <summary>As <see cref="Write"/>, but leaves a batch open for more.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The block is longer than the largest payload.</exception>
    public void Append(IBufferWriter<byte> output, in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, _maxPayload, nameof(payload));
        payload.CopyTo(GetPayloadRoom(output));
        if (header.PayloadLength == payload.Length)
        {
            Add(output, in header);
            return;
        }

        var copy = header;
        copy.PayloadLength = payload.Length;
        Add(output, in copy);
    }

    /// <summary>Forgets an open batch and the room got, because the output is gone. Sequence numbers and counters stay.</summary>
    /// <returns>Commands that were in the open batch.</returns>
    public int Abandon()
    {
        var commands = OpenCommands;
        HasOpenBatch = false;
        _batched = 0;
        ForgetWindow();
        (_output, _log) = (null, null);
        return commands;
    }

    /// <summary>Returns the scratch memory. An open batch is lost.</summary>
    public void Dispose()
    {
        Abandon();
        _payloads.Dispose();
    }

    private int NextHeader => HasOpenBatch ? _headerSize * (1 + _batched) : 0;

    // Where the block of a data command goes: behind the digest of the batch that it would end.
    private int NextBlock => NextHeader + _headerSize + (HasOpenBatch ? _digestSize : 0);

    // One window holds a whole batch and the header and block that may end it, so nothing is ever moved for lack of room.
    private Memory<byte> Window(IBufferWriter<byte> output)
    {
        if (_window.IsEmpty)
        {
            ArgumentNullException.ThrowIfNull(output);
            _window = output.GetMemory(LargestRoom);
            if (!ReferenceEquals(output, _output))
            {
                _output = output;
                _log = output as IFrameSink;
            }
        }

        return _window;
    }

    // What is left of memory that a log gave out may be used on; any other output wants to be asked again after each advance.
    private void KeepWindow(int used) =>
        _window = _log is not null && _window.Length - used >= LargestRoom ? _window[used..] : default;

    private void ForgetWindow() => _window = default;

    private void Advance(IBufferWriter<byte> output, int length, ulong number, int commands)
    {
        if (_log is { } log)
        {
            log.Append(length, _space.Wrap(number), commands);
        }
        else
        {
            output.Advance(length);
        }
    }

    private void WriteHeader(Span<byte> place, in CommandHeader header, in ProxyFields fields)
    {
        _layout.Write(place, in header);
        _layout.WriteProxyFields(place, in fields);
    }

    private void AddAlone(IBufferWriter<byte> output, Span<byte> window, in CommandHeader header)
    {
        if (header.Command == CommandCode.None && (_log is not null || Digest.IsKeyed))
        {
            throw new ArgumentException("A control message has no number, so it can be neither kept nor keyed: write it to the connection.", nameof(header));
        }

        var block = (_blockIsApart ? _payloads.Apart : window[NextBlock..])[..header.PayloadLength];
        var start = 0;
        if (HasOpenBatch)
        {
            var commands = OpenCommands;
            start = CloseBatch(window);
            if (_log is not null)
            {
                Advance(output, start, _batchNumber, commands);
            }
        }

        var flags = FlagsOf(in header);
        var number = TakeNumber(in header);
        var place = window[start..];
        var length = _headerSize + (block.IsEmpty ? 0 : _payloads.Encode(block, place[_headerSize..], _blockHistory, ref flags));
        WriteHeader(place, in header, new ProxyFields(length - _headerSize + _digestSize, flags, _space.Wrap(number), AcknowledgeSequence));
        length = Seal(place, length, number);
        Count(1, _headerSize + block.Length + _digestSize, length);
        Advance(output, _log is null ? start + length : length, number, 1);
        KeepWindow(start + length);
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

    private CommandFlags FlagsOf(in CommandHeader header) => (header.Flags & CommandFlags.CheckHeader)
        | (_sequenced && IsNumbered(in header) ? CommandFlags.Sequenced : CommandFlags.None)
        | (_digestSize != 0 ? CommandFlags.Digest : CommandFlags.None);

    // A control message of a session has no number.
    private ulong TakeNumber(in CommandHeader header) => IsNumbered(in header) ? _number++ : 0;

    private void Count(int commands, int rawBytes, int wireBytes)
    {
        FramesWritten++;
        CommandsWritten += commands;
        RawBytes += rawBytes;
        WireBytes += wireBytes;
        if (wireBytes < rawBytes)
        {
            CompressedFrames++;
        }
    }
}
