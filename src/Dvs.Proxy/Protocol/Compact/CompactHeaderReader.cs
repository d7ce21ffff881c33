using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dvs.Proxy.Protocol.Compact;

/// <summary>Reads headers that were written as <see cref="CompactFormat"/> says. Throws for no input. Stateless and thread-safe.</summary>
internal static class CompactHeaderReader
{
    /// <summary>Reads the headers of a whole batch, the only content of <paramref name="source"/>.</summary>
    /// <param name="source">The headers, each as its difference from the one before.</param>
    /// <param name="outer">The header before the first: 168 or 120 bytes.</param>
    /// <param name="destination">As long as the headers must be, one behind the other. What is in it after a fault means nothing.</param>
    /// <param name="index">Place of the header at fault, from 1; the count of all where there is none.</param>
    [SkipLocalsInit]
    public static CompactFault ReadAll(ReadOnlySpan<byte> source, ReadOnlySpan<byte> outer, Span<byte> destination, out int index)
    {
        // Vectors read beyond what they need: what is left for the last headers is read from a copy that has room behind it.
        Span<byte> copy = stackalloc byte[2 * RoomToRead(WireLayout.LargestHeaderSize)];
        var headerSize = outer.Length;
        var roomToRead = Avx2.IsSupported ? RoomToRead(headerSize) : 0;
        scoped var rest = source;
        var left = source.Length;
        var previous = outer;
        for (index = 1; destination.Length >= headerSize; index++)
        {
            if (rest.Length < roomToRead)
            {
                rest.CopyTo(copy);
                rest = copy;
            }

            var header = destination[..headerSize];
            if (!Avx2.IsSupported || !TryReadVectorised(rest, previous, header, out var length) || length > left)
            {
                var fault = ReadPortable(rest[..left], previous, header, out length);
                if (fault != CompactFault.None)
                {
                    return fault;
                }
            }

            rest = rest[length..];
            left -= length;
            previous = header;
            destination = destination[headerSize..];
        }

        index--;
        return left == 0 ? CompactFault.None : CompactFault.TrailingBytes;
    }

    /// <summary>Reads one header, on any machine.</summary>
    /// <param name="source">What is left: the header, and what comes behind it.</param>
    /// <param name="previous">The header before it.</param>
    /// <param name="header">Where it goes; as long as <paramref name="previous"/>, and not overlapping it.</param>
    /// <param name="length">Bytes that it took.</param>
    internal static CompactFault ReadPortable(ReadOnlySpan<byte> source, ReadOnlySpan<byte> previous, Span<byte> header, out int length)
    {
        length = 0;
        if (source.IsEmpty)
        {
            return CompactFault.Truncated;
        }

        var blocks = (uint)source[0];
        if (blocks >> CompactFormat.BlockCount(header.Length) != 0)
        {
            return CompactFault.UnknownBlock;
        }

        var mask = 1;
        var end = mask + (CompactFormat.MaskSize * BitOperations.PopCount(blocks));
        if (end > source.Length)
        {
            return CompactFault.Truncated;
        }

        previous.CopyTo(header);
        for (; blocks != 0; blocks &= blocks - 1, mask += CompactFormat.MaskSize)
        {
            var block = BitOperations.TrailingZeroCount(blocks);
            uint lanes = BinaryPrimitives.ReadUInt16LittleEndian(source[mask..]);
            var fault = CheckMask(lanes, CompactFormat.LanesOf(header.Length, block));
            if (fault == CompactFault.None)
            {
                fault = ChangeLanes(source, header[(block * CompactFormat.BlockSize)..], lanes, ref end);
            }

            if (fault != CompactFault.None)
            {
                return fault;
            }
        }

        length = end;
        return CompactFault.None;
    }

    /// <summary>Reads one header on a machine with AVX2, or says that something is wrong with it: what, <see cref="ReadPortable"/> says.</summary>
    /// <param name="source">As there, with <see cref="RoomToRead"/> bytes at least.</param>
    /// <param name="previous">As there.</param>
    /// <param name="header">As there; whatever the result, it is overwritten.</param>
    /// <param name="length">Bytes that it took.</param>
    /// <exception cref="ArgumentException">The headers are not of one data model, or there is too little to read from.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool TryReadVectorised(ReadOnlySpan<byte> source, ReadOnlySpan<byte> previous, Span<byte> header, out int length)
    {
        if (!CompactFormat.IsHeaderSize(header.Length) || previous.Length != header.Length || source.Length < RoomToRead(header.Length))
        {
            ThrowForLength();
        }

        ref var start = ref MemoryMarshal.GetReference(source);
        ref var before = ref MemoryMarshal.GetReference(previous);
        ref var place = ref MemoryMarshal.GetReference(header);
        ref var table = ref LaneShuffles.Spread;
        var isLp64 = header.Length == WireLayout.LargestHeaderSize;
        var known = isLp64 ? 0x3F : 0x0F;

        // Every check is a subtraction that goes below 0 where it fails: what they come to is looked at once.
        var checks = known - start;
        var blocks = (uint)(start & known);
        nuint mask = 1;
        var end = mask + ((nuint)BitOperations.PopCount(blocks) * CompactFormat.MaskSize);
        var unchanged = Vector256<byte>.Zero;
        ReadBlock(ref start, ref before, ref place, 0, blocks, ref table, ref mask, ref end, ref checks, ref unchanged);
        ReadBlock(ref start, ref before, ref place, 1, blocks, ref table, ref mask, ref end, ref checks, ref unchanged);
        ReadBlock(ref start, ref before, ref place, 2, blocks, ref table, ref mask, ref end, ref checks, ref unchanged);
        if (isLp64)
        {
            ReadBlock(ref start, ref before, ref place, 3, blocks, ref table, ref mask, ref end, ref checks, ref unchanged);
            ReadBlock(ref start, ref before, ref place, 4, blocks, ref table, ref mask, ref end, ref checks, ref unchanged);
            ReadWord(ref start, ref before, ref place, blocks & (1u << 5), ref table, ref mask, ref end, ref checks, ref unchanged);
        }
        else
        {
            ReadShortBlock(ref start, ref before, ref place, blocks & (1u << 3), ref table, ref mask, ref end, ref checks, ref unchanged);
        }

        length = (int)end;
        return checks >= 0 && unchanged.ExtractMostSignificantBits() == 0;
    }

