using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol;

/// <summary>The rules a received frame must keep. Whatever came from the network is compared with its limit here before it is used.</summary>
internal sealed class FrameValidator(FrameReaderOptions options)
{
    private const CommandFlags SessionFlags = CommandFlags.Sequenced | CommandFlags.Digest;

    private readonly WireLayout _layout = options.Layout;
    private readonly int _headerSize = options.Layout.HeaderSize;
    private readonly int _maxPayload = options.MaxPayload;
    private readonly int _sourceNode = options.ExpectedSourceNode ?? -1;
    private readonly int _destinationNode = options.ExpectedDestinationNode ?? -1;
    private readonly bool _checkSourceNode = options.ExpectedSourceNode.HasValue;
    private readonly bool _checkDestinationNode = options.ExpectedDestinationNode.HasValue;
    private readonly CommandFlags _allowedFlags = CommandFlags.Batch | CommandFlags.Lz4 | CommandFlags.CheckHeader
        | (options.AllowSessionFlags ? SessionFlags : CommandFlags.None);

    /// <summary>Checks all that the outer header alone can tell.</summary>
    public bool CheckOuter(in CommandHeader header, out FrameFault fault)
    {
        fault = default;
        if (!header.Command.IsKnown())
        {
            fault = Fail(FrameFaultKind.UnknownCommand, "c_cmd", (int)header.Command);
        }
        else if ((header.Flags & ~AllowedFlags(header.Command)) != 0)
        {
            fault = Fail(FrameFaultKind.FlagsNotAllowed, "c_flags", (long)header.Flags, (long)AllowedFlags(header.Command));
        }
        else if ((uint)ContentLength(in header) > (uint)_maxPayload)
        {
            fault = Fail(FrameFaultKind.LengthOutOfRange, "c_len", header.PayloadLength, _maxPayload + DigestLength(in header));
        }
        else if (CheckNodes(in header, ref fault))
        {
            return (header.Flags & CommandFlags.Batch) != 0
                ? CheckBatchHeader(in header, ref fault)
                : CheckPlainHeader(in header, ref fault);
        }

        return false;
    }

    /// <summary>Bytes of digest behind the payload of a frame; part of <c>c_len</c>.</summary>
    public static int DigestLength(in CommandHeader header) => (header.Flags & CommandFlags.Digest) != 0 ? Md5Digest.Size : 0;

    /// <summary>Bytes of payload on the wire without the digest; negative where not even the digest fits.</summary>
    public static int ContentLength(in CommandHeader header) => header.PayloadLength - DigestLength(in header);

