using System.Buffers;
using System.Runtime.InteropServices;
using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>The memory that one turn of the writer asks for is what the largest turn fills, to the byte.</summary>
public class FrameWriterRoomTests
{
    [Theory]
    [InlineData(DataModel.Lp64, false, 1)]
    [InlineData(DataModel.Lp64, true, 1)]
    [InlineData(DataModel.Lp64, true, 7)]
    [InlineData(DataModel.Ilp32, false, 7)]
    [InlineData(DataModel.Ilp32, true, 50)]
    public void The_largest_turn_fills_the_room_that_was_asked_for(DataModel model, bool digest, int maxBatch)
    {
        const int MaxPayload = 8_192;
        var output = new StrictWriter();
        using var writer = new FrameWriter(new FrameWriterOptions
        {
            Layout = WireLayout.For(model),
            MaxPayload = MaxPayload,
            MaxBatchCommands = maxBatch,
            Sequenced = digest,
            Digest = digest ? FrameDigestKind.Xxh128 : FrameDigestKind.None,
        }, output);
        var message = new CommandHeader { Command = CommandCode.SendMessage, SourceEndpoint = 10, DestinationEndpoint = 11, SourceNode = 3, DestinationNode = 4 };
        var block = message with { Command = CommandCode.CopyInData, PayloadLength = MaxPayload };
        block.Copy.Length = MaxPayload;

        // A batch with one place left, whose last command brings the largest block.
        for (var number = 0; number < maxBatch; number++)
        {
            writer.Append(in message, default);
        }

        writer.Append(in block, new byte[MaxPayload]);
        writer.Complete();

        Assert.Equal(writer.LargestRoom, output.Written);
        Assert.Equal(writer.LargestRoom, output.MostAsked);
    }

    [Theory]
    [InlineData(DataModel.Lp64, 1)]
    [InlineData(DataModel.Lp64, 2)]
    [InlineData(DataModel.Lp64, 40)]
    [InlineData(DataModel.Ilp32, 1)]
    [InlineData(DataModel.Ilp32, 40)]
    public void A_compact_batch_fits_into_the_room_whatever_its_commands_are(DataModel model, int maxBatch)
    {
        const int MaxPayload = 8_192;
        var output = new StrictWriter();
        var options = new FrameWriterOptions
        {
            Layout = WireLayout.For(model),
            MaxPayload = MaxPayload,
            MaxBatchCommands = maxBatch,
            Sequenced = true,
            Digest = FrameDigestKind.Xxh128,
        };
        using var writer = new FrameWriter(options, output) { CompactBatches = true };
        var random = new Random(maxBatch);
        var block = FrameSamples.Data(random, MaxPayload);
        for (var commands = 0; commands < (2 * maxBatch) + 3; commands++)
        {
            for (var number = 0; number < commands; number++)
            {
                writer.Append(FrameSamples.Unlike(random), default);
            }

            writer.Append(in block, new byte[MaxPayload]);
            writer.Complete();
        }

        Assert.Equal(writer.WireBytes, output.Written);
        Assert.Equal(writer.LargestRoom, output.MostAsked);
    }

    [Theory]
    [InlineData(DataModel.Lp64, false, false)]
    [InlineData(DataModel.Lp64, true, false)]
    [InlineData(DataModel.Lp64, false, true)]
    [InlineData(DataModel.Lp64, true, true)]
    [InlineData(DataModel.Ilp32, true, true)]
    public void A_command_fetched_right_into_its_frame_goes_out_as_one_that_is_copied_there(DataModel model, bool digest, bool compress) =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 300], Gen.ULong).List[0, 40].Sample(commands =>
        {
            var options = new FrameWriterOptions
            {
                Layout = WireLayout.For(model),
                MaxPayload = 4_096,
                MaxBatchCommands = 7,
                Sequenced = digest,
                Digest = digest ? FrameDigestKind.Md5 : FrameDigestKind.None,
                Compress = compress,
            };
            ArrayBufferWriter<byte> copied = new(), fetched = new();
            using FrameWriter copying = new(options, copied), fetching = new(options, fetched);
            foreach (var (kind, length, noise) in commands)
            {
                var (header, block) = Command(kind, length, noise);
                copying.Append(in header, block);
                ref var place = ref fetching.GetRoom(out var room);
                place = header;
                block.CopyTo(room);
                fetching.Add(in place);
                if (noise % 5 == 0)
                {
                    copying.Complete();
                    fetching.Complete();
                }
            }

            copying.Complete();
            fetching.Complete();
            Assert.Equal(copied.WrittenSpan, fetched.WrittenSpan);
            Assert.Equal((copying.RawBytes, copying.FramesWritten), (fetching.RawBytes, fetching.FramesWritten));
        });

    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public void A_batch_is_read_alike_wherever_it_lies(DataModel model)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.For(model), MaxBatchCommands = 7 }, output);
        var commands = Enumerable.Range(0, 8).Select(static number => Command(0, 0, (ulong)number + 1).Header).ToArray();
        Array.ForEach(commands, command => writer.Append(in command, default));
        writer.Complete();
        for (var offset = 0; offset < 16; offset++)
        {
            var input = new byte[offset + output.WrittenCount];
            output.WrittenSpan.CopyTo(input.AsSpan(offset));
            using var reader = new FrameReader(new FrameReaderOptions { Layout = WireLayout.For(model) });
            var buffer = new ReadOnlySequence<byte>(input, offset, output.WrittenCount);
            Assert.Equal(FrameStatus.Complete, reader.TryRead(ref buffer, out var frame));
            var read = 1;
            foreach (ref readonly var command in frame.GetBatch())
            {
                var expected = commands[read++];
                (expected.Flags, expected.BatchCount, expected.SendSequence, expected.AcknowledgeSequence) = (default, 0, 0, 0);
                Assert.Equal(MemoryMarshal.AsBytes(new ReadOnlySpan<CommandHeader>(in expected)), MemoryMarshal.AsBytes(new ReadOnlySpan<CommandHeader>(in command)));
            }

            Assert.Equal(8, read);
        }
    }

    // As a driver that leaves the proxies' fields as they were.
    private static (CommandHeader Header, byte[] Block) Command(int kind, int length, ulong noise)
    {
        var hasBlock = kind == 5;
        var header = new CommandHeader
        {
            Command = hasBlock ? CommandCode.CopyInData : CommandCode.SendMessage,
            SourceEndpoint = 10,
            DestinationEndpoint = 11,
            SourceNode = 3,
            DestinationNode = 4,
            ProcessId = (int)(noise & 0xFFFF),
            PayloadLength = hasBlock ? length : 0,
            SendSequence = noise & 0xFF,
            AcknowledgeSequence = noise & 0xFFF,
            BatchCount = (int)(noise & 7),
            Flags = (CommandFlags)(noise & 3),
        };
        header.Copy.Length = hasBlock ? length : 0;
        return (header, [.. Enumerable.Range(0, header.PayloadLength).Select(index => (byte)(noise >> (index % 3)))]);
    }

    /// <summary>Gives as much as is asked for, and not a byte more.</summary>
    private sealed class StrictWriter : IBufferWriter<byte>
    {
        private int _room;

        public int Written { get; private set; }

        public int MostAsked { get; private set; }

        public void Advance(int count)
        {
            Assert.InRange(count, 0, _room);
            Written += count;
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            MostAsked = Math.Max(MostAsked, sizeHint);
            _room = sizeHint;
            return new byte[sizeHint];
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
