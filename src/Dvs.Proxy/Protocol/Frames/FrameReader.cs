using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>
/// Cuts the input of one connection into frames and checks each completely before anything of it is shown: nothing of a bad frame can
/// reach the driver. Takes its input at any split, throws for no input, and allocates nothing in steady state. For one connection and one
/// thread at a time.
/// </summary>
public sealed partial class FrameReader : IDisposable
{
    private readonly FrameReaderOptions _options;
    private readonly FrameValidator _validator;
    private readonly IPayloadCodec _codec;
    private readonly int _maxPayload;
    private readonly int _headerSize;
    private CommandHeader _command;
    private CommandHeader _wireHeader;
    private int _wirePayloadLength;
    private int _wireBatchCount;
    private CommandFlags _wireFlags;
    private bool _isNormalised;
    private FrameFault _fault;
    private byte[]? _gathered;
    private byte[]? _unpacked;
    private readonly bool _isClassicLink;
    private readonly bool _isSessionLink;
    private bool _isDataModelConfirmed;
    private FrameVerifier _verifier;
    private bool _requiresDigest;

    /// <summary>Makes a reader for one connection.</summary>
    /// <param name="options">What may pass.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="FrameReaderOptions.MaxPayload"/> is not 1..4 MiB.</exception>
    public FrameReader(FrameReaderOptions options)
        : this(options, Lz4FrameCodec.Instance)
    {
    }

