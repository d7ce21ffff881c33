using System.Numerics;
using System.Runtime.Intrinsics.X86;
using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compact;

namespace Dvs.Proxy.Tests.Protocol.Compact;

public class CompactHeaderTests
{
    public static TheoryData<DataModel> Models => [DataModel.Lp64, DataModel.Ilp32];

    // Counted by hand from the table of the layout: c_src lies at 8 in both data models, tv_nsec at 72 or 56, m_source at 80 or 60, v_bytes at 160 or 116.
    [Theory]
    [InlineData(DataModel.Lp64, "25 1000 1001 0300 0100 3804 0100 4523 0100")]
    [InlineData(DataModel.Ilp32, "0B 1000 0050 000C 0100 3804 0100 4523 0100")]
    public void A_header_is_the_lanes_that_differ_behind_the_masks_that_name_them(DataModel model, string expected)
    {
        var previous = new CommandHeader { Command = CommandCode.SendMessage, SourceEndpoint = 40, Timestamp = new Timestamp(1_700_000_000, 1000) };
        previous.Message.Source = 40;
        var header = previous with { SourceEndpoint = 41, Timestamp = new Timestamp(1_700_000_000, 2000) };
        header.Message.Source = 41;
        header.Copy.Length = 0x12345;
        Assert.Equal(CompactBytes.FromHex(expected), CompactBytes.Write([CompactBytes.Of(model, previous), CompactBytes.Of(model, header)]));
    }

