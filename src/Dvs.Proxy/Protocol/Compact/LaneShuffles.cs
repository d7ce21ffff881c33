using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dvs.Proxy.Protocol.Compact;

/// <summary>For each set of the 8 lanes of 16 bytes: the order of bytes that presses those lanes together, and the one that spreads them again.</summary>
internal static class LaneShuffles
{
    private const int Sets = 256;
    private const int Size = 16;

    // An index with the top bit set makes a byte 0.
    private const byte Nothing = 0x80;

    private static readonly byte[] Pressing = Make(isPressing: true);
    private static readonly byte[] Spreading = Make(isPressing: false);

    /// <summary>The orders that move the lanes of a set to the front.</summary>
    public static ref byte Press => ref MemoryMarshal.GetArrayDataReference(Pressing);

    /// <summary>The orders that move the first lanes to the places that a set names, and clear all others.</summary>
    public static ref byte Spread => ref MemoryMarshal.GetArrayDataReference(Spreading);

    /// <summary>The order of a set. A hot loop gets the table once.</summary>
    /// <param name="table"><see cref="Press"/> or <see cref="Spread"/>.</param>
    /// <param name="lanes">The set, 0..255.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Of(ref byte table, uint lanes) => Vector128.LoadUnsafe(ref table, (nuint)lanes * Size);

    private static byte[] Make(bool isPressing)
    {
        var table = new byte[Sets * Size];
        table.AsSpan().Fill(Nothing);
        for (var lanes = 0; lanes < Sets; lanes++)
        {
            var shuffle = table.AsSpan(lanes * Size, Size);
            var pressed = 0;
            for (var spread = 0; spread < Size; spread += CompactFormat.LaneSize)
            {
                if ((lanes >> (spread / CompactFormat.LaneSize) & 1) != 0)
                {
                    var (to, from) = isPressing ? (pressed, spread) : (spread, pressed);
                    shuffle[to] = (byte)from;
                    shuffle[to + 1] = (byte)(from + 1);
                    pressed += CompactFormat.LaneSize;
                }
            }
        }

        return table;
    }
}
