using System.Buffers;
using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>A writer that begins and ends to compress blocks between any two commands.</summary>
public class CompressionSwitchTests
{
    [Fact]
    public void All_commands_arrive_as_they_were_however_often_it_changes_and_wherever_the_input_is_cut() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 5], Gen.Bool, Gen.Bool.Array[1, 14], Gen.Int).Sample(
            (ilp32, maxBatch, digest, switches, seed) =>
            {
                var layout = WireLayout.For(ilp32 ? DataModel.Ilp32 : DataModel.Lp64);
                var random = new Random(seed);
                var output = new ArrayBufferWriter<byte>();
                using var writer = new FrameWriter(
                    new FrameWriterOptions
                    {
                        Layout = layout,
                        Compress = true,
                        CompressBatches = false,
                        MaxBatchCommands = maxBatch,
                        Sequenced = true,
                        Digest = digest ? FrameDigestKind.Xxh128 : FrameDigestKind.None,
                    },
                    output);
                List<(CommandCode, int, string, bool)> sent = [];
                foreach (var isOn in switches)
                {
                    writer.CompressBlocks = isOn;
                    Assert.Equal(isOn, writer.CompressBlocks);
                    var isBlock = random.Next(3) > 0;
                    var block = isBlock ? Repeating(random, random.Next(64, 400)) : [];
                    var header = isBlock ? FrameSamples.Data(random, block.Length) : FrameSamples.Plain(random);
                    writer.Append(in header, block);
                    sent.Add((header.Command, header.ProcessId, Convert.ToHexString(block), isBlock && isOn));
                }

                writer.Complete();
                Assert.Equal(sent.Count(static command => command.Item4), writer.CompressedFrames);
                var bytes = output.WrittenMemory.ToArray();
                for (var cut = 0; cut < bytes.Length; cut++)
                {
                    Assert.Equal(sent, Read(layout, cut == 0 ? Piece.Every(bytes, 1) : Piece.Cut(bytes, cut)));
                }
            },
            iter: 60);

    [Fact]
    public void A_writer_that_may_not_compress_does_not()
    {
        using var writer = new FrameWriter(new FrameWriterOptions(), new ArrayBufferWriter<byte>()) { CompressBlocks = true };
        Assert.False(writer.CompressBlocks);
        writer.Write(FrameSamples.Data(new Random(1), 4096), new byte[4096]);
        Assert.Equal(0, writer.CompressedFrames);
    }

    // After many blocks that did not get smaller only one in a while is tried.
    [Fact]
    public void What_did_not_get_smaller_before_is_forgotten()
    {
        using var writer = new FrameWriter(new FrameWriterOptions { Compress = true }, new ArrayBufferWriter<byte>());
        var random = new Random(2);
        var noise = new byte[4096];
        random.NextBytes(noise);
        for (var count = 0; count < 100; count++)
        {
            writer.Write(FrameSamples.Data(random, noise.Length), noise);
        }

        Assert.Equal(0, writer.CompressedFrames);
        writer.CompressBlocks = false;
        writer.CompressBlocks = true;
        writer.Write(FrameSamples.Data(random, 4096), new byte[4096]);
        Assert.Equal(1, writer.CompressedFrames);
    }

    // The block that a closed batch makes room for lies elsewhere, depending on whether it is going to be compressed.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_room_is_where_it_belongs_after_a_change_within_a_batch(bool isOn)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Compress = true, MaxBatchCommands = 8, CompressBatches = false }, output) { CompressBlocks = !isOn };
        var random = new Random(3);
        for (var count = 0; count < 3; count++)
        {
            writer.Append(FrameSamples.Plain(random), []);
        }

        writer.GetPayloadRoom();
        writer.CompressBlocks = isOn;
        var block = Repeating(random, 5000);
        block.CopyTo(writer.GetPayloadRoom());
        writer.Add(FrameSamples.Data(random, block.Length));
        writer.Complete();

        var read = Read(WireLayout.Lp64, new ReadOnlySequence<byte>(output.WrittenMemory));
        Assert.Equal(4, read.Count);
        Assert.Equal((Convert.ToHexString(block), isOn), (read[3].Block, read[3].WasCompressed));
    }

    [Fact]
    public void Changing_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(1 << 20);
        using var writer = new FrameWriter(new FrameWriterOptions { Compress = true }, output);
        var random = new Random(4);
        var header = FrameSamples.Data(random, 65_536);
        var block = Repeating(random, 65_536);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var count = 0; count < 50; count++)
            {
                output.ResetWrittenCount();
                writer.CompressBlocks = count % 2 == 0;
                writer.Append(in header, block);
                writer.Complete();
            }
        }));
    }

    private static byte[] Repeating(Random random, int length)
    {
        var piece = new byte[16];
        random.NextBytes(piece);
        return [.. Enumerable.Range(0, length).Select(index => piece[index % piece.Length])];
    }

    private static List<(CommandCode Command, int ProcessId, string Block, bool WasCompressed)> Read(WireLayout layout, ReadOnlySequence<byte> input)
    {
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout, AllowSessionFlags = true });
        List<(CommandCode, int, string, bool)> commands = [];
        FrameStatus status;
        while ((status = reader.TryRead(ref input, out var frame)) == FrameStatus.Complete)
        {
            commands.Add((frame.Command.Command, frame.Command.ProcessId, Convert.ToHexString(frame.Payload), frame.WasCompressed));
            foreach (ref readonly var command in frame.GetBatch())
            {
                commands.Add((command.Command, command.ProcessId, "", false));
            }
        }

        Assert.Equal((FrameStatus.NeedMoreData, 0L), (status, input.Length));
        return commands;
    }
}
