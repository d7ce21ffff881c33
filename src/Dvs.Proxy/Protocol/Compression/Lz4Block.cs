using K4os.Compression.LZ4;

namespace Dvs.Proxy.Protocol.Compression;

/// <summary>One LZ4 block.</summary>
internal static class Lz4Block
{
    /// <summary>Decodes a block.</summary>
    /// <param name="block">The compressed bytes.</param>
    /// <param name="destination">Where they go; the bound.</param>
    /// <param name="before">What was decoded right before and may be referred to; it ends where <paramref name="destination"/> begins.</param>
    /// <returns>Bytes decoded; -1 where the block is broken or does not fit.</returns>
    public static int Decode(ReadOnlySpan<byte> block, Span<byte> destination, ReadOnlySpan<byte> before)
    {
        if (block.IsEmpty)
        {
            return -1;
        }

        var length = before.IsEmpty
            ? LZ4Codec.Decode(block, destination)
            : LZ4Codec.Decode(block, destination, before);
        return length > 0 ? length : -1;
    }

    /// <summary>Finds how long a block would be decoded, by walking its sequences without writing anything.</summary>
    /// <returns>False where the block is broken.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> block, int before, out long decoded)
    {
        decoded = 0;
        var position = 0;
        while (position < block.Length)
        {
            var token = block[position++];
            if (!TryLength(block, ref position, token >> 4, out var literals) || literals > block.Length - position)
            {
                return false;
            }

            position += (int)literals;
            decoded += literals;
            if (position == block.Length)
            {
                return true;
            }

            if (block.Length - position < 2)
            {
                return false;
            }

            var offset = block[position] | (block[position + 1] << 8);
            position += 2;
            if (offset == 0 || offset > decoded + before || !TryLength(block, ref position, token & 15, out var match))
            {
                return false;
            }

            decoded += match + 4;
        }

        return false;
    }

    private static bool TryLength(ReadOnlySpan<byte> block, ref int position, int nibble, out long length)
    {
        length = nibble;
        if (nibble != 15)
        {
            return true;
        }

        byte more;
        do
        {
            if (position >= block.Length)
            {
                return false;
            }

            more = block[position++];
            length += more;
        }
        while (more == 255);
        return true;
    }
}
