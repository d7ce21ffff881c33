using System.Runtime.CompilerServices;
using Dvs.Proxy.Protocol.Compact;
using Dvs.Proxy.Protocol.Compression;

namespace Dvs.Proxy.Protocol.Frames.Validation;

/// <summary>The rules a received frame must keep. Whatever came from the network is compared with its limit here before it is used.</summary>
internal sealed class FrameValidator(FrameReaderOptions options)
{
    private const CommandFlags SessionFlags = CommandFlags.Sequenced | CommandFlags.Digest | CommandFlags.Compact | CommandFlags.Xxh128;

    private readonly WireLayout _layout = options.Layout;
    private readonly int _headerSize = options.Layout.HeaderSize;
    private readonly int _maxPayload = options.MaxPayload;
    private readonly int _sourceNode = options.ExpectedSourceNode ?? -1;
    private readonly int _destinationNode = options.ExpectedDestinationNode ?? -1;
    private readonly bool _checkSourceNode = options.ExpectedSourceNode.HasValue;
    private readonly bool _checkDestinationNode = options.ExpectedDestinationNode.HasValue;
    private readonly bool _isClassicLink = options.IsClassicLink;
    private readonly CommandFlags _allowedFlags = CommandFlags.Batch | CommandFlags.Lz4 | CommandFlags.CheckHeader
        | (options.AllowSessionFlags ? SessionFlags : CommandFlags.None);

    /// <summary>Checks all that the outer header alone can tell.</summary>
    public bool CheckOuter(in CommandHeader header, ref FrameFault fault)
    {
        if (!header.Command.IsKnown())
        {
            return Fail(ref fault, FrameFaultKind.UnknownCommand, "c_cmd", (int)header.Command);
        }

        if (_isClassicLink && header.Command == CommandCode.None && header.PayloadLength == 0)
        {
            return true;
        }

        if ((header.Flags & ~AllowedFlags(in header)) != 0)
        {
            return Fail(ref fault, FrameFaultKind.FlagsNotAllowed, "c_flags", (long)header.Flags, (long)AllowedFlags(in header));
        }

        if ((uint)ContentLength(in header) > (uint)_maxPayload)
        {
            return Fail(ref fault, FrameFaultKind.LengthOutOfRange, "c_len", header.PayloadLength, _maxPayload + DigestLength(in header));
        }

        return CheckNodes(in header, ref fault)
            && ((header.Flags & CommandFlags.Batch) != 0 ? CheckBatchHeader(in header, ref fault) : CheckPlainHeader(in header, ref fault));
    }

    /// <summary>Bytes of digest behind the payload of a frame; part of <c>c_len</c>.</summary>
    public static int DigestLength(in CommandHeader header) => (header.Flags & CommandFlags.Digest) != 0 ? WireLimits.DigestSize : 0;

    /// <summary>Bytes of payload on the wire without the digest; negative where not even the digest fits.</summary>
    public static int ContentLength(in CommandHeader header) => header.PayloadLength - DigestLength(in header);

    /// <summary>Checks every header of a decompressed batch.</summary>
    public bool CheckBatch(ReadOnlySpan<byte> content, ref FrameFault fault)
    {
        Unsafe.SkipInit(out CommandHeader copy);
        for (var index = 1; !content.IsEmpty; index++)
        {
            ref readonly var header = ref _layout.View(content, ref copy);
            if (!CheckBatched(in header, ref fault))
            {
                fault = fault with { BatchIndex = index };
                return false;
            }

            content = content[_headerSize..];
        }

        return true;
    }

    /// <summary>How long the payload of a checked header must be once decompressed; within the limit.</summary>
    public int ExpectedContentLength(in CommandHeader header) =>
        (header.Flags & CommandFlags.Batch) != 0 ? header.BatchCount * _headerSize : header.Copy.Length;

    public static FrameFault CompressionFault(PayloadDecodeResult result, int wireLength, int written, int expected) => result switch
    {
        PayloadDecodeResult.TooLong => Create(FrameFaultKind.DecompressedTooLong, "c_len", wireLength, expected),
        PayloadDecodeResult.TooShort => Create(FrameFaultKind.DecompressedTooShort, "c_len", written, expected),
        _ => Create(FrameFaultKind.CorruptCompression, "c_len", wireLength, expected) with { Detail = result.Describe() },
    };

    public static FrameFault CompactBatchFault(CompactFault fault, int wireLength, int index) =>
        Create(FrameFaultKind.CorruptCompactBatch, "c_len", wireLength) with { BatchIndex = index, Detail = fault.Describe() };

