namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>How much was in some frames.</summary>
/// <param name="Frames">Frames.</param>
/// <param name="Commands">Commands in them.</param>
/// <param name="Bytes">Bytes on the wire, headers included.</param>
internal readonly record struct FrameTotals(long Frames, long Commands, long Bytes)
{
    public static FrameTotals operator +(FrameTotals left, FrameTotals right) =>
        new(left.Frames + right.Frames, left.Commands + right.Commands, left.Bytes + right.Bytes);
}
