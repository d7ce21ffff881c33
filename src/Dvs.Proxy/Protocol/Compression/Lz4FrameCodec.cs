using System.Buffers.Binary;
using K4os.Compression.LZ4;
using K4os.Hash.xxHash;

namespace Dvs.Proxy.Protocol.Compression;

/// <summary>
/// One LZ4 frame per payload. Writes what liblz4 writes with its defaults for a payload of one block: independent block, no checksums, no
/// content size. Reads every frame of the format except those that need a dictionary. The blocks are coded by K4os; the frame around
/// them is done here because K4os's stream types allocate for every frame.
/// </summary>
internal sealed class Lz4FrameCodec : IPayloadCodec
{
    private const uint Magic = 0x184D2204;
    private const uint UncompressedBlock = 0x8000_0000;
    private const int HeaderSize = 7;
    private const int Overhead = HeaderSize + sizeof(uint) + sizeof(uint);

    private Lz4FrameCodec()
    {
    }

    public static Lz4FrameCodec Instance { get; } = new();

    public int GetMaximumLength(int length) => Overhead + LZ4Codec.MaximumOutputSize(length);

    public int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (source.IsEmpty || destination.Length <= Overhead)
        {
            return 0;
        }

        var room = destination[(HeaderSize + sizeof(uint))..^sizeof(uint)];
        var length = LZ4Codec.Encode(source, room, LZ4Level.L00_FAST);
        if (length <= 0)
        {
            return 0;
        }

        WriteHeader(destination, source.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[HeaderSize..], (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[(HeaderSize + sizeof(uint) + length)..], 0);
        return Overhead + length;
    }

    public PayloadDecodeResult Decompress(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        written = 0;
        var result = Lz4FrameHeader.TryRead(source, out var header);
        if (result != PayloadDecodeResult.Success)
        {
            return result;
        }

        if (header.ContentSize is { } size && size != (ulong)destination.Length)
        {
            return size > (ulong)destination.Length ? PayloadDecodeResult.TooLong : PayloadDecodeResult.ContentSize;
        }

        // A match at distance 0 is invalid, but decoders, ours and liblz4's, copy what is in the destination: not the data of others, then.
        destination.Clear();
        var rest = source[header.Length..];
        result = DecodeBlocks(ref rest, destination, in header, ref written);
        if (result != PayloadDecodeResult.Success)
        {
            return result;
        }

        return written == destination.Length
            ? CheckEnd(rest, destination, header.HasContentChecksum)
            : PayloadDecodeResult.TooShort;
    }

    private static PayloadDecodeResult DecodeBlocks(
        ref ReadOnlySpan<byte> rest, Span<byte> destination, in Lz4FrameHeader header, ref int written)
    {
        while (true)
        {
            if (!TryTake(ref rest, out var word))
            {
                return PayloadDecodeResult.Truncated;
            }

            if (word == 0)
            {
                return PayloadDecodeResult.Success;
            }

            var length = word & ~UncompressedBlock;
            if (length > (uint)header.MaxBlock)
            {
                return PayloadDecodeResult.BlockTooLong;
            }

            if (length > (uint)rest.Length)
            {
                return PayloadDecodeResult.Truncated;
            }

            var block = rest[..(int)length];
            rest = rest[(int)length..];
            if (header.HasBlockChecksums)
            {
                if (!TryTake(ref rest, out var checksum))
                {
                    return PayloadDecodeResult.Truncated;
                }

                if (checksum != XXH32.DigestOf(block))
                {
                    return PayloadDecodeResult.BlockChecksum;
                }
            }

            var result = DecodeBlock(block, (word & UncompressedBlock) != 0, destination, in header, ref written);
            if (result != PayloadDecodeResult.Success)
            {
                return result;
            }
        }
    }

    private static PayloadDecodeResult DecodeBlock(
        ReadOnlySpan<byte> block, bool isUncompressed, Span<byte> destination, in Lz4FrameHeader header, ref int written)
    {
        var room = destination[written..];
        if (isUncompressed)
        {
            if (block.Length > room.Length)
            {
                return PayloadDecodeResult.TooLong;
            }

            block.CopyTo(room);
            written += block.Length;
            return PayloadDecodeResult.Success;
        }

        var bound = Math.Min(room.Length, header.MaxBlock);
        var length = bound == 0 ? -1 : Lz4Block.Decode(block, room[..bound], header.LinkedBlocks ? destination[..written] : default);
        if (length < 0)
        {
            return Classify(block, header.LinkedBlocks ? destination[..written] : default, bound, room.Length);
        }

        written += length;
        return PayloadDecodeResult.Success;
    }

    // The decoder tells a block that is too long from a broken one by nothing; the difference is worth a second look on this cold path.
    private static PayloadDecodeResult Classify(ReadOnlySpan<byte> block, ReadOnlySpan<byte> before, int bound, int room)
    {
        if (!Lz4Block.TryMeasure(block, before.Length, out var decoded))
        {
            return PayloadDecodeResult.BadBlock;
        }

        return decoded > room ? PayloadDecodeResult.TooLong : decoded > bound ? PayloadDecodeResult.BlockTooLong : PayloadDecodeResult.BadBlock;
    }

    private static PayloadDecodeResult CheckEnd(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> content, bool hasChecksum)
    {
        if (hasChecksum)
        {
            if (!TryTake(ref rest, out var checksum))
            {
                return PayloadDecodeResult.Truncated;
            }

            if (checksum != XXH32.DigestOf(content))
            {
                return PayloadDecodeResult.ContentChecksum;
            }
        }

        return rest.IsEmpty ? PayloadDecodeResult.Success : PayloadDecodeResult.TrailingBytes;
    }

    // The smallest block size that holds the payload in one block.
    private static void WriteHeader(Span<byte> destination, int contentLength)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        destination[4] = 0x60;
        destination[5] = contentLength switch
        {
            <= 64 << 10 => 0x40,
            <= 256 << 10 => 0x50,
            <= 1 << 20 => 0x60,
            _ => 0x70,
        };
        destination[6] = (byte)(XXH32.DigestOf(destination[4..6]) >> 8);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out uint word)
    {
        if (!BinaryPrimitives.TryReadUInt32LittleEndian(rest, out word))
        {
            return false;
        }

        rest = rest[sizeof(uint)..];
        return true;
    }
}
