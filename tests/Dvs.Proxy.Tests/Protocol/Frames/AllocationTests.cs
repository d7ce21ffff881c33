using System.Buffers;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>The hot path allocates nothing in steady state, whatever the options.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData(DataModel.Lp64, false, 0)]
    [InlineData(DataModel.Lp64, false, 390)]
    [InlineData(DataModel.Lp64, true, 0)]
    [InlineData(DataModel.Lp64, true, 390)]
    [InlineData(DataModel.Ilp32, false, 546)]
    [InlineData(DataModel.Ilp32, true, 546)]
    public void Writing_and_reading_allocate_nothing(DataModel model, bool compress, int maxBatch)
    {
        var layout = WireLayout.For(model);
        var random = new Random(12);
        var commands = Enumerable.Range(0, 100).Select(index => index % 10 == 9 ? FrameSamples.Data(random, random.Next(65_537)) : FrameSamples.Plain(random)).ToArray();
        var blocks = commands.Select(command => FrameSamples.Block(random, command.PayloadLength)).ToArray();
        var output = new FixedOutput(1 << 20);
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = layout, Compress = compress, MaxBatchCommands = maxBatch }, output);
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout });
        var seen = 0L;

        void Round(bool split)
        {
            output.Clear();
            for (var index = 0; index < commands.Length; index++)
            {
                writer.Append(in commands[index], blocks[index]);
            }

            writer.Complete();
            var input = split ? output.InTwo() : new ReadOnlySequence<byte>(output.Buffer, 0, output.Length);
            while (reader.TryRead(ref input, out var frame) == FrameStatus.Complete)
            {
                seen += 1 + frame.Payload.Length;
                foreach (ref readonly var command in frame.GetBatch())
                {
                    seen += command.DcId + 1;
                }
            }

            if (!input.IsEmpty)
            {
                throw new InvalidOperationException(reader.Fault.Describe());
            }
        }

        for (var round = 0; round < 50; round++)
        {
            Round(round % 2 == 0);
        }

        output.InTwo();
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var round = 0; round < 100; round++)
            {
                Round(false);
            }
        }));

        // In two pieces: the test's own segments are made again for each round, the reader's share stays nothing.
        Assert.Equal(Allocations.Least(() => output.InTwo()), Allocations.Least(() => Round(true)));
        Assert.NotEqual(0, seen);
    }

    [Fact]
    public void Refusing_allocates_nothing()
    {
        var bytes = new byte[400];
        using var reader = new FrameReader(new FrameReaderOptions());
        var random = new Random(1);
        var header = FrameSamples.Plain(random) with { PayloadLength = 70_000 };
        WireLayout.Lp64.Write(bytes, in header);
        for (var round = 0; round < 100; round++)
        {
            Refuse();
        }

        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var round = 0; round < 1000; round++)
            {
                Refuse();
            }
        }));

        void Refuse()
        {
            var input = new ReadOnlySequence<byte>(bytes);
            if (reader.TryRead(ref input, out _) != FrameStatus.Malformed)
            {
                throw new InvalidOperationException("not refused");
            }
        }
    }

    /// <summary>One buffer that is used over and over, as a pipe does with its segments.</summary>
    private sealed class FixedOutput(int size) : IBufferWriter<byte>
    {
        public byte[] Buffer { get; } = new byte[size];

        public int Length { get; private set; }

        public void Clear() => Length = 0;

        public ReadOnlySequence<byte> InTwo() => Piece.Cut(Buffer.AsMemory(0, Length), Length / 2);

        public void Advance(int count) => Length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) =>
            Buffer.Length - Length >= sizeHint ? Buffer.AsMemory(Length) : throw new InvalidOperationException("too small for the test");

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
