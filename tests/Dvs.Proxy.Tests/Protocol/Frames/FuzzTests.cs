using System.Buffers;
using System.Buffers.Binary;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;
using K4os.Compression.LZ4.Streams;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>Valid streams, damaged by chance from a fixed seed. Whatever comes out must be valid, or a fault with words.</summary>
public class FuzzTests
{
    private const int Inputs = 200_000;
    private const int MostPerReader = 2 * (65_536 + 100);

    private static readonly int[] Interesting =
        [0, 1, -1, 2, 3, 119, 120, 168, 390, 391, 546, 547, 65_535, 65_536, 65_537, int.MaxValue, int.MinValue, 0x0001_0000, 0x2006, 0x184D2204];

    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public void Damaged_input_never_throws_and_never_lets_a_bad_command_through(DataModel model)
    {
        var random = new Random(20211110);
        var layout = WireLayout.For(model);
        var streams = Streams(layout, random);
        var options = new FrameReaderOptions { Layout = layout };
        var total = 0L;
        var outcomes = new Dictionary<FrameFaultKind, int>();
        for (var round = 0; round < Inputs / 2; round++)
        {
            var bytes = Damage(streams[random.Next(streams.Length)], random);
            using var reader = new FrameReader(options);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var input = new ReadOnlySequence<byte>(bytes);
            var fault = Drain(reader, layout, ref input);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            total += allocated;
            Assert.True(allocated <= MostPerReader, $"round {round}: {allocated} bytes");
            outcomes[fault] = outcomes.GetValueOrDefault(fault) + 1;
            if (fault != FrameFaultKind.None && round % 16 == 0)
            {
                Assert.NotEmpty(reader.Fault.Describe());
            }

            if (round % 16 == 0)
            {
                var pieces = Piece.Every(bytes, random.Next(1, 200));
                using var another = new FrameReader(options);
                Assert.Equal(fault, Drain(another, layout, ref pieces));
            }
        }

        // A reader's scratch comes from the shared pool, which allocates now and then.
        Assert.InRange(total, 0, 100 * MostPerReader);

        // The damage reaches every check, or this test shows less than it says; digests and compact batches exist in sessions only and have tests of their own.
        Assert.Empty(Enum.GetValues<FrameFaultKind>().Except(outcomes.Keys)
            .Except([FrameFaultKind.Truncated, FrameFaultKind.WrongSourceNode, FrameFaultKind.WrongDestinationNode])
            .Except([FrameFaultKind.DigestMismatch, FrameFaultKind.DigestMissing, FrameFaultKind.CorruptCompactBatch]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_compression_never_writes_outside_its_destination(bool linked)
    {
        const int Guard = 4096;
        var random = new Random(20211113);
        var content = new byte[200_000];
        for (var index = 0; index < content.Length; index++)
        {
            content[index] = (byte)(random.Next(8) == 0 ? random.Next(256) : index / 7);
        }

        using var target = new MemoryStream();
        using (var encoder = LZ4Stream.Encode(target, new LZ4EncoderSettings { ChainBlocks = linked, BlockSize = 65_536 }, leaveOpen: true))
        {
            encoder.Write(content);
        }

        var memory = new byte[Guard + content.Length + Guard];
        var outcomes = new HashSet<PayloadDecodeResult>();
        for (var round = 0; round < 3000; round++)
        {
            var frame = Damage(target.ToArray(), random);
            if (round % 3 == 0)
            {
                Array.Resize(ref frame, random.Next(frame.Length + 1));
            }

            var length = content.Length - (round % 4 == 0 ? random.Next(100_000) : 0);
            memory.AsSpan(0, Guard).Fill(0xA5);
            memory.AsSpan(Guard + length).Fill(0xA5);
            outcomes.Add(Lz4FrameCodec.Instance.Decompress(frame, memory.AsSpan(Guard, length), out var written));
            Assert.InRange(written, 0, length);
            Assert.False(memory.AsSpan(0, Guard).ContainsAnyExcept((byte)0xA5));
            Assert.False(memory.AsSpan(Guard + length).ContainsAnyExcept((byte)0xA5));
        }

        Assert.Contains(PayloadDecodeResult.BadBlock, outcomes);
        Assert.Contains(PayloadDecodeResult.TooShort, outcomes);
        Assert.Contains(PayloadDecodeResult.TooLong, outcomes);
    }

    private static FrameFaultKind Drain(FrameReader reader, WireLayout layout, ref ReadOnlySequence<byte> input)
    {
        while (true)
        {
            switch (reader.TryRead(ref input, out var frame))
            {
                case FrameStatus.NeedMoreData:
                    return FrameFaultKind.None;
                case FrameStatus.Malformed:
                    return reader.Fault.Kind;
            }

            CheckCommand(in frame.Command, frame.Payload.Length);
            var batched = 0;
            foreach (ref readonly var command in frame.GetBatch())
            {
                CheckCommand(in command, 0);
                Require(command.Command != CommandCode.None && !command.Command.CarriesPayload());
                batched++;
            }

            Require(batched == frame.CommandCount - 1);
            Require(batched <= WireLimits.MaxBatchCommands(layout));
        }
    }

    private static void CheckCommand(in CommandHeader command, int payload)
    {
        Require(command.Command.IsKnown());
        Require(command.PayloadLength == payload);
        Require(payload is >= 0 and <= 65_536);
        Require(payload == 0 || (command.Command.CarriesPayload() && command.Copy.Length == payload));
        Require(command.BatchCount == 0);
        Require((command.Flags & ~CommandFlags.CheckHeader) == 0);
    }

    // Assert.True would allocate nothing either, but says less where it fails.
    private static void Require(bool condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        if (!condition)
        {
            Assert.Fail(what);
        }
    }

    private static byte[][] Streams(WireLayout layout, Random random)
    {
        var streams = new List<byte[]>();
        foreach (var (compress, batch) in new[] { (false, 0), (true, 0), (false, 5), (true, 20) })
        {
            for (var index = 0; index < 25; index++)
            {
                var output = new ArrayBufferWriter<byte>();
                using var writer = new FrameWriter(new FrameWriterOptions { Layout = layout, Compress = compress, MaxBatchCommands = batch }, output);
                var count = random.Next(1, 30);
                for (var command = 0; command < count; command++)
                {
                    var length = random.Next(5) == 0 ? random.Next(3000) : 0;
                    var header = length > 0 ? FrameSamples.Data(random, length) : FrameSamples.Plain(random);
                    if (command == 3 && index % 5 == 0)
                    {
                        header = ControlMessage.Hello(3, 4, default, layout.DataModel, new Timestamp(1_700_000_000, 1));
                    }

                    writer.Append(in header, FrameSamples.Block(random, header.PayloadLength));
                }

                writer.Complete();
                streams.Add(output.WrittenSpan.ToArray());
            }
        }

        // The other data model is one more way to be damaged.
        var foreign = new byte[168];
        WireLayout.For(DataModelCheck.Other(layout.DataModel)).Write(foreign, FrameSamples.Plain(random));
        streams.Add(foreign);
        return [.. streams];
    }

    private static byte[] Damage(byte[] stream, Random random)
    {
        var bytes = stream.AsSpan().ToArray();
        var wounds = random.Next(1, 4);
        for (var wound = 0; wound < wounds; wound++)
        {
            // Half of the wounds in the first header and what follows it, where most depends on each byte.
            var position = random.Next(random.Next(2) == 0 ? Math.Min(bytes.Length, 260) : bytes.Length);
            switch (random.Next(6))
            {
                case 0:
                    bytes[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[position] = (byte)random.Next(256);
                    break;
                case 2 or 3:
                    position &= ~3;
                    if (position + 4 <= bytes.Length)
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(position), Interesting[random.Next(Interesting.Length)]);
                    }

                    break;
                case 4:
                    bytes = [.. bytes.AsSpan(0, position), .. bytes.AsSpan(Math.Min(bytes.Length, position + random.Next(1, 9)))];
                    break;
                default:
                    bytes = [.. bytes.AsSpan(0, position), (byte)random.Next(256), .. bytes.AsSpan(position)];
                    break;
            }

            if (bytes.Length == 0)
            {
                return [0];
            }
        }

        return bytes;
    }
}
