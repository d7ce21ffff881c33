using System.Buffers.Binary;
using K4os.Hash.xxHash;

namespace Dvs.Proxy.Protocol.Compression;

/// <summary>The descriptor at the front of an LZ4 frame.</summary>
internal readonly struct Lz4FrameHeader
{
    private const uint Magic = 0x184D2204;
    private const int ShortestLength = 7;

    /// <summary>Bytes of the header, magic number and checksum included.</summary>
    public int Length { get; private init; }

    /// <summary>Most bytes a block may hold, compressed or not.</summary>
    public int MaxBlock { get; private init; }

    public bool LinkedBlocks { get; private init; }

    public bool HasBlockChecksums { get; private init; }

    public bool HasContentChecksum { get; private init; }

    public ulong? ContentSize { get; private init; }

    public static PayloadDecodeResult TryRead(ReadOnlySpan<byte> source, out Lz4FrameHeader header)
    {
        header = default;
        if (source.Length < ShortestLength)
        {
            return PayloadDecodeResult.Truncated;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
        {
            return PayloadDecodeResult.NotAFrame;
        }

        int flags = source[4], block = source[5];
        if (flags >> 6 != 1)
        {
            return PayloadDecodeResult.UnsupportedVersion;
        }

        if ((flags & 0x02) != 0 || (block & 0x8F) != 0)
        {
            return PayloadDecodeResult.ReservedBits;
        }

        if (block >> 4 < 4)
        {
            return PayloadDecodeResult.BadBlockSize;
        }

        if ((flags & 0x01) != 0)
        {
            return PayloadDecodeResult.DictionaryNeeded;
        }

        var hasSize = (flags & 0x08) != 0;
        var length = ShortestLength + (hasSize ? sizeof(ulong) : 0);
        if (source.Length < length)
        {
            return PayloadDecodeResult.Truncated;
        }

        if ((byte)(XXH32.DigestOf(source[4..(length - 1)]) >> 8) != source[length - 1])
        {
            return PayloadDecodeResult.HeaderChecksum;
        }

        header = new Lz4FrameHeader
        {
            Length = length,
            MaxBlock = 1 << (8 + (2 * (block >> 4))),
            LinkedBlocks = (flags & 0x20) == 0,
            HasBlockChecksums = (flags & 0x10) != 0,
            HasContentChecksum = (flags & 0x04) != 0,
            ContentSize = hasSize ? BinaryPrimitives.ReadUInt64LittleEndian(source[6..]) : null,
        };
        return PayloadDecodeResult.Success;
    }
}
