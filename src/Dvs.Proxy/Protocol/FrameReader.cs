using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol;

/// <summary>
/// Cuts the input of one connection into frames and checks each completely before anything of it is shown: nothing of a bad frame can
/// reach the driver. Takes its input at any split, throws for no input, and allocates nothing in steady state. For one connection and one
/// thread at a time.
/// </summary>
public sealed class FrameReader : IDisposable
{
    private readonly FrameReaderOptions _options;
    private readonly FrameValidator _validator;
    private readonly IPayloadCodec _codec;
    private readonly int _maxPayload;
    private CommandHeader _wireHeader;
    private CommandHeader _command;
    private FrameFault _fault;
    private byte[]? _gathered;
    private byte[]? _decompressed;
    private bool _isDataModelConfirmed;

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
        Layout = options.Layout;
        BytesNeeded = Layout.HeaderSize;
    }

    /// <summary>Why the last read was <see cref="FrameStatus.Malformed"/>.</summary>
    public FrameFault Fault => _fault;

    /// <summary>After <see cref="FrameStatus.NeedMoreData"/>: how many bytes from the front of the buffer make a next try worth while.</summary>
    public int BytesNeeded { get; private set; }

    internal WireLayout Layout { get; }

    internal ref readonly CommandHeader WireHeader => ref _wireHeader;

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

        Span<byte> copy = stackalloc byte[168];
        layout.Read(Front(buffer, copy[..layout.HeaderSize]), out header);
        return true;
    }

    /// <summary>
    /// Reads the source node of the first frame, for matching a new connection to its peer. Its place does not depend on the data model, so
    /// this works before the peer's <c>abi</c> is known to be right. Unchecked.
    /// </summary>
    /// <returns>False while fewer than 24 bytes are there.</returns>
    public static bool TryPeekSourceNode(in ReadOnlySequence<byte> buffer, out int sourceNode)
    {
        const int End = 24;
        if (buffer.Length < End)
        {
            sourceNode = -1;
            return false;
        }

        Span<byte> copy = stackalloc byte[End];
        sourceNode = BinaryPrimitives.ReadInt32LittleEndian(Front(buffer, copy)[16..]);
        return true;
    }

    /// <summary>Takes one frame off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The input; moved past the frame when <see cref="FrameStatus.Complete"/>, left alone otherwise.</param>
    /// <param name="frame">The frame when <see cref="FrameStatus.Complete"/>; not to be touched otherwise.</param>
    [SkipLocalsInit]
    public FrameStatus TryRead(ref ReadOnlySequence<byte> buffer, out Frame frame)
    {
        frame = default;
        var headerSize = Layout.HeaderSize;
        Span<byte> copy = stackalloc byte[168];

        // The first piece mostly holds all that matters; asking it is much cheaper than asking the sequence.
        scoped var header = buffer.FirstSpan;
        var inFirstPiece = header.Length;
        if (inFirstPiece >= headerSize)
        {
            header = header[..headerSize];
        }
        else if (buffer.Length >= headerSize)
        {
            header = Front(buffer, copy[..headerSize]);
        }
        else
        {
            BytesNeeded = headerSize;
            return CheckBeginning(buffer, copy);
        }

        if (!_isDataModelConfirmed && !CheckDataModel(header))
        {
            return FrameStatus.Malformed;
        }

        Layout.Read(header, out _wireHeader);
        if (!_validator.CheckOuter(in _wireHeader, out _fault))
        {
            return FrameStatus.Malformed;
        }

        var wireLength = headerSize + _wireHeader.PayloadLength;
        if (inFirstPiece < wireLength && buffer.Length < wireLength)
        {
            BytesNeeded = wireLength;
            return FrameStatus.NeedMoreData;
        }

        if (!TryGetContent(buffer, out var content))
        {
            _fault = _fault with { IsPayloadFault = true };
            return FrameStatus.Malformed;
        }

        frame = CreateFrame(content);
        buffer = buffer.Slice(wireLength);
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

        var wireLength = Layout.HeaderSize + _wireHeader.PayloadLength;
        GetDamagedBatch(buffer, out var content);
        frame = CreateFrame(content);
        buffer = buffer.Slice(wireLength);
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
            Field = rest.Length < Layout.HeaderSize ? "header" : "payload",
            Value = rest.Length,
            Expected = BytesNeeded,
        };
        return false;
    }

    /// <summary>Returns the scratch memory. The reader and its frames must not be used afterwards.</summary>
    public void Dispose()
    {
        Return(ref _gathered);
        Return(ref _decompressed);
    }

    internal static void Normalise(ref CommandHeader header, int payloadLength)
    {
        header.PayloadLength = payloadLength;
        header.BatchCount = 0;
        header.Flags &= CommandFlags.CheckHeader;
    }

    // An ILP32 peer may have said all it has to say for now in 120 bytes: do not wait for 168 to notice.
    private FrameStatus CheckBeginning(in ReadOnlySequence<byte> buffer, Span<byte> copy) =>
        _isDataModelConfirmed || buffer.Length < DataModelCheck.BytesNeeded || CheckDataModel(Front(buffer, copy[..DataModelCheck.BytesNeeded]))
            ? FrameStatus.NeedMoreData
            : FrameStatus.Malformed;

    private bool CheckDataModel(ReadOnlySpan<byte> header)
    {
        if (!((CommandCode)BinaryPrimitives.ReadInt32LittleEndian(header)).IsKnown())
        {
            return true;
        }

        var verdict = DataModelCheck.Examine(header, Layout.DataModel, out var field, out var value);
        _isDataModelConfirmed = verdict == DataModelVerdict.Confirmed && header.Length == Layout.HeaderSize;
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

    private bool TryGetContent(in ReadOnlySequence<byte> buffer, out ReadOnlySpan<byte> content)
    {
        content = default;
        var length = _wireHeader.PayloadLength;
        if (length == 0)
        {
            return true;
        }

        var digestLength = FrameValidator.DigestLength(in _wireHeader);
        var payload = Gather(buffer, Layout.HeaderSize, length);
        content = payload[..^digestLength];
        if ((_wireHeader.Flags & CommandFlags.Lz4) != 0 && !TryDecompress(ref content))
        {
            return false;
        }

        if (digestLength != 0 && !Md5Digest.Instance.Verify(content, payload[^digestLength..]))
        {
            _fault = new FrameFault { Kind = FrameFaultKind.DigestMismatch, Field = "c_len", Value = length, Expected = length };
            return false;
        }

        return (_wireHeader.Flags & CommandFlags.Batch) == 0 || _validator.CheckBatch(content, out _fault);
    }

    private void GetDamagedBatch(in ReadOnlySequence<byte> buffer, out ReadOnlySpan<byte> content)
    {
        content = default;
        if ((_wireHeader.Flags & CommandFlags.Batch) == 0)
        {
            return;
        }

        content = Gather(buffer, Layout.HeaderSize, _wireHeader.PayloadLength)[..FrameValidator.ContentLength(in _wireHeader)];
        var isReadable = (_wireHeader.Flags & CommandFlags.Lz4) == 0 || TryDecompress(ref content);
        if (!isReadable || !_validator.CheckBatch(content, out _))
        {
            content = default;
        }
    }

    private Frame CreateFrame(ReadOnlySpan<byte> content)
    {
        var isBatch = (_wireHeader.Flags & CommandFlags.Batch) != 0;
        _command = _wireHeader;
        Normalise(ref _command, isBatch ? 0 : content.Length);
        return new Frame(this, content, isBatch);
    }

    private bool TryDecompress(ref ReadOnlySpan<byte> content)
    {
        var expected = _validator.ExpectedContentLength(in _wireHeader);
        var destination = (_decompressed ??= ArrayPool<byte>.Shared.Rent(_maxPayload)).AsSpan(0, expected);
        var result = _codec.Decompress(content, destination, out var written);
        content = destination;
        if (result == PayloadDecodeResult.Success)
        {
            return true;
        }

        _fault = FrameValidator.CompressionFault(result, _wireHeader.PayloadLength, written, expected);
        return false;
    }

    private ReadOnlySpan<byte> Gather(in ReadOnlySequence<byte> buffer, int offset, int length)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= offset + length)
        {
            return first.Slice(offset, length);
        }

        var part = buffer.Slice(offset, length);
        if (part.IsSingleSegment)
        {
            return part.FirstSpan;
        }

        var copy = (_gathered ??= ArrayPool<byte>.Shared.Rent(_maxPayload + Md5Digest.Size)).AsSpan(0, length);
        part.CopyTo(copy);
        return copy;
    }

    private static ReadOnlySpan<byte> Front(in ReadOnlySequence<byte> buffer, Span<byte> copy)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= copy.Length)
        {
            return first[..copy.Length];
        }

        buffer.Slice(0, copy.Length).CopyTo(copy);
        return copy;
    }

    private static void Return(ref byte[]? scratch)
    {
        if (scratch is not null)
        {
            ArrayPool<byte>.Shared.Return(scratch);
            scratch = null;
        }
    }
}
