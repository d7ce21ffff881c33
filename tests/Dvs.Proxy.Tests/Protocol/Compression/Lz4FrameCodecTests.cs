using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Tests.Protocol.Frames;
using Dvs.Proxy.Tests.TestDoubles;
using K4os.Compression.LZ4.Streams;
using K4os.Hash.xxHash;

namespace Dvs.Proxy.Tests.Protocol.Compression;

public class Lz4FrameCodecTests
{
    private static readonly Lz4FrameCodec Codec = Lz4FrameCodec.Instance;

    public static TheoryData<string> ToolOptions =>
    [
        "", "-B4", "-B5", "-B6", "-B7", "-B4 -BD", "-B5 -BD", "-B6 -BD", "-B7 -BD", "--content-size", "--no-frame-crc", "-BX",
        "-B4 -BX -BD", "-B4 -BX --content-size --no-frame-crc", "-9", "-12 -B4 -BD --content-size", "--fast=9",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(300)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    [InlineData(4 << 20)]
    public void What_is_compressed_comes_back(int length)
    {
        var random = new Random(length);
        for (var round = 0; round < 8; round++)
        {
            var content = FrameSamples.Block(random, length);
            var compressed = new byte[length + 100];
            var written = Codec.Compress(content, compressed);
            if (written == 0)
            {
                continue;
            }

            Assert.Equal(PayloadDecodeResult.Success, Decode(compressed.AsSpan(0, written), length, out var decoded));
            Assert.True(content.AsSpan().SequenceEqual(decoded));
        }
    }

    [Fact]
    public void The_frame_begins_like_one_of_liblz4()
    {
        var ours = new byte[5000];
        var written = Codec.Compress(new byte[5000], ours);
        Assert.NotEqual(0, written);

        // The first compressed frame of the captured stream: header of 168 bytes at 672.
        Assert.Equal<byte>(Vectors.Bytes("classic-lp64-lz4").AsSpan(672 + 168, 7), ours.AsSpan(0, 7));
    }

    [Fact]
    public void What_does_not_get_smaller_is_not_compressed()
    {
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);
        Assert.Equal(0, Codec.Compress(noise, new byte[4095]));
        Assert.Equal(0, Codec.Compress("abc"u8, new byte[2]));
        Assert.Equal(0, Codec.Compress(default, new byte[100]));
        Assert.Equal(0, Codec.Compress("abc"u8, default));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(4000)]
    [InlineData(65_536)]
    public void K4os_streams_read_ours_and_we_read_theirs(int length)
    {
        var content = FrameSamples.Block(new Random(2), length);
        var compressed = new byte[length + 100];
        var written = Codec.Compress(content, compressed);
        Assert.NotEqual(0, written);
        using (var decoder = LZ4Stream.Decode(new MemoryStream(compressed, 0, written)))
        using (var result = new MemoryStream())
        {
            decoder.CopyTo(result);
            Assert.Equal(content, result.ToArray());
        }

        foreach (var chain in new[] { false, true })
        {
            foreach (var checksums in new[] { false, true })
            {
                using var target = new MemoryStream();
                using (var encoder = LZ4Stream.Encode(
                    target, new LZ4EncoderSettings { ChainBlocks = chain, BlockChecksum = false, ContentChecksum = checksums, BlockSize = 65_536 }, true))
                {
                    encoder.Write(content);
                }

                Assert.Equal(PayloadDecodeResult.Success, Decode(target.ToArray(), length, out var decoded));
                Assert.Equal(content, decoded);
            }
        }
    }

    [Fact]
    public void The_lz4_tool_reads_ours()
    {
        var tool = InstalledTool.Require("lz4");
        var random = new Random(4);
        foreach (var length in new[] { 100, 5000, 65_536, 200_000, 900_000, 3_000_000 })
        {
            var content = Enumerable.Range(0, length).Select(index => (byte)(index / 50 % 7)).ToArray();
            random.NextBytes(content.AsSpan(0, 20));
            var compressed = new byte[length];
            var written = Codec.Compress(content, compressed);
            Assert.NotEqual(0, written);
            Assert.Equal(content, Run(tool, "-d -c", compressed.AsSpan(0, written).ToArray()));
        }
    }

    [Theory]
    [MemberData(nameof(ToolOptions))]
    public void We_read_those_of_the_lz4_tool(string options)
    {
        var tool = InstalledTool.Require("lz4");
        var random = new Random(5);
        foreach (var length in new[] { 1, 1000, 65_536, 65_537, 400_000, 2_500_000 })
        {
            for (var kind = 0; kind < 2; kind++)
            {
                var content = new byte[length];
                if (kind == 1)
                {
                    random.NextBytes(content);
                }
                else
                {
                    content = FrameSamples.Block(new Random(3), length);
                }

                var compressed = Compress(tool, options, content);
                var result = Decode(compressed, length, out var decoded);
                Assert.True(result == PayloadDecodeResult.Success, $"{options} {length}: {result}");
                Assert.True(content.AsSpan().SequenceEqual(decoded));

                Assert.Equal(PayloadDecodeResult.TooShort, Decode(compressed, length + 1, out _, sizeMayBeDeclared: true));
                Assert.Equal(PayloadDecodeResult.TooLong, Decode(compressed, length - 1, out _));
                Assert.Equal(PayloadDecodeResult.TrailingBytes, Decode([.. compressed, 0], length, out _));
                Assert.NotEqual(PayloadDecodeResult.Success, Decode(compressed.AsSpan(0, compressed.Length - 1), length, out _));
            }
        }
    }

