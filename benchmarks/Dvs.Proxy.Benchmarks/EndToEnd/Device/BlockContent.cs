using System.Buffers.Binary;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What is in the blocks.</summary>
internal enum ContentKind
{
    /// <summary>Whatever the buffer holds, but for a stamp at both ends: the driver's own copy is not what is measured.</summary>
    Stamp,

    /// <summary>Like text: compresses to a fraction.</summary>
    Text,

    /// <summary>Does not compress.</summary>
    Random,
}

/// <summary>Makes and checks blocks. Block n is a window into a megabyte of data, so neighbours differ. Thread-safe after construction.</summary>
internal sealed class BlockContent
{
    public const int HeaderSize = 168;
    public const int Largest = 65_536;
    private const int Step = 4096;
    private const int Stamp = sizeof(ulong);

    private readonly ContentKind _kind;
    private readonly byte[] _data = [];

    public BlockContent(ContentKind kind)
    {
        _kind = kind;
        if (kind != ContentKind.Stamp)
        {
            _data = new byte[1 << 20];
            if (kind == ContentKind.Text)
            {
                ProtocolSamples.FillWithText(_data);
            }
            else
            {
                new Random(3).NextBytes(_data);
            }
        }
    }

    public void Fill(Span<byte> block, long number)
    {
        if (_kind != ContentKind.Stamp)
        {
            Source(block.Length, number).CopyTo(block);
        }
        else
        {
            BinaryPrimitives.WriteInt64LittleEndian(block[^Stamp..], ~number);
        }

        BinaryPrimitives.WriteInt64LittleEndian(block, number);
    }

    /// <summary>Looks at both ends.</summary>
    public bool Check(ReadOnlySpan<byte> block, long number)
    {
        if (block.Length < 2 * Stamp || BinaryPrimitives.ReadInt64LittleEndian(block) != number)
        {
            return false;
        }

        var end = block[^Stamp..];
        return _kind == ContentKind.Stamp
            ? BinaryPrimitives.ReadInt64LittleEndian(end) == ~number
            : end.SequenceEqual(Source(block.Length, number)[^Stamp..]);
    }

    /// <summary>What block <paramref name="number"/> is made from, where it lies: the block itself but for its stamp.</summary>
    public ReadOnlySpan<byte> Source(int length, long number) =>
        _data.AsSpan((int)(number % ((_data.Length - Largest) / Step)) * Step, length);
}