    internal FrameReader(FrameReaderOptions options, IPayloadCodec codec)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPayload, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPayload, WireLimits.HighestMaxPayload);
        _options = options;
        _maxPayload = options.MaxPayload;
        _codec = codec;
        _validator = new FrameValidator(options);
        _isClassicLink = options.IsClassicLink;
        _isSessionLink = options.IsSessionLink;
        Layout = options.Layout;
        _headerSize = BytesNeeded = Layout.HeaderSize;
        _verifier = FrameVerifier.CreateUnkeyed(Layout.DataModel);
        _requiresDigest = options.RequireDigest;
    }

    /// <summary>Why the last read was <see cref="FrameStatus.Malformed"/>.</summary>
    public FrameFault Fault => _fault;

    /// <summary>After <see cref="FrameStatus.NeedMoreData"/>: how many bytes from the front of the buffer make a next try worth while.</summary>
    public int BytesNeeded { get; private set; }

    internal WireLayout Layout { get; }

    /// <summary>The last header as it was received, put together again when it is read: what is read for every frame has a property of its
    /// own.</summary>
    internal ref readonly CommandHeader WireHeader => ref (_isNormalised ? ref RestoreWireHeader() : ref _command);

    internal int WireLength => _headerSize + _wirePayloadLength;

    internal int WireBatchCount => _wireBatchCount;

    internal CommandFlags WireFlags => _wireFlags;

    internal ref readonly CommandHeader Command => ref _command;

    /// <summary>
    /// Reads a header from the front of a buffer, unchecked.
    /// </summary>
    /// <returns>False while fewer bytes than a header are there.</returns>
    public static bool TryPeekHeader(in ReadOnlySequence<byte> buffer, WireLayout layout, out CommandHeader header)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (buffer.Length < layout.HeaderSize)
        {
            header = default;
            return false;
        }

        Span<byte> copy = stackalloc byte[WireLayout.LargestHeaderSize];
        layout.Read(Front(in buffer, layout.HeaderSize, copy), out header);
        return true;
    }

    /// <summary>Takes one frame off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The input; moved past the frame when <see cref="FrameStatus.Complete"/>, left alone otherwise.</param>
    /// <param name="frame">The frame when <see cref="FrameStatus.Complete"/>; not to be touched otherwise.</param>
    public FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, out Frame frame)
    {
        // The first piece mostly holds all that matters; asking it is much cheaper than asking the sequence.
        var status = buffer.IsSingleSegment ? TryReadContiguous(buffer.FirstSpan, out frame) : TryReadPieces(in buffer, out frame);
        if (status == FrameStatus.Complete)
        {
            buffer = buffer.Slice(frame.WireLength);
        }

        return status;
    }

    /// <summary>As <see cref="TryRead"/>, for input in one piece: the frame is at its front, <see cref="Frame.WireLength"/> bytes long.</summary>
    internal FrameStatus TryReadContiguous(ReadOnlySpan<byte> input, out Frame frame)
    {
        frame = default;
        _isNormalised = false;
        if (!_isDataModelConfirmed || input.Length < _headerSize)
        {
            var status = CheckBeginning(input);
            if (status != FrameStatus.Complete)
            {
                return status;
            }
        }

        Layout.Read(input, out _command);
        if (!_validator.CheckOuter(in _command, ref _fault) || !CheckDigested())
        {
            return OnBadHeader(input);
        }

        var wireLength = _headerSize + _command.PayloadLength;
        if (input.Length < wireLength)
        {
            BytesNeeded = wireLength;
            return FrameStatus.NeedMoreData;
        }

        ReadOnlySpan<byte> content = default;
        if (wireLength > _headerSize && !TryGetContent(input[..wireLength], out content))
        {
            return FrameStatus.Malformed;
        }

        frame = CreateFrame(content);
        return FrameStatus.Complete;
    }

    /// <summary>
    /// After <see cref="FrameStatus.Malformed"/> with a <see cref="FrameFault.IsPayloadFault"/>: takes the frame off the front of the same buffer all the
    /// same, to go on behind it and to answer its commands with errors. Nothing of it is fit for the driver: it has no block; of a batch it
    /// has the commands if they can be told at all, else none.
    /// </summary>
    internal void TakeDamaged(ref ReadOnlySequence<byte> buffer, out Frame frame)
    {
        if (!_fault.IsPayloadFault)
        {
            throw new InvalidOperationException("The last frame is not one whose payload alone is at fault.");
        }

        var wireLength = _headerSize + WireHeader.PayloadLength;
        GetDamagedBatch(Gather(buffer, wireLength), out var content);
        frame = CreateFrame(content);
        buffer = buffer.Slice(wireLength);
    }

    /// <summary>From here on every frame must have a digest that this one finds to fit.</summary>
    internal void RequireDigest(FrameVerifier verifier)
    {
        _verifier = verifier;
        _requiresDigest = true;
    }

    /// <summary>After <see cref="FrameStatus.Malformed"/> with <see cref="FrameFault.CanReadOn"/>: takes the frame off the front of the same
    /// buffer.</summary>
    internal void SkipMalformed(ref ReadOnlySequence<byte> buffer) => buffer = buffer.Slice(_headerSize + WireHeader.PayloadLength);

    /// <summary>Checks a command that was handed out unchecked. Returns true if it keeps the rules.</summary>
    internal bool CheckBatched(in CommandHeader command, int index, ref FrameFault fault)
    {
        if (_validator.CheckBatched(in command, ref fault))
        {
            return true;
        }

        fault = fault with { BatchIndex = index };
        return false;
    }

    /// <summary>
    /// To be asked when the peer has closed the connection: true if it did so between two frames. Otherwise <see cref="Fault"/> says what
    /// was cut off.
    /// </summary>
    /// <param name="rest">What was left after the last <see cref="TryRead"/>.</param>
    public bool EndsCleanly(in ReadOnlySequence<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return true;
        }

        _fault = new FrameFault
        {
            Kind = FrameFaultKind.Truncated,
            Field = rest.Length < _headerSize ? "header" : "payload",
            Value = rest.Length,
            Expected = BytesNeeded,
        };
        return false;
    }

    /// <summary>Returns the scratch memory. The reader and its frames must not be used afterwards.</summary>
    public void Dispose()
    {
        Return(ref _gathered);
        Return(ref _unpacked);
    }

    /// <summary>True for a command without payload that has nothing of the proxies' own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsNormal(in CommandHeader header) =>
        header.PayloadLength == 0 && header.BatchCount == 0 && (header.Flags & ~CommandFlags.CheckHeader) == 0;

    internal static void Normalise(ref CommandHeader header, int payloadLength)
    {
        header.PayloadLength = payloadLength;
        header.BatchCount = 0;
        header.Flags &= CommandFlags.CheckHeader;
    }

    // Input in pieces: the header is looked at first, so that nobody's word makes us gather more than a frame may have.
    private FrameStatus TryReadPieces(in ReadOnlySequence<byte> buffer, out Frame frame)
    {
        var status = TryReadContiguous(Gather(buffer, (int)Math.Min(buffer.Length, _headerSize)), out frame);
        return status == FrameStatus.NeedMoreData && buffer.Length >= BytesNeeded ? TryReadContiguous(Gather(buffer, BytesNeeded), out frame) : status;
    }

    // A frame can be skipped only when it is all there.
    private FrameStatus OnBadHeader(ReadOnlySpan<byte> input)
    {
        if (!HasKnownEnd())
        {
            return FrameStatus.Malformed;
        }

        BytesNeeded = _headerSize + _command.PayloadLength;
        if (input.Length < BytesNeeded)
        {
            return FrameStatus.NeedMoreData;
        }

        // In a session a damaged header looks the same. Where an attacker may have made it, it must not even be answered.
        var isMeant = !_requiresDigest || _verifier.Verify(in _command, input[..BytesNeeded]);
        _fault = _fault with { CanReadOn = _isClassicLink || isMeant };
        return FrameStatus.Malformed;
    }

    private bool HasKnownEnd()
    {
        if (_isClassicLink)
        {
            return _fault.Kind != FrameFaultKind.UnknownCommand && (uint)_command.PayloadLength <= (uint)_maxPayload;
        }

        var isDigested = (_command.Flags & CommandFlags.Digest) != 0;
        return _isSessionLink && (_command.Flags & CommandFlags.Sequenced) != 0 && isDigested == _requiresDigest
            && (isDigested || _fault.Kind != FrameFaultKind.UnknownCommand)
            && (uint)FrameValidator.ContentLength(in _command) <= (uint)_maxPayload;
    }

    // Returns Complete if there is a header, of our data model. An ILP32 peer may have said all it has to say for now in 120 bytes: do not wait for 168
    // to notice.
    private FrameStatus CheckBeginning(ReadOnlySpan<byte> input)
    {
        var hasHeader = input.Length >= _headerSize;
        if (!hasHeader)
        {
            BytesNeeded = _headerSize;
        }

        if (!_isDataModelConfirmed && (hasHeader || input.Length >= DataModelCheck.BytesNeeded)
            && !CheckDataModel(input[..(hasHeader ? _headerSize : DataModelCheck.BytesNeeded)]))
        {
            return FrameStatus.Malformed;
        }

        return hasHeader ? FrameStatus.Complete : FrameStatus.NeedMoreData;
    }

    private bool CheckDataModel(ReadOnlySpan<byte> header)
    {
        if (!((CommandCode)BinaryPrimitives.ReadInt32LittleEndian(header)).IsKnown())
        {
            return true;
        }

        var verdict = DataModelCheck.Examine(header, Layout.DataModel, out var field, out var value);
        _isDataModelConfirmed = verdict == DataModelVerdict.Confirmed && header.Length == _headerSize;
        if (verdict != DataModelVerdict.Contradicted)
        {
            return true;
        }

        _fault = new FrameFault
        {
            Kind = FrameFaultKind.DataModelMismatch,
            Field = field,
            Value = value,
            SeemsToBe = DataModelCheck.Other(Layout.DataModel),
        };
        return false;
    }

    // What the proxies add to a header is set aside and taken off in place: copying a whole header costs more than reading it.
    private Frame CreateFrame(ReadOnlySpan<byte> content)
    {
        var isBatch = (_command.Flags & CommandFlags.Batch) != 0 && _command.Command != CommandCode.None;
        _wirePayloadLength = _command.PayloadLength;
        _wireBatchCount = _command.BatchCount;
        _wireFlags = _command.Flags;
        _isNormalised = true;
        Normalise(ref _command, isBatch ? 0 : content.Length);
        return new Frame(this, content, isBatch);
    }

    private ref readonly CommandHeader RestoreWireHeader()
    {
        _wireHeader = _command;
        _wireHeader.PayloadLength = _wirePayloadLength;
        _wireHeader.BatchCount = _wireBatchCount;
        _wireHeader.Flags = _wireFlags;
        return ref _wireHeader;
    }

    // In the first piece where it holds all, else copied.
    private static ReadOnlySpan<byte> Front(in ReadOnlySequence<byte> buffer, int length, Span<byte> copy)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= length)
        {
            return first[..length];
        }

        buffer.Slice(0, length).CopyTo(copy);
        return copy[..length];
    }
}