    // A control message is never numbered; what a digest is takes that there is one; compact is a numbered batch, which is not compressed besides.
    private CommandFlags AllowedFlags(in CommandHeader header)
    {
        const CommandFlags Batch = CommandFlags.Batch | CommandFlags.Sequenced;
        return _allowedFlags
            & ~((header.Command == CommandCode.None ? CommandFlags.Sequenced : CommandFlags.None)
                | ((header.Flags & CommandFlags.Digest) == 0 ? CommandFlags.Xxh128 : CommandFlags.None)
                | ((header.Flags & (Batch | CommandFlags.Lz4)) == Batch ? CommandFlags.None : CommandFlags.Compact));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool CheckNodes(in CommandHeader header, ref FrameFault fault)
    {
        if (_checkSourceNode && header.SourceNode != _sourceNode)
        {
            return Fail(ref fault, FrameFaultKind.WrongSourceNode, "c_snode", header.SourceNode, _sourceNode);
        }

        if (_checkDestinationNode && header.DestinationNode != _destinationNode)
        {
            return Fail(ref fault, FrameFaultKind.WrongDestinationNode, "c_dnode", header.DestinationNode, _destinationNode);
        }

        return true;
    }

    private bool CheckBatchHeader(in CommandHeader header, ref FrameFault fault)
    {
        if (header.Command.CarriesPayload() || header.Command == CommandCode.None)
        {
            return Fail(ref fault, FrameFaultKind.NotBatchable, "c_cmd", (int)header.Command);
        }

        var most = _maxPayload / _headerSize;
        if (header.BatchCount < 1 || header.BatchCount > most)
        {
            return Fail(ref fault, FrameFaultKind.BatchCountMismatch, "c_batch_nr", header.BatchCount, most, detail: "a batch holds 1 to");
        }

        if (IsBatchLength(in header, ContentLength(in header)))
        {
            return true;
        }

        var detail = (header.Flags & (CommandFlags.Lz4 | CommandFlags.Compact)) switch
        {
            CommandFlags.Lz4 => "its compressed payload cannot have a c_len of",
            CommandFlags.Compact => "its compact payload cannot have a c_len of",
            _ => "its payload cannot have a c_len of",
        };
        return Fail(ref fault, FrameFaultKind.BatchCountMismatch, "c_batch_nr", header.BatchCount, header.PayloadLength, detail);
    }

    private bool IsBatchLength(in CommandHeader header, int length)
    {
        var count = header.BatchCount;
        return (header.Flags & (CommandFlags.Lz4 | CommandFlags.Compact)) switch
        {
            CommandFlags.None => length == count * _headerSize,
            CommandFlags.Lz4 => length != 0,
            _ => length >= count * CompactFormat.SmallestLength && length <= count * CompactFormat.LargestLength(_headerSize),
        };
    }

    private bool CheckPlainHeader(in CommandHeader header, ref FrameFault fault)
    {
        if (header.BatchCount != 0)
        {
            return Fail(ref fault, FrameFaultKind.BatchCountMismatch, "c_batch_nr", header.BatchCount, detail: "without the flag for batches it must be");
        }

        var isCompressed = (header.Flags & CommandFlags.Lz4) != 0;
        if (!header.Command.CarriesPayload())
        {
            if (ContentLength(in header) == 0 && !isCompressed)
            {
                return true;
            }

            return ContentLength(in header) != 0
                ? Fail(ref fault, FrameFaultKind.UnexpectedPayload, "c_len", header.PayloadLength)
                : Fail(
                    ref fault, FrameFaultKind.FlagsNotAllowed, "c_flags", (long)header.Flags,
                    (long)(AllowedFlags(in header) & ~CommandFlags.Lz4));
        }

        if (isCompressed && ContentLength(in header) == 0)
        {
            return Fail(ref fault, FrameFaultKind.CorruptCompression, "c_len", 0, detail: PayloadDecodeResult.Truncated.Describe());
        }

        return CheckCopyLength(in header, isCompressed, ref fault);
    }

    private bool CheckCopyLength(in CommandHeader header, bool isCompressed, ref FrameFault fault)
    {
        // A failed copy brings its result and no block; its descriptor still says what was asked for.
        if (ContentLength(in header) == 0 && header.ResultCode < 0 && header.Command == CommandCode.CopyOutData)
        {
            return true;
        }

        if (isCompressed ? header.Copy.Length >= 0 && header.Copy.Length <= _maxPayload : header.Copy.Length == ContentLength(in header))
        {
            return true;
        }

        return isCompressed
            ? Fail(ref fault, FrameFaultKind.LengthOutOfRange, "c_vcopy.v_bytes", header.Copy.Length, _maxPayload)
            : Fail(ref fault, FrameFaultKind.CopyLengthMismatch, "c_vcopy.v_bytes", header.Copy.Length, ContentLength(in header));
    }

    /// <summary>Checks the header of one command behind the outer one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CheckBatched(in CommandHeader header, ref FrameFault fault)
    {
        const CommandFlags Allowed = CommandFlags.CheckHeader;
        if (!header.Command.IsKnown())
        {
            return Fail(ref fault, FrameFaultKind.UnknownCommand, "c_cmd", (int)header.Command);
        }

        if (header.Command.CarriesPayload() || header.Command == CommandCode.None)
        {
            return Fail(ref fault, FrameFaultKind.NotBatchable, "c_cmd", (int)header.Command);
        }

        if (header.PayloadLength != 0)
        {
            return Fail(ref fault, FrameFaultKind.UnexpectedPayload, "c_len", header.PayloadLength);
        }

        if (header.BatchCount != 0)
        {
            return Fail(ref fault, FrameFaultKind.BatchCountMismatch, "c_batch_nr", header.BatchCount, detail: "inside a batch it must be");
        }

        if ((header.Flags & ~Allowed) != 0)
        {
            return Fail(ref fault, FrameFaultKind.FlagsNotAllowed, "c_flags", (long)header.Flags, (long)Allowed);
        }

        return CheckNodes(in header, ref fault);
    }

    // A fault is made only where there is one, and out of line: its place on the stack would have to be cleared for every frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Fail(ref FrameFault fault, FrameFaultKind kind, string field, long value, long expected = 0, string? detail = null)
    {
        fault = Create(kind, field, value, expected) with { Detail = detail };
        return false;
    }

    private static FrameFault Create(FrameFaultKind kind, string field, long value, long expected = 0) =>
        new() { Kind = kind, Field = field, Value = value, Expected = expected };
}