    /// <summary>Checks every header of a decompressed batch.</summary>
    public bool CheckBatch(ReadOnlySpan<byte> content, out FrameFault fault)
    {
        fault = default;
        for (int index = 1; !content.IsEmpty; index++)
        {
            _layout.Read(content, out var header);
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
        PayloadDecodeResult.TooLong => Fail(FrameFaultKind.DecompressedTooLong, "c_len", wireLength, expected),
        PayloadDecodeResult.TooShort => Fail(FrameFaultKind.DecompressedTooShort, "c_len", written, expected),
        _ => Fail(FrameFaultKind.CorruptCompression, "c_len", wireLength, expected) with { Detail = result.Describe() },
    };

    // A control message is never numbered.
    private CommandFlags AllowedFlags(CommandCode command) => command == CommandCode.None ? _allowedFlags & ~SessionFlags : _allowedFlags;

    private bool CheckNodes(in CommandHeader header, ref FrameFault fault)
    {
        if (_checkSourceNode && header.SourceNode != _sourceNode)
        {
            fault = Fail(FrameFaultKind.WrongSourceNode, "c_snode", header.SourceNode, _sourceNode);
            return false;
        }

        if (_checkDestinationNode && header.DestinationNode != _destinationNode)
        {
            fault = Fail(FrameFaultKind.WrongDestinationNode, "c_dnode", header.DestinationNode, _destinationNode);
            return false;
        }

        return true;
    }

    private bool CheckBatchHeader(in CommandHeader header, ref FrameFault fault)
    {
        if (header.Command.CarriesPayload() || header.Command == CommandCode.None)
        {
            fault = Fail(FrameFaultKind.NotBatchable, "c_cmd", (int)header.Command);
            return false;
        }

        var most = _maxPayload / _headerSize;
        if (header.BatchCount < 1 || header.BatchCount > most)
        {
            fault = Fail(FrameFaultKind.BatchCountMismatch, "c_batch_nr", header.BatchCount, most) with { Detail = "a batch holds 1 to" };
            return false;
        }

        var length = header.BatchCount * _headerSize;
        var isCompressed = (header.Flags & CommandFlags.Lz4) != 0;
        if (isCompressed ? ContentLength(in header) == 0 : ContentLength(in header) != length)
        {
            fault = Fail(FrameFaultKind.BatchCountMismatch, "c_batch_nr", header.BatchCount, header.PayloadLength) with
            {
                Detail = isCompressed ? "its compressed payload cannot have a c_len of" : "its payload cannot have a c_len of",
            };
            return false;
        }

        return true;
    }

    private bool CheckPlainHeader(in CommandHeader header, ref FrameFault fault)
    {
        if (header.BatchCount != 0)
        {
            fault = Fail(FrameFaultKind.BatchCountMismatch, "c_batch_nr", header.BatchCount) with { Detail = "without the flag for batches it must be" };
            return false;
        }

        var isCompressed = (header.Flags & CommandFlags.Lz4) != 0;
        if (!header.Command.CarriesPayload())
        {
            // A fault is made only where there is one: it is costly beside the checks, and this is every message's way.
            if (header.PayloadLength == 0 && !isCompressed)
            {
                return true;
            }

            fault = header.PayloadLength != 0
                ? Fail(FrameFaultKind.UnexpectedPayload, "c_len", header.PayloadLength)
                : Fail(FrameFaultKind.FlagsNotAllowed, "c_flags", (long)header.Flags, (long)(_allowedFlags & ~(CommandFlags.Lz4 | CommandFlags.Digest)));
            return false;
        }

        if (isCompressed && ContentLength(in header) == 0)
        {
            fault = Fail(FrameFaultKind.CorruptCompression, "c_len", 0) with { Detail = PayloadDecodeResult.Truncated.Describe() };
            return false;
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

        fault = isCompressed
            ? Fail(FrameFaultKind.LengthOutOfRange, "c_vcopy.v_bytes", header.Copy.Length, _maxPayload)
            : Fail(FrameFaultKind.CopyLengthMismatch, "c_vcopy.v_bytes", header.Copy.Length, ContentLength(in header));
        return false;
    }

    private bool CheckBatched(in CommandHeader header, ref FrameFault fault)
    {
        const CommandFlags Allowed = CommandFlags.CheckHeader;
        if (!header.Command.IsKnown())
        {
            fault = Fail(FrameFaultKind.UnknownCommand, "c_cmd", (int)header.Command);
        }
        else if (header.Command.CarriesPayload() || header.Command == CommandCode.None)
        {
            fault = Fail(FrameFaultKind.NotBatchable, "c_cmd", (int)header.Command);
        }
        else if (header.PayloadLength != 0)
        {
            fault = Fail(FrameFaultKind.UnexpectedPayload, "c_len", header.PayloadLength);
        }
        else if (header.BatchCount != 0)
        {
            fault = Fail(FrameFaultKind.BatchCountMismatch, "c_batch_nr", header.BatchCount) with { Detail = "inside a batch it must be" };
        }
        else if ((header.Flags & ~Allowed) != 0)
        {
            fault = Fail(FrameFaultKind.FlagsNotAllowed, "c_flags", (long)header.Flags, (long)Allowed);
        }
        else
        {
            return CheckNodes(in header, ref fault);
        }

        return false;
    }

    private static FrameFault Fail(FrameFaultKind kind, string field, long value, long expected = 0) =>
        new() { Kind = kind, Field = field, Value = value, Expected = expected };
}
