using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compact;

namespace Dvs.Proxy.Tests.Protocol.Compact;

/// <summary>What is not a batch of so many headers, each kind by name, on the portable way and with vectors.</summary>
public class CompactHostileTests
{
    public static TheoryData<DataModel> Models => [DataModel.Lp64, DataModel.Ilp32];

    [Theory]
    [MemberData(nameof(Models))]
    public void Input_that_ends_anywhere_is_truncated(DataModel model)
    {
        var (outer, bytes, count) = Batch(model);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(CompactFault.Truncated, CompactBytes.Read(bytes[..length], outer, count, out _, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Input_with_another_count_is_too_long_or_too_short(DataModel model)
    {
        var (outer, bytes, count) = Batch(model);
        for (var number = 0; number < count; number++)
        {
            Assert.Equal(CompactFault.TrailingBytes, CompactBytes.Read(bytes, outer, number, out _, out var index));
            Assert.Equal(number, index);
        }

        Assert.Equal(CompactFault.Truncated, CompactBytes.Read(bytes, outer, count + 1, out _, out var place));
        Assert.Equal(count + 1, place);
        for (var more = 1; more < 300; more++)
        {
            Assert.Equal(CompactFault.TrailingBytes, CompactBytes.Read([.. bytes, .. new byte[more]], outer, count, out _, out _));
        }
    }

    [Theory]
    [InlineData(DataModel.Lp64, 6)]
    [InlineData(DataModel.Ilp32, 4)]
    public void A_block_that_a_header_has_not(DataModel model, int blocks)
    {
        var outer = new byte[WireLayout.For(model).HeaderSize];
        for (var bit = 0; bit < 8; bit++)
        {
            byte[] bytes = [(byte)(1 << bit), 1, 0, 1, 0];
            var expected = bit < blocks ? CompactFault.None : CompactFault.UnknownBlock;
            Assert.Equal(expected, CompactBytes.Read(bytes, outer, 1, out _, out _));
            expected = expected == CompactFault.None ? CompactFault.TrailingBytes : expected;
            Assert.Equal(expected, CompactBytes.Read([.. bytes, .. new byte[400]], outer, 1, out _, out _));
        }
    }

    [Theory]
    [InlineData(DataModel.Lp64, 5, 4)]
    [InlineData(DataModel.Ilp32, 3, 12)]
    public void A_lane_that_the_last_block_has_not(DataModel model, int block, int lanes)
    {
        var outer = new byte[WireLayout.For(model).HeaderSize];
        for (var bit = 0; bit < 16; bit++)
        {
            var mask = 1 << bit;
            byte[] bytes = [(byte)(1 << block), (byte)mask, (byte)(mask >> 8), 7, 0];
            var expected = bit < lanes ? CompactFault.None : CompactFault.UnknownLane;
            Assert.Equal(expected, CompactBytes.Read(bytes, outer, 1, out _, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_mask_without_a_lane(DataModel model)
    {
        var headerSize = WireLayout.For(model).HeaderSize;
        for (var block = 0; block < CompactFormat.BlockCount(headerSize); block++)
        {
            foreach (var more in new[] { 0, 400 })
            {
                byte[] bytes = [(byte)(1 << block), 0, 0, .. new byte[more]];
                Assert.Equal(CompactFault.EmptyMask, CompactBytes.Read(bytes, new byte[headerSize], 1, out _, out _));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_lane_that_does_not_differ(DataModel model)
    {
        var headerSize = WireLayout.For(model).HeaderSize;
        for (var lane = 0; lane < headerSize / 2; lane++)
        {
            var (block, mask) = (lane / 16, 1 << (lane % 16));
            foreach (var more in new[] { 0, 400 })
            {
                byte[] bytes = [(byte)(1 << block), (byte)mask, (byte)(mask >> 8), 0, 0, .. new byte[more]];
                Assert.Equal(CompactFault.UnchangedLane, CompactBytes.Read(bytes, new byte[headerSize], 1, out _, out _));
            }
        }
    }

    [Fact]
    public void Damage_anywhere_is_found_or_harmless_and_the_same_in_every_way() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 100_000], Gen.Int[1, 4], Gen.Int).Sample((ilp32, where, flips, seed) =>
        {
            var (outer, bytes, count) = Batch(ilp32 ? DataModel.Ilp32 : DataModel.Lp64);
            var random = new Random(seed);
            bytes[where % bytes.Length] ^= (byte)random.Next(1, 256);
            for (; flips > 1; flips--)
            {
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            // What can be read is the only way to write what was read.
            if (CompactBytes.Read(bytes, outer, count, out var content, out _) == CompactFault.None)
            {
                Assert.Equal(bytes, CompactBytes.Write([outer, .. content.Chunk(outer.Length)]));
            }
        });

    [Fact]
    public void Noise_is_no_batch_or_one_that_is_written_the_same() =>
        Gen.Select(Gen.Bool, Gen.Byte.Array[0, 600], Gen.Int[0, 20]).Sample((ilp32, bytes, count) =>
        {
            var outer = new byte[ilp32 ? 120 : 168];
            if (CompactBytes.Read(bytes, outer, count, out var content, out _) == CompactFault.None)
            {
                Assert.Equal(bytes, CompactBytes.Write([outer, .. content.Chunk(outer.Length)]));
            }
        });

    [Fact]
    public void Each_fault_has_words()
    {
        foreach (var fault in Enum.GetValues<CompactFault>())
        {
            Assert.NotEqual(fault.ToString(), fault.Describe());
        }
    }

    private static (byte[] Outer, byte[] Bytes, int Count) Batch(DataModel model)
    {
        List<byte[]> headers =
        [
            .. CompactSamples.Messages(model, 3, 9).Select(command => CompactBytes.Of(model, command)),
            .. CompactSamples.CopyRequests(model, 3, 9).Select(command => CompactBytes.Of(model, command)),
        ];
        return (headers[0], CompactBytes.Write(headers), headers.Count - 1);
    }
}