    [Fact]
    public void Every_broken_part_is_named()
    {
        // Header with everything optional but a dictionary: checksums of blocks and content, content size; two linked blocks.
        var content = "0123456789abcdef0123456789abcdef"u8.ToArray();
        var good = Build(0x5C, 0x40, 32, [content[..16], content[16..]], blockChecksums: true, contentChecksum: true);
        Assert.Equal(PayloadDecodeResult.Success, Decode(good, 32, out var decoded));
        Assert.Equal(content, decoded);

        PayloadDecodeResult Broken(int position, byte value)
        {
            var bad = good.ToArray();
            bad[position] ^= value;
            return Decode(bad, 32, out _);
        }

        Assert.Equal(PayloadDecodeResult.NotAFrame, Broken(0, 1));
        Assert.Equal(PayloadDecodeResult.UnsupportedVersion, Broken(4, 0x80));
        Assert.Equal(PayloadDecodeResult.ReservedBits, Broken(4, 0x02));
        Assert.Equal(PayloadDecodeResult.DictionaryNeeded, Broken(4, 0x01));
        Assert.Equal(PayloadDecodeResult.ReservedBits, Broken(5, 0x01));
        Assert.Equal(PayloadDecodeResult.ReservedBits, Broken(5, 0x80));
        Assert.Equal(PayloadDecodeResult.BadBlockSize, Broken(5, 0x70));
        Assert.Equal(PayloadDecodeResult.HeaderChecksum, Broken(6, 1));
        Assert.Equal(PayloadDecodeResult.HeaderChecksum, Broken(14, 1));
        Assert.Equal(PayloadDecodeResult.BlockTooLong, Broken(18, 0x40));
        Assert.Equal(PayloadDecodeResult.BlockChecksum, Broken(19, 1));
        Assert.Equal(PayloadDecodeResult.BlockChecksum, Broken(19 + 16, 1));
        Assert.Equal(PayloadDecodeResult.ContentChecksum, Broken(good.Length - 1, 1));
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Equal(PayloadDecodeResult.Truncated, Decode(good.AsSpan(0, length), 32, out _));
        }

        Assert.Equal(PayloadDecodeResult.ContentSize, Decode(Build(0x68, 0x40, 31, [content], false, false), 32, out _));
        Assert.Equal(PayloadDecodeResult.TooLong, Decode(Build(0x68, 0x40, ulong.MaxValue, [content], false, false), 32, out _));
        Assert.Equal(PayloadDecodeResult.NotAFrame, Decode([0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0, .. good], 32, out _));
        foreach (var result in Enum.GetValues<PayloadDecodeResult>())
        {
            Assert.NotEqual(result.ToString(), result.Describe());
        }
    }

    [Fact]
    public void A_bomb_is_noticed_and_a_broken_block_is_told_from_it()
    {
        var bomb = new byte[70_000];
        var written = Codec.Compress(new byte[4 << 20], bomb);
        Assert.InRange(written, 1, 65_536);
        Assert.Equal(PayloadDecodeResult.TooLong, Decode(bomb.AsSpan(0, written), 65_536, out _));

        // A match that refers to before the beginning.
        Assert.Equal(PayloadDecodeResult.BadBlock, Decode(Frame([0x10, 65, 2, 0, 0x50, 1, 2, 3, 4, 5]), 30, out _));
        Assert.Equal(PayloadDecodeResult.BadBlock, Decode(Frame([0xF0, 255, 255]), 30, out _));

    }

    [Fact]
    public void A_match_at_distance_zero_does_not_bring_out_what_was_in_memory_before()
    {
        var content = new byte[18];
        content.AsSpan().Fill(0xEE);
        Codec.Decompress(Frame([0x10, 65, 0, 0, 0xD0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]), content, out _);
        Assert.DoesNotContain((byte)0xEE, content);
    }

    private static byte[] Frame(byte[] block) =>
        [0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82, (byte)block.Length, 0, 0, 0, .. block, 0, 0, 0, 0];

    private static PayloadDecodeResult Decode(ReadOnlySpan<byte> frame, int length, out byte[] content, bool sizeMayBeDeclared = false)
    {
        content = new byte[length];
        var result = Codec.Decompress(frame, content, out var written);
        Assert.InRange(written, 0, length);
        return sizeMayBeDeclared && result == PayloadDecodeResult.ContentSize ? PayloadDecodeResult.TooShort : result;
    }

    private static byte[] Build(byte flags, byte block, ulong size, byte[][] blocks, bool blockChecksums, bool contentChecksum)
    {
        var frame = new ArrayBufferWriter<byte>();
        byte[] descriptor = [flags, block, .. Bytes(size)];
        frame.Write<byte>([0x04, 0x22, 0x4D, 0x18, .. descriptor, (byte)(XXH32.DigestOf(descriptor) >> 8)]);
        foreach (var content in blocks)
        {
            frame.Write(Word(0x8000_0000 | (uint)content.Length));
            frame.Write(content);
            if (blockChecksums)
            {
                frame.Write(Word(XXH32.DigestOf(content)));
            }
        }

        frame.Write(Word(0));
        if (contentChecksum)
        {
            frame.Write(Word(XXH32.DigestOf(blocks.SelectMany(part => part).ToArray())));
        }

        return frame.WrittenSpan.ToArray();

        static byte[] Bytes(ulong value)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            return bytes;
        }

        static byte[] Word(uint value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            return bytes;
        }
    }

    // Content size is only known to the tool for files.
    private static byte[] Compress(string tool, string options, byte[] content)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, content);
            return Run(tool, $"-z -c -f {options} {file}", []);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static byte[] Run(string tool, string arguments, byte[] input)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var feeding = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        feeding.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0, errors.GetAwaiter().GetResult());
        return output.ToArray();
    }
}
