using System.Buffers.Binary;
using Dvs.Proxy.Protocol.Compression;
using K4os.Hash.xxHash;

namespace Dvs.Proxy.Tests.Protocol.Compression;

public class Lz4LeakTests
{
    /// <summary>A match at distance 0 copies what is in the destination: that must not be what the frame before left there.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void A_match_at_distance_0_does_not_bring_back_what_was_decoded_before(int moreMatched)
    {
        const byte Old = 0xAA;
        var matched = 4 + moreMatched;
        var decoded = new byte[1 + matched + 5];
        decoded.AsSpan().Fill(Old);

        // One literal, a match of that length at distance 0, five literals.
        byte[] block = [(byte)(0x10 | Math.Min(15, moreMatched)), 1, 0, 0, .. (byte[])(moreMatched < 15 ? [] : [(byte)(moreMatched - 15)]), 0x50, 2, 3, 4, 5, 6];
        _ = Lz4FrameCodec.Instance.Decompress(Frame(block), decoded, out _);

        Assert.DoesNotContain(Old, decoded);
    }

    [Fact]
    public void A_frame_that_is_refused_in_the_middle_leaves_nothing_of_the_one_before()
    {
        const byte Old = 0xAA;
        var decoded = new byte[100];
        decoded.AsSpan().Fill(Old);

        var result = Lz4FrameCodec.Instance.Decompress(Frame([0x50, 2, 3, 4, 5, 6]), decoded, out _);

        Assert.Equal(PayloadDecodeResult.TooShort, result);
        Assert.DoesNotContain(Old, decoded);
    }

    private static byte[] Frame(byte[] block)
    {
        byte[] descriptor = [0x60, 0x40]; // version 1, blocks of their own, at most 64 KiB
        var length = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)block.Length);
        return [0x04, 0x22, 0x4D, 0x18, .. descriptor, (byte)(XXH32.DigestOf(descriptor) >> 8), .. length, .. block, 0, 0, 0, 0];
    }
}
