using System.Buffers;
using System.IO.Pipelines;
using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Tests.Protocol.Frames;

public class RoundTripTests
{
    private static readonly Gen<(DataModel Model, bool Compress, bool CompressBatches, int MaxBatchCommands, int Commands, int Seed)> Cases =
        Gen.Select(
            Gen.Bool.Select(ilp32 => ilp32 ? DataModel.Ilp32 : DataModel.Lp64),
            Gen.Bool, Gen.Bool, Gen.OneOf(Gen.Const(0), Gen.Int[1, 4], Gen.Const(390)), Gen.Int[1, 12], Gen.Int);

    [Fact]
    public void Random_frames_come_back_the_same_wherever_the_input_is_cut() => Cases.Sample(
        (model, compress, compressBatches, maxBatch, commands, seed) =>
        {
            var layout = WireLayout.For(model);
            var sent = Commands(new Random(seed), model, commands, 200);
            var bytes = Write(layout, compress, compressBatches, maxBatch, sent);
            ReadAndCompare(layout, new ReadOnlySequence<byte>(bytes), sent);
            ReadAndCompare(layout, Piece.Every(bytes, 1), sent);
            for (var cut = 1; cut < bytes.Length; cut++)
            {
                ReadAndCompare(layout, Piece.Cut(bytes, cut), sent);
            }
        },
        iter: 60);

    [Fact]
    public void Random_frames_come_back_the_same_when_they_trickle_in() => Cases.Sample(
        (model, compress, compressBatches, maxBatch, commands, seed) =>
        {
            var layout = WireLayout.For(model);
            var sent = Commands(new Random(seed), model, commands, 200);
            var bytes = Write(layout, compress, compressBatches, maxBatch, sent);
            using var reader = new FrameReader(new FrameReaderOptions { Layout = layout });
            var received = new List<(CommandHeader, byte[])>();
            var consumed = 0;
            for (var arrived = 0; arrived <= bytes.Length; arrived++)
            {
                var input = new ReadOnlySequence<byte>(bytes, consumed, arrived - consumed);
                while (true)
                {
                    var before = input.Length;
                    var status = reader.TryRead(ref input, out var frame);
                    if (status == FrameStatus.NeedMoreData)
                    {
                        Assert.Equal(before, input.Length);
                        Assert.InRange(reader.BytesNeeded, (int)before + 1, layout.HeaderSize + 65_536);
                        break;
                    }

                    Assert.Equal(FrameStatus.Complete, status);
                    Assert.Equal(frame.WireLength, before - input.Length);
                    Collect(in frame, received);
                }

                consumed = arrived - (int)input.Length;
            }

            Compare(layout, sent, received);
        },
        iter: 60);

    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public void Large_frames_come_back_the_same_from_pieces_of_any_size(DataModel model)
    {
        var layout = WireLayout.For(model);
        var random = new Random(7);
        foreach (var compress in new[] { false, true })
        {
            var sent = Commands(random, model, 30, 65_536);
            sent.Add((FrameSamples.Data(random, 65_536), FrameSamples.Block(random, 65_536)));
            sent.Add((FrameSamples.Data(random, 0), []));
            sent.AddRange(Enumerable.Range(0, 1200).Select(_ => (FrameSamples.Plain(random), Array.Empty<byte>())));
            var bytes = Write(layout, compress, true, WireLimits.MaxBatchCommands(layout), sent);
            foreach (var size in new[] { 1, 7, 119, 120, 168, 1448, 4096, 65_536, bytes.Length })
            {
                ReadAndCompare(layout, Piece.Every(bytes, size), sent);
            }
        }
    }

