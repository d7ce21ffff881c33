using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Protocol.Compact;

/// <summary>
/// How a header is written as its difference from the one before it. A header is cut into blocks of 32 bytes, a block into 16 lanes of 2 bytes; the
/// last block is shorter. A byte has a bit for each block in which something differs; then, for each of those, a mask of 2 bytes with a bit for
/// each lane that differs; then those lanes, each as the exclusive or of both headers. Bit 0 is the first block or lane, masks are
/// little-endian. There is one way to write a difference: a mask is not 0, and neither is a lane. See docs/protocol.md.
/// </summary>
internal static class CompactFormat
{
    /// <summary>Bytes of a block that is not the last.</summary>
    public const int BlockSize = 32;

    /// <summary>Bytes of a lane.</summary>
    public const int LaneSize = 2;

    /// <summary>Bytes of a mask.</summary>
    public const int MaskSize = 2;

    /// <summary>Bytes behind a header that a vector may touch, in what is read and in what is written.</summary>
    public const int Excess = 16;

    /// <summary>Fewest bytes that a header becomes: one that is the same as the one before.</summary>
    public const int SmallestLength = 1;

    private const int Lanes = BlockSize / LaneSize;

    /// <summary>True for the size of a header, in LP64 or in ILP32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsHeaderSize(int size) => size is WireLayout.LargestHeaderSize or WireLayout.SmallestHeaderSize;

    /// <summary>Blocks of a header.</summary>
    public static int BlockCount(int headerSize) => (headerSize + BlockSize - 1) / BlockSize;

    /// <summary>A block of a header.</summary>
    public static ReadOnlySpan<byte> Block(ReadOnlySpan<byte> header, int block) =>
        header.Slice(block * BlockSize, Math.Min(BlockSize, header.Length - (block * BlockSize)));

    /// <summary>Most bytes that a header becomes: 181 in LP64, 129 in ILP32, more than it has.</summary>
    public static int LargestLength(int headerSize) => 1 + (MaskSize * BlockCount(headerSize)) + headerSize;

    /// <summary>The bits that a mask of a block may have.</summary>
    public static uint LanesOf(int headerSize, int block) => (1u << Math.Min(Lanes, (headerSize - (block * BlockSize)) / LaneSize)) - 1;
}
