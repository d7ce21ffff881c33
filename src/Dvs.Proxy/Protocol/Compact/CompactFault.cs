namespace Dvs.Proxy.Protocol.Compact;

/// <summary>What is wrong with a compact batch.</summary>
internal enum CompactFault
{
    None,
    Truncated,
    UnknownBlock,
    UnknownLane,
    EmptyMask,
    UnchangedLane,
    TrailingBytes,
}

/// <summary>Words for <see cref="CompactFault"/>.</summary>
internal static class CompactFaults
{
    public static string Describe(this CompactFault fault) => fault switch
    {
        CompactFault.None => "no fault",
        CompactFault.Truncated => "it ends too early",
        CompactFault.UnknownBlock => "it names a block behind the header's end",
        CompactFault.UnknownLane => "it names a lane behind the header's end",
        CompactFault.EmptyMask => "it names a block in which nothing differs",
        CompactFault.UnchangedLane => "it names a lane that does not differ",
        CompactFault.TrailingBytes => "bytes follow its last command",
        _ => fault.ToString(),
    };
}