    [Theory]
    [InlineData(DataModel.Lp64, "3F FFFF FFFF FFFF FFFF FFFF 0F00", 168)]
    [InlineData(DataModel.Ilp32, "0F FFFF FFFF FFFF FF0F", 120)]
    public void A_header_that_differs_everywhere_is_the_longest_there_is(DataModel model, string masks, int headerSize)
    {
        var header = new byte[headerSize];
        header.AsSpan().Fill(0xA5);
        byte[] expected = [.. CompactBytes.FromHex(masks), .. header];
        Assert.Equal(expected, CompactBytes.Write([new byte[headerSize], header]));
        Assert.Equal(expected.Length, CompactFormat.LargestLength(headerSize));
        Assert.Equal(headerSize, WireLayout.For(model).HeaderSize);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_header_that_is_the_same_is_one_byte(DataModel model)
    {
        var header = CompactBytes.Of(model, new CommandHeader { Command = CommandCode.NotifyMessage, ProcessId = 77 });
        Assert.Equal(new byte[] { 0, 0 }, CompactBytes.Write([header, header, header]));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_set_of_lanes_of_a_block_comes_back(DataModel model)
    {
        var headerSize = WireLayout.For(model).HeaderSize;
        var random = new Random(5);
        var (header, before, back) = (new byte[headerSize], new byte[headerSize], new byte[headerSize]);
        var (bytes, portable) = (new byte[300], new byte[300]);
        for (var block = 0; block < CompactFormat.BlockCount(headerSize); block++)
        {
            for (var lanes = CompactFormat.LanesOf(headerSize, block); lanes != 0; lanes--)
            {
                header.CopyTo(before, 0);
                for (var rest = lanes; rest != 0; rest &= rest - 1)
                {
                    // Either byte of a lane, or both.
                    var lane = (block * 32) + (BitOperations.TrailingZeroCount(rest) * 2);
                    var change = random.Next(1, 0x1_0000);
                    header[lane] ^= (byte)change;
                    header[lane + 1] ^= (byte)(change >> 8);
                }

                var length = CompactHeaderWriter.Write(header, before, bytes);
                Assert.Equal(3 + (2 * BitOperations.PopCount(lanes)), length);
                Assert.Equal(length, CompactHeaderWriter.WritePortable(header, before, portable));
                Assert.Equal((1 << block, lanes), (bytes[0], (uint)(bytes[1] | (bytes[2] << 8))));
                Assert.True(bytes.AsSpan(0, length).SequenceEqual(portable.AsSpan(0, length)));
                Assert.Equal(CompactFault.None, CompactHeaderReader.ReadAll(bytes.AsSpan(0, length), before, back, out _));
                Assert.True(header.AsSpan().SequenceEqual(back));
                Assert.Equal(CompactFault.None, CompactHeaderReader.ReadPortable(portable.AsSpan(0, length), before, back, out _));
                Assert.True(header.AsSpan().SequenceEqual(back));
            }
        }
    }

    [Fact]
    public void Random_headers_come_back_whatever_the_number_of_bytes_that_differ() =>
        Gen.Select(Gen.Bool, Gen.Int[1, 40], Gen.Int[0, 180], Gen.Int).Sample((ilp32, count, changes, seed) =>
        {
            var random = new Random(seed);
            var headers = new List<byte[]> { new byte[ilp32 ? 120 : 168] };
            random.NextBytes(headers[0]);
            for (var index = 0; index < count; index++)
            {
                var header = headers[^1].ToArray();
                for (var change = random.Next(changes + 1); change > 0; change--)
                {
                    header[random.Next(header.Length)] = (byte)random.Next(256);
                }

                headers.Add(header);
            }

            CompactBytes.ReadAndCompare(CompactBytes.Write(headers), headers);
        });

    [Theory]
    [InlineData(DataModel.Lp64, 32, 48)]
    [InlineData(DataModel.Ilp32, 32, 48)]
    public void What_the_programs_of_a_cluster_send_takes_few_bytes(DataModel model, double mostPerMessage, double mostPerRequest)
    {
        foreach (var pairs in new[] { 1, 3, 8 })
        {
            Check(CompactSamples.Messages(model, pairs, 385), mostPerMessage);
            Check(CompactSamples.RequestsAndReplies(model, pairs, 385), mostPerMessage);
            Check(CompactSamples.CopyRequests(model, pairs, 385), mostPerRequest);
        }

        void Check(CommandHeader[] commands, double most)
        {
            List<byte[]> headers = [.. commands.Select(command => CompactBytes.Of(model, command))];
            var bytes = CompactBytes.Write(headers);
            Assert.InRange(bytes.Length / (double)(commands.Length - 1), 1, most);
            CompactBytes.ReadAndCompare(bytes, headers);
        }
    }

    [Fact]
    public void Nothing_behind_a_header_and_its_excess_is_touched()
    {
        foreach (var size in new[] { 168, 120 })
        {
            var random = new Random(size);
            var header = new byte[size];
            random.NextBytes(header);
            var room = CompactFormat.LargestLength(size) + CompactFormat.Excess;
            var destination = new byte[room + 64];
            destination.AsSpan(room).Fill(0x5A);
            Assert.Equal(CompactFormat.LargestLength(size), CompactHeaderWriter.Write(header, new byte[size], destination.AsSpan(0, room)));
            Assert.Equal(-1, destination.AsSpan(room).IndexOfAnyExcept((byte)0x5A));
            Assert.Throws<ArgumentException>(() => CompactHeaderWriter.Write(header, new byte[size], new byte[room - 1]));
            Assert.Throws<ArgumentException>(() => CompactHeaderWriter.Write(header, new byte[size - 1], new byte[room]));
            Assert.Throws<ArgumentException>(() => CompactHeaderWriter.Write(header.AsSpan(1), new byte[size - 1], new byte[room]));
        }
    }

    [Fact]
    public void Vectors_are_what_a_machine_with_AVX2_uses()
    {
        Assert.SkipUnless(Avx2.IsSupported, "This machine has no AVX2: only the portable way was tested.");
        var header = CompactBytes.Of(DataModel.Lp64, new CommandHeader { ProcessId = 5 });
        var destination = new byte[300];
        var length = CompactHeaderWriter.WriteVectorised(header, new byte[168], destination);
        var back = new byte[168];
        Assert.True(CompactHeaderReader.TryReadVectorised(destination, new byte[168], back, out var read));
        Assert.Equal(length, read);
        Assert.Equal(header, back);
    }
}
