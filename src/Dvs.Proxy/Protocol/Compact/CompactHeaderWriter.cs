using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dvs.Proxy.Protocol.Compact;

/// <summary>Writes headers as <see cref="CompactFormat"/> says. Stateless and thread-safe.</summary>
internal static class CompactHeaderWriter
{
    /// <summary>Writes a header as its difference from the one before.</summary>
    /// <param name="header">The header as it is on the wire: 168 or 120 bytes.</param>
    /// <param name="previous">The header before it.</param>
    /// <param name="destination">At least <see cref="CompactFormat.LargestLength"/> and <see cref="CompactFormat.Excess"/> bytes; those behind what is
    /// written are not kept.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">There is not so much room, or the headers are not of one data model.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(ReadOnlySpan<byte> header, ReadOnlySpan<byte> previous, Span<byte> destination) =>
        Avx2.IsSupported ? WriteVectorised(header, previous, destination) : WritePortable(header, previous, destination);

    /// <summary><see cref="Write"/> for any machine.</summary>
    internal static int WritePortable(ReadOnlySpan<byte> header, ReadOnlySpan<byte> previous, Span<byte> destination)
    {
        Check(header, previous, destination);
        var blocks = 0u;
        for (var block = 0; block < CompactFormat.BlockCount(header.Length); block++)
        {
            var differs = !CompactFormat.Block(header, block).SequenceEqual(CompactFormat.Block(previous, block));
            blocks |= differs ? 1u << block : 0;
        }

        destination[0] = (byte)blocks;
        var mask = 1;
        var end = mask + (CompactFormat.MaskSize * BitOperations.PopCount(blocks));
        for (; blocks != 0; blocks &= blocks - 1, mask += CompactFormat.MaskSize)
        {
            var block = BitOperations.TrailingZeroCount(blocks);
            var lanes = WriteLanes(CompactFormat.Block(header, block), CompactFormat.Block(previous, block), destination, ref end);
            BinaryPrimitives.WriteUInt16LittleEndian(destination[mask..], (ushort)lanes);
        }

        return end;
    }

