using System.Buffers;
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
