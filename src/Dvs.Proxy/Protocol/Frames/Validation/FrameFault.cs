using System.Globalization;

namespace Dvs.Proxy.Protocol.Frames.Validation;

/// <summary>Why a frame was refused: the field, what it held and what was expected. Cheap to carry; text is made on demand.</summary>
public readonly record struct FrameFault
{
    // Bytes 0x16, 0x03: a handshake record of TLS, read as c_cmd.
    private const int TlsHandshakeRecord = 0x0316;

    /// <summary>What is wrong.</summary>
    public FrameFaultKind Kind { get; init; }

    /// <summary>The field by its classic name, such as <c>c_len</c>.</summary>
    public string? Field { get; init; }

    /// <summary>What it held.</summary>
    public long Value { get; init; }

    /// <summary>What it should have been, or the limit, depending on <see cref="Kind"/>.</summary>
    public long Expected { get; init; }

    /// <summary>Place of the command in its batch, 1 for the first behind the outer one; 0 for the outer one.</summary>
    public int BatchIndex { get; init; }

    /// <summary>The data model the header reads well in; null unless <see cref="FrameFaultKind.DataModelMismatch"/>.</summary>
    public DataModel? SeemsToBe { get; init; }

    /// <summary>More detail in words, where there is any.</summary>
    public string? Detail { get; init; }

    /// <summary>
    /// True where the header obeys all rules and what follows it does not, so that the frame seems to be known, and where it ends. In a session
    /// such a frame is sent again.
    /// </summary>
    public bool IsPayloadFault { get; init; }

    /// <summary>True where the frame is all there and its end is known, so that it can be skipped: on classic links, and in a session where the
    /// peer is known to have meant it so.</summary>
    internal bool CanReadOn { get; init; }

    /// <summary>One sentence without full stop, for a log or an exception.</summary>
    public string Describe() => BatchIndex == 0 ? DescribeKind() : Text($"batched command {BatchIndex}: {DescribeKind()}");

    /// <inheritdoc/>
    public override string ToString() => Describe();

    private string DescribeKind() => Kind switch
    {
        FrameFaultKind.None => "no fault",
        FrameFaultKind.Truncated => Text($"the connection ended inside a frame's {Field}: {Value} of {Expected} bytes had arrived"),
        FrameFaultKind.UnknownCommand when BatchIndex == 0 && (Value & 0xFFFF) == TlsHandshakeRecord =>
            Text($"{Field} = {Value} is not a command, but how TLS begins: the peer speaks TLS, for which this node's configuration has no tls section"),
        FrameFaultKind.UnknownCommand => Text($"{Field} = {Value} is not a command"),
        FrameFaultKind.LengthOutOfRange => Text($"{Field} = {Value} is outside 0..{Expected}"),
        FrameFaultKind.FlagsNotAllowed => Text($"{Field} = 0x{Value:x} has bits that are not allowed here: 0x{Value & ~Expected:x}"),
        FrameFaultKind.WrongSourceNode => Text($"{Field} = {Value}, but the peer is node {Expected}"),
        FrameFaultKind.WrongDestinationNode => Text($"{Field} = {Value}, but this is node {Expected}"),
        FrameFaultKind.UnexpectedPayload => Text($"{Field} = {Value}, but a command of its kind has no payload"),
        FrameFaultKind.CopyLengthMismatch => Text($"{Field} = {Value}, but the payload is {Expected} bytes long"),
        FrameFaultKind.BatchCountMismatch => Text($"{Field} = {Value}: {Detail} {Expected}"),
        FrameFaultKind.NotBatchable => Text($"{Field} = {Value} cannot be inside a batch"),
        FrameFaultKind.CorruptCompression => Text($"the compressed payload ({Field} = {Value}) is not a valid LZ4 frame: {Detail}"),
        FrameFaultKind.DecompressedTooLong => Text($"the compressed payload ({Field} = {Value}) decodes to more than the {Expected} bytes announced"),
        FrameFaultKind.DecompressedTooShort => Text($"the compressed payload decodes to {Value} bytes, but {Expected} were announced"),
        FrameFaultKind.CorruptCompactBatch => Text($"the compact batch ({Field} = {Value}) is not one: {Detail}"),
        FrameFaultKind.DataModelMismatch =>
            Text($"the peer's abi seems to differ: the header reads as {Name(SeemsToBe)} ({Field} = {Value} makes no sense in {Name(Other(SeemsToBe))})"),
        FrameFaultKind.DigestMismatch => Text($"the frame ({Field} = {Value}) was damaged on the way: its digest is another"),
        FrameFaultKind.DigestMissing => Text($"the frame has no digest ({Field} = 0x{Value:x}), where every frame must have one"),
        _ => Kind.ToString(),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Name(DataModel? model) => model == DataModel.Ilp32 ? "ILP32" : "LP64";

    private static DataModel Other(DataModel? model) => model == DataModel.Ilp32 ? DataModel.Lp64 : DataModel.Ilp32;
}