    /// <summary><see cref="Write"/> for a machine with AVX2.</summary>
    internal static int WriteVectorised(ReadOnlySpan<byte> header, ReadOnlySpan<byte> previous, Span<byte> destination)
    {
        Check(header, previous, destination);
        ref var table = ref LaneShuffles.Press;
        ref var from = ref MemoryMarshal.GetReference(header);
        ref var before = ref MemoryMarshal.GetReference(previous);
        var block0 = Difference(ref from, ref before, 0);
        var block1 = Difference(ref from, ref before, 32);
        var block2 = Difference(ref from, ref before, 64);
        Vector256<byte> block3;
        Vector256<byte> block4;
        Vector256<byte> block5;
        if (header.Length == WireLayout.LargestHeaderSize)
        {
            block3 = Difference(ref from, ref before, 96);
            block4 = Difference(ref from, ref before, 128);
            block5 = Vector256.CreateScalar(DifferenceOfWord(ref from, ref before, 160)).AsByte();
        }
        else
        {
            block3 = DifferenceOfShortBlock(ref from, ref before, 96);
            block4 = block5 = Vector256<byte>.Zero;
        }

        // Bits 0..7 are the first half of one block and 8..15 of the other, above them the second halves.
        const uint Halves = 0x00FF_00FF;
        var pair01 = DifferingLanes(block0, block1);
        var pair23 = DifferingLanes(block2, block3);
        var pair45 = DifferingLanes(block4, block5);
        var (lanes0, lanes1) = (pair01 & Halves, (pair01 >> 8) & Halves);
        var (lanes2, lanes3) = (pair23 & Halves, (pair23 >> 8) & Halves);
        var (lanes4, lanes5) = (pair45 & Halves, (pair45 >> 8) & Halves);

        ref var start = ref MemoryMarshal.GetReference(destination);
        var blocks = 0u;
        nuint end = 1;
        end = PutMask(ref start, end, lanes0, 1u << 0, ref blocks);
        end = PutMask(ref start, end, lanes1, 1u << 1, ref blocks);
        end = PutMask(ref start, end, lanes2, 1u << 2, ref blocks);
        end = PutMask(ref start, end, lanes3, 1u << 3, ref blocks);
        end = PutMask(ref start, end, lanes4, 1u << 4, ref blocks);
        end = PutMask(ref start, end, lanes5, 1u << 5, ref blocks);
        start = (byte)blocks;
        end = PutLanes(ref start, ref table, end, block0, lanes0);
        end = PutLanes(ref start, ref table, end, block1, lanes1);
        end = PutLanes(ref start, ref table, end, block2, lanes2);
        end = PutLanes(ref start, ref table, end, block3, lanes3);
        end = PutLanes(ref start, ref table, end, block4, lanes4);
        return (int)PutLanes(ref start, ref table, end, block5, lanes5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Check(ReadOnlySpan<byte> header, ReadOnlySpan<byte> previous, Span<byte> destination)
    {
        if (!CompactFormat.IsHeaderSize(header.Length) || previous.Length != header.Length
            || destination.Length < CompactFormat.LargestLength(header.Length) + CompactFormat.Excess)
        {
            ThrowForLength();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowForLength() => throw new ArgumentException("The headers are not of one data model, or there is no room for what they become.");

    private static uint WriteLanes(ReadOnlySpan<byte> block, ReadOnlySpan<byte> previous, Span<byte> destination, ref int end)
    {
        var lanes = 0u;
        for (var word = 0; word < block.Length; word += sizeof(ulong))
        {
            var difference = BinaryPrimitives.ReadUInt64LittleEndian(block[word..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(previous[word..]);
            for (var lane = word / CompactFormat.LaneSize; difference != 0; difference >>= 8 * CompactFormat.LaneSize, lane++)
            {
                if ((ushort)difference != 0)
                {
                    lanes |= 1u << lane;
                    BinaryPrimitives.WriteUInt16LittleEndian(destination[end..], (ushort)difference);
                    end += CompactFormat.LaneSize;
                }
            }
        }

        return lanes;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Difference(ref byte header, ref byte previous, nuint offset) =>
        Vector256.LoadUnsafe(ref header, offset) ^ Vector256.LoadUnsafe(ref previous, offset);

    // As Difference, for the 24 bytes that end a header in ILP32.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> DifferenceOfShortBlock(ref byte header, ref byte previous, nuint offset) => Vector256.Create(
        Vector128.LoadUnsafe(ref header, offset) ^ Vector128.LoadUnsafe(ref previous, offset),
        Vector128.CreateScalar(DifferenceOfWord(ref header, ref previous, offset + 16)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong DifferenceOfWord(ref byte header, ref byte previous, nuint offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref header, offset)) ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref previous, offset));

    // A byte each for the first half of one block, the first half of the other, the second half of one, the second half of the other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint DifferingLanes(Vector256<byte> one, Vector256<byte> other) => ~(uint)Avx2.MoveMask(Avx2.PackSignedSaturate(
        Vector256.Equals(one.AsInt16(), Vector256<short>.Zero), Vector256.Equals(other.AsInt16(), Vector256<short>.Zero)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint PutMask(ref byte start, nuint end, uint lanes, uint block, ref uint blocks)
    {
        if (lanes == 0)
        {
            return end;
        }

        blocks |= block;
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, end), (ushort)(lanes | (lanes >> 8)));
        return end + CompactFormat.MaskSize;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint PutLanes(ref byte start, ref byte table, nuint end, Vector256<byte> difference, uint lanes)
    {
        if (lanes == 0)
        {
            return end;
        }

        var (first, second) = (lanes & 0xFF, lanes >> 16);
        var pressed = Avx2.Shuffle(difference, Vector256.Create(LaneShuffles.Of(ref table, first), LaneShuffles.Of(ref table, second)));
        pressed.GetLower().StoreUnsafe(ref start, end);
        end += (nuint)BitOperations.PopCount(first) * CompactFormat.LaneSize;
        pressed.GetUpper().StoreUnsafe(ref start, end);
        return end + ((nuint)BitOperations.PopCount(second) * CompactFormat.LaneSize);
    }
}