    /// <summary>Bytes that must be there for a header to be read with vectors, whatever it says.</summary>
    internal static int RoomToRead(int headerSize) => CompactFormat.LargestLength(headerSize) + CompactFormat.Excess;

    private static CompactFault CheckMask(uint lanes, uint known) =>
        (lanes & ~known) != 0 ? CompactFault.UnknownLane : lanes == 0 ? CompactFault.EmptyMask : CompactFault.None;

    private static CompactFault ChangeLanes(ReadOnlySpan<byte> source, Span<byte> block, uint lanes, ref int end)
    {
        if (source.Length - end < BitOperations.PopCount(lanes) * CompactFormat.LaneSize)
        {
            return CompactFault.Truncated;
        }

        for (; lanes != 0; lanes &= lanes - 1, end += CompactFormat.LaneSize)
        {
            var (low, high) = (source[end], source[end + 1]);
            if ((low | high) == 0)
            {
                return CompactFault.UnchangedLane;
            }

            var lane = BitOperations.TrailingZeroCount(lanes) * CompactFormat.LaneSize;
            block[lane] ^= low;
            block[lane + 1] ^= high;
        }

        return CompactFault.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadBlock(
        ref byte start, ref byte previous, ref byte header, int number, uint blocks,
        ref byte table, ref nuint mask, ref nuint end, ref int checks, ref Vector256<byte> unchanged)
    {
        var offset = (nuint)number * CompactFormat.BlockSize;
        var block = Vector256.LoadUnsafe(ref previous, offset);
        if ((blocks & (1u << number)) != 0)
        {
            var lanes = TakeMask(ref start, ref mask, ref checks);
            block ^= TakeLanes(ref start, ref table, ref end, lanes, ref unchanged);
        }

        block.StoreUnsafe(ref header, offset);
    }

    // The 8 bytes that end a header in LP64.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadWord(
        ref byte start, ref byte previous, ref byte header, uint isChanged,
        ref byte table, ref nuint mask, ref nuint end, ref int checks, ref Vector256<byte> unchanged)
    {
        const int Offset = 160;
        const uint Known = 0x000F;
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref previous, Offset));
        if (isChanged != 0)
        {
            var lanes = TakeMask(ref start, ref mask, ref checks);
            checks |= (int)Known - (int)lanes;
            word ^= TakeLanes(ref start, ref table, ref end, lanes & Known, ref unchanged).AsUInt64().ToScalar();
        }

        Unsafe.WriteUnaligned(ref Unsafe.Add(ref header, Offset), word);
    }

    // The 24 bytes that end a header in ILP32.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadShortBlock(
        ref byte start, ref byte previous, ref byte header, uint isChanged,
        ref byte table, ref nuint mask, ref nuint end, ref int checks, ref Vector256<byte> unchanged)
    {
        const int Offset = 96;
        const int WordOffset = 112;
        const uint Known = 0x0FFF;
        var half = Vector128.LoadUnsafe(ref previous, Offset);
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref previous, WordOffset));
        if (isChanged != 0)
        {
            var lanes = TakeMask(ref start, ref mask, ref checks);
            checks |= (int)Known - (int)lanes;
            var change = TakeLanes(ref start, ref table, ref end, lanes & Known, ref unchanged);
            half ^= change.GetLower();
            word ^= change.GetUpper().AsUInt64().ToScalar();
        }

        half.StoreUnsafe(ref header, Offset);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref header, WordOffset), word);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint TakeMask(ref byte start, ref nuint mask, ref int checks)
    {
        uint lanes = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, mask));
        mask += CompactFormat.MaskSize;
        checks |= (int)lanes - 1;
        return lanes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> TakeLanes(ref byte start, ref byte table, ref nuint end, uint lanes, ref Vector256<byte> unchanged)
    {
        var (first, second) = (lanes & 0xFF, lanes >> 8);
        var middle = end + ((nuint)BitOperations.PopCount(first) * CompactFormat.LaneSize);
        var pressed = Vector256.Create(Vector128.LoadUnsafe(ref start, end), Vector128.LoadUnsafe(ref start, middle));
        var spread = Vector256.Create(LaneShuffles.Of(ref table, first), LaneShuffles.Of(ref table, second));
        var change = Avx2.Shuffle(pressed, spread);
        end = middle + ((nuint)BitOperations.PopCount(second) * CompactFormat.LaneSize);

        // The top bit of a byte is set where its lane was named, so that the shuffle's is not, and changes nothing.
        unchanged |= Vector256.AndNot(Vector256.Equals(change.AsInt16(), Vector256<short>.Zero).AsByte(), spread);
        return change;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowForLength() => throw new ArgumentException("The headers are not of one data model, or there is too little to read from.");
}