    [Theory]
    [InlineData(DataModel.Lp64, 390)]
    [InlineData(DataModel.Ilp32, 546)]
    public void The_largest_batch_is_as_long_as_a_payload_can_be(DataModel model, int most)
    {
        var layout = WireLayout.For(model);
        Assert.Equal(most, WireLimits.MaxBatchCommands(layout));
        var random = new Random(11);
        var sent = Enumerable.Range(0, (2 * (most + 1)) + 1).Select(_ => (FrameSamples.Plain(random), Array.Empty<byte>())).ToList();
        var bytes = Write(layout, false, false, most, sent);
        var counts = new List<int>();
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout });
        var input = new ReadOnlySequence<byte>(bytes);
        while (reader.TryRead(ref input, out var frame) == FrameStatus.Complete)
        {
            counts.Add(frame.CommandCount);
        }

        Assert.Equal([most + 1, most + 1, 1], counts);
        ReadAndCompare(layout, new ReadOnlySequence<byte>(bytes), sent);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameWriter(new FrameWriterOptions { Layout = layout, MaxBatchCommands = most + 1 }, new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void Sequence_numbers_count_frames_and_batched_headers_have_none()
    {
        var random = new Random(5);
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { MaxBatchCommands = 10, FirstSequence = 41 }, output) { AcknowledgeSequence = 7 };
        foreach (var header in new[]
        {
            FrameSamples.Plain(random), FrameSamples.Plain(random), FrameSamples.Data(random, 5),
            ControlMessage.Hello(0, 1, default, DataModel.Lp64, default), FrameSamples.Plain(random),
        })
        {
            writer.Append(header with { SendSequence = 99, AcknowledgeSequence = 99, BatchCount = 9, Flags = (CommandFlags)3 },
                new byte[header.PayloadLength]);
        }

        Assert.True(writer.HasOpenBatch);
        Assert.Equal(1, writer.OpenCommands);
        writer.Complete();
        Assert.False(writer.HasOpenBatch);
        Assert.Equal(45UL, writer.SendSequence);
        Assert.Equal(4, writer.FramesWritten);
        Assert.Equal(output.WrittenCount, writer.WireBytes);
        Assert.Equal(writer.WireBytes, writer.RawBytes);
        Assert.Equal(0, writer.CompressedFrames);

        using var reader = new FrameReader(new FrameReaderOptions());
        var input = new ReadOnlySequence<byte>(output.WrittenMemory);
        var expected = 41UL;
        while (reader.TryRead(ref input, out var frame) == FrameStatus.Complete)
        {
            Assert.Equal(expected++, frame.WireHeader.SendSequence);
            Assert.Equal(7UL, frame.WireHeader.AcknowledgeSequence);
            foreach (ref readonly var command in frame.GetBatch())
            {
                Assert.Equal(0UL, command.SendSequence);
                Assert.Equal(0UL, command.AcknowledgeSequence);
            }
        }

        Assert.Equal(45UL, expected);
        Assert.True(input.IsEmpty);
    }

    [Fact]
    public void Counters_tell_what_compression_saved()
    {
        var random = new Random(6);
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Compress = true }, output);
        writer.Write(FrameSamples.Data(random, 10_000), new byte[10_000]);
        var noise = new byte[10_000];
        random.NextBytes(noise);
        writer.Write(FrameSamples.Data(random, 10_000), noise);
        Assert.Equal(1, writer.CompressedFrames);
        Assert.Equal(2 * 10_168, writer.RawBytes);
        Assert.Equal(output.WrittenCount, writer.WireBytes);
        Assert.InRange(writer.WireBytes, 10_168, 10_168 + 168 + 200);
    }

    [Fact]
    public void An_abandoned_batch_leaves_nothing_behind()
    {
        var random = new Random(8);
        var lost = new ArrayBufferWriter<byte>();
        var sink = new BufferSink(lost);
        using var writer = new FrameWriter(new FrameWriterOptions { MaxBatchCommands = 10 }, sink);
        writer.Append(FrameSamples.Plain(random), default);
        writer.Append(FrameSamples.Plain(random), default);
        Assert.Equal(2, writer.Abandon());
        Assert.Equal(0, lost.WrittenCount);
        Assert.Equal(0, writer.Abandon());

        var output = new ArrayBufferWriter<byte>();
        sink.Redirect(output);
        var sent = Commands(random, DataModel.Lp64, 3, 100);
        foreach (var (header, block) in sent)
        {
            writer.Append(in header, block);
        }

        writer.Complete();
        ReadAndCompare(WireLayout.Lp64, new ReadOnlySequence<byte>(output.WrittenMemory), sent);
    }

    [Fact]
    public void Room_is_the_largest_payload_and_a_longer_block_is_refused()
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { MaxPayload = 500, MaxBatchCommands = 2 }, output);
        Assert.Equal(500, writer.GetPayloadRoom().Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(new CommandHeader { Command = CommandCode.CopyInData, PayloadLength = 501 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add(new CommandHeader { Command = CommandCode.CopyInData, PayloadLength = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write(default, new byte[501]));

        // Room got without a command after it costs nothing.
        writer.Complete();
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Commands_pass_through_a_pipe_in_place()
    {
        var random = new Random(9);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        using var writer = new FrameWriter(new FrameWriterOptions { MaxBatchCommands = 390, Compress = true }, pipe.Writer);
        var sent = Commands(random, DataModel.Lp64, 300, 65_536);
        foreach (var (header, block) in sent)
        {
            block.CopyTo(writer.GetPayloadRoom());
            writer.Add(in header);
        }

        writer.Complete();
        pipe.Writer.Complete();
        Assert.True(pipe.Reader.TryRead(out var result));
        ReadAndCompare(WireLayout.Lp64, result.Buffer, sent);
    }

    private static List<(CommandHeader Header, byte[] Block)> Commands(Random random, DataModel model, int count, int largest)
    {
        var commands = new List<(CommandHeader, byte[])>();
        for (var index = 0; index < count; index++)
        {
            var block = random.Next(4) == 0 ? FrameSamples.Block(random, random.Next(largest + 1)) : [];
            commands.Add((block.Length > 0 ? FrameSamples.Data(random, block.Length) : Small(random, model), block));
        }

        return commands;
    }

    private static CommandHeader Small(Random random, DataModel model)
    {
        var header = FrameSamples.Header(random, model);
        if (header.Command.CarriesPayload())
        {
            // A failed copy out: a data command without data.
            header.Command = CommandCode.CopyOutData;
            header.ResultCode = -310;
            header.PayloadLength = 0;
        }

        return header;
    }

    private static byte[] Write(
        WireLayout layout, bool compress, bool compressBatches, int maxBatch, List<(CommandHeader Header, byte[] Block)> commands)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions
        {
            Layout = layout,
            Compress = compress,
            CompressBatches = compressBatches,
            MaxBatchCommands = maxBatch,
        }, output);
        foreach (var (header, block) in commands)
        {
            writer.Append(in header, block);
        }

        writer.Complete();
        Assert.Equal(output.WrittenCount, writer.WireBytes);
        return output.WrittenSpan.ToArray();
    }

    private static void ReadAndCompare(WireLayout layout, ReadOnlySequence<byte> input, List<(CommandHeader, byte[])> sent)
    {
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout });
        var received = new List<(CommandHeader, byte[])>();
        while (true)
        {
            var status = reader.TryRead(ref input, out var frame);
            if (status != FrameStatus.Complete)
            {
                Assert.True(status == FrameStatus.NeedMoreData, reader.Fault.Describe());
                break;
            }

            Collect(in frame, received);
        }

        Assert.True(reader.EndsCleanly(input));
        Compare(layout, sent, received);
    }

    private static void Collect(in Frame frame, List<(CommandHeader, byte[])> received)
    {
        received.Add((frame.Command, frame.Payload.ToArray()));
        foreach (ref readonly var command in frame.GetBatch())
        {
            received.Add((command, []));
        }
    }

    private static void Compare(
        WireLayout layout, List<(CommandHeader Header, byte[] Block)> sent, List<(CommandHeader Header, byte[] Block)> received)
    {
        Assert.Equal(sent.Count, received.Count);
        Span<byte> left = stackalloc byte[layout.HeaderSize];
        Span<byte> right = stackalloc byte[layout.HeaderSize];
        for (var index = 0; index < sent.Count; index++)
        {
            layout.Write(left, sent[index].Header);
            layout.Write(right, received[index].Header with { SendSequence = 0, AcknowledgeSequence = 0 });
            Assert.True(left.SequenceEqual(right));
            Assert.True(sent[index].Block.AsSpan().SequenceEqual(received[index].Block));
        }
    }
}
