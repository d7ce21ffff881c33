using System.Buffers;
using CsCheck;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Protocol.Session;

public class SessionFrameTests
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);

    private sealed record Way(DataModel Model, bool Compress, int MaxBatchCommands, FrameDigestKind Digest);

    private static readonly Gen<Way> Ways = Gen.Select(Gen.Bool, Gen.Bool, Gen.OneOf(Gen.Const(0), Gen.Const(1), Gen.Const(3), Gen.Const(50)), Gen.Int[0, 2])
        .Select((ilp32, compress, batch, digest) => new Way(ilp32 ? DataModel.Ilp32 : DataModel.Lp64, compress, batch, (FrameDigestKind)digest));

    [Fact]
    public void Commands_come_back_as_they_were_and_every_command_frame_is_numbered()
    {
        Gen.Select(Ways, Gen.Int[0, 2].Array[1, 30], Gen.Int).Sample(static (way, kinds, seed) =>
        {
            var random = new Random(seed);
            var output = new ArrayBufferWriter<byte>();
            using var writer = Writer(way, output, 41);
            var sent = new List<(CommandHeader Header, byte[] Payload)>();
            foreach (var kind in kinds)
            {
                var command = Command(kind, random, out var payload);
                sent.Add((command, payload));
                writer.Append(in command, payload);
            }

            writer.Complete();
            var got = ReadAll(way, output.WrittenMemory, out var next);
            Assert.Equal(writer.SendSequence, next);
            Assert.Equal(sent.Count, got.Count);
            for (var index = 0; index < sent.Count; index++)
            {
                Assert.Equal(sent[index].Header.ProcessId, got[index].Header.ProcessId);
                Assert.Equal(sent[index].Payload, got[index].Payload);
                Assert.Equal(CommandFlags.None, got[index].Header.Flags);
            }
        });
    }

    [Fact]
    public void A_window_gets_the_same_bytes_cut_at_its_frames()
    {
        Gen.Select(Ways, Gen.Int[1, 2].Array[1, 30], Gen.Int).Sample(static (way, kinds, seed) =>
        {
            var output = new ArrayBufferWriter<byte>();
            using var window = new RetransmitWindow(way.Model, new(1 << 22, 1000, FrameWriter.LargestRoomOf(Options(way))));
            using var plain = Writer(way, output, first: 1);
            using var kept = new FrameWriter(Options(way), window);
            var random = new Random(seed);
            foreach (var kind in kinds)
            {
                var command = Command(kind, random, out var payload);
                plain.Append(in command, payload);
                kept.Append(in command, payload);
            }

            plain.Complete();
            kept.Complete();
            Assert.Equal(kinds.Length, window.Kept.Commands);
            Assert.Equal(plain.FramesWritten, window.Kept.Frames);
            Assert.Equal(kept.SendSequence, window.NextSequence);
            var bytes = new ArrayBufferWriter<byte>();
            while (window.TryTakeUnsent(out var piece))
            {
                bytes.Write(piece.Span);
            }

            Assert.Equal(output.WrittenSpan.ToArray(), bytes.WrittenSpan.ToArray());
        });
    }

    [Fact]
    public void Any_flipped_bit_of_a_digested_payload_is_noticed_and_the_frame_can_be_skipped()
    {
        Gen.Select(Ways.Where(way => way.Digest != FrameDigestKind.None), Gen.Int, Gen.Double[0, 1]).Sample(static (way, seed, where) =>
        {
            var random = new Random(seed);
            var output = new ArrayBufferWriter<byte>();
            using var writer = Writer(way, output, 7);
            var command = Command(2, random, out var payload);
            writer.Write(in command, payload);
            var end = output.WrittenCount;
            writer.Append(in command, payload);
            writer.Complete();
            var bytes = output.WrittenSpan.ToArray();
            var header = WireLayout.For(way.Model).HeaderSize;
            var bit = (int)(where * ((end - header) * 8 - 1));
            bytes[header + (bit / 8)] ^= (byte)(1 << (bit % 8));

            using var reader = Reader(way);
            var input = new ReadOnlySequence<byte>(bytes);
            Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
            Assert.Equal(FrameFaultKind.DigestMismatch, reader.Fault.Kind);
            Assert.True(reader.Fault.IsPayloadFault, reader.Fault.Describe());
            Assert.Equal(7ul, reader.WireHeader.SendSequence);
            reader.TakeDamaged(ref input, out var damaged);
            Assert.Equal(CommandCode.CopyInData, damaged.Command.Command);
            Assert.Equal(0, damaged.Payload.Length);
            Assert.Equal(FrameStatus.Complete, reader.TryRead(ref input, out var good));
            Assert.Equal(8ul, good.WireHeader.SendSequence);
            Assert.True(good.Payload.SequenceEqual(payload));
        });
    }

    [Fact]
    public void A_damaged_batch_still_tells_its_commands()
    {
        var way = new Way(DataModel.Lp64, false, 10, FrameDigestKind.Xxh128);
        var output = new ArrayBufferWriter<byte>();
        using var writer = Writer(way, output);
        var random = new Random(1);
        for (var index = 0; index < 4; index++)
        {
            var command = Command(1, random, out _);
            writer.Append(in command, default);
        }

        writer.Complete();
        var bytes = output.WrittenSpan.ToArray();
        bytes[^1] ^= 1;
        using var reader = Reader(way);
        var input = new ReadOnlySequence<byte>(bytes);
        Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
        Assert.Equal(FrameFaultKind.DigestMismatch, reader.Fault.Kind);
        Assert.Contains("digest", reader.Fault.Describe());
        reader.TakeDamaged(ref input, out var damaged);
        var batched = 0;
        foreach (ref readonly var command in damaged.GetBatch())
        {
            Assert.Equal(CommandCode.SendMessage, command.Command);
            batched++;
        }

        Assert.Equal(3, batched);
        Assert.True(input.IsEmpty);
    }

    [Fact]
    public void Without_a_session_its_flags_are_a_fault()
    {
        var way = new Way(DataModel.Lp64, false, 0, FrameDigestKind.Md5);
        var output = new ArrayBufferWriter<byte>();
        using var writer = Writer(way, output);
        var command = Command(2, new Random(1), out var payload);
        writer.Write(in command, payload);
        using var reader = new FrameReader(new FrameReaderOptions());
        var input = new ReadOnlySequence<byte>(output.WrittenMemory);
        Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
        Assert.Equal(FrameFaultKind.FlagsNotAllowed, reader.Fault.Kind);
        Assert.False(reader.Fault.IsPayloadFault);
    }

    [Fact]
    public void A_digest_fits_into_the_length()
    {
        var layout = WireLayout.Lp64;
        foreach (var (command, length) in new[] { (CommandCode.SendMessage, 0), (CommandCode.SendMessage, 17), (CommandCode.CopyInData, 15), (CommandCode.CopyInData, 65_553) })
        {
            var header = Command(1, new Random(1), out _);
            header.Command = command;
            header.PayloadLength = length;
            header.Copy.Length = length - 16;
            header.Flags = CommandFlags.Sequenced | CommandFlags.Digest;
            var bytes = new byte[layout.HeaderSize + length];
            layout.Write(bytes, in header);
            using var reader = Reader(new Way(DataModel.Lp64, false, 0, FrameDigestKind.Md5));
            var input = new ReadOnlySequence<byte>(bytes);
            Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
            Assert.False(reader.Fault.IsPayloadFault);
        }
    }

    [Fact]
    public void Control_messages_take_no_number_and_cannot_be_kept()
    {
        var way = new Way(DataModel.Lp64, false, 10, FrameDigestKind.None);
        var output = new ArrayBufferWriter<byte>();
        using var writer = Writer(way, output, first: 5);
        var hello = ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now);
        writer.Write(in hello, default);
        Assert.Equal(5ul, writer.SendSequence);
        WireLayout.Lp64.Read(output.WrittenSpan, out var written);
        Assert.Equal(CommandFlags.None, written.Flags);
        Assert.Equal(0ul, written.SendSequence);
        Assert.Equal(0, written.PayloadLength);

        using var window = new RetransmitWindow(DataModel.Lp64, new(1 << 20, 100, writer.LargestRoom, 5));
        using var kept = new FrameWriter(Options(way), window);
        Assert.Throws<ArgumentException>(() => kept.Write(in hello, default));
    }

    [Fact]
    public void Digests_and_numbers_allocate_nothing()
    {
        var way = new Way(DataModel.Lp64, true, 20, FrameDigestKind.Md5);
        var room = FrameWriter.LargestRoomOf(Options(way));
        using var reader = Reader(way);
        using var window = new RetransmitWindow(way.Model, new(1 << 22, 1000, room), ArrayPool<byte>.Create(1 << 22, 32)); // nobody else's
        using var writer = new FrameWriter(Options(way), window);
        var random = new Random(1);
        var message = Command(1, random, out _);
        var block = Command(2, random, out var payload);
        Turn(100);
        Assert.Equal(0, Allocations.Least(() => Turn(1000)));

        void Turn(int times)
        {
            for (var time = 0; time < times; time++)
            {
                for (var index = 0; index < 5; index++)
                {
                    writer.Append(in message, default);
                }

                writer.Append(in block, payload);
                writer.Complete();
                while (window.TryTakeUnsent(out var piece))
                {
                    var input = new ReadOnlySequence<byte>(piece);
                    while (reader.TryRead(ref input, out _) == FrameStatus.Complete)
                    {
                    }

                    if (!input.IsEmpty)
                    {
                        throw new InvalidOperationException(reader.Fault.Describe());
                    }
                }

                window.Acknowledge(window.NextSequence - 1);
            }
        }
    }

    private static FrameWriter Writer(Way way, ArrayBufferWriter<byte> output, ulong first = 0) => new(Options(way, first), output);

    private static FrameWriterOptions Options(Way way, ulong first = 0) => new()
    {
        Layout = WireLayout.For(way.Model),
        Compress = way.Compress,
        MaxBatchCommands = way.MaxBatchCommands,
        Sequenced = true,
        Digest = way.Digest,
        FirstSequence = first,
    };

    private static FrameReader Reader(Way way) => new(new FrameReaderOptions
    {
        Layout = WireLayout.For(way.Model),
        AllowSessionFlags = true,
        ExpectedSourceNode = 3,
        ExpectedDestinationNode = 4,
    });

    private static CommandHeader Command(int kind, Random random, out byte[] payload)
    {
        var header = ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now);
        payload = [];
        header.ProcessId = random.Next(1, 1 << 30);
        if (kind == 0)
        {
            return header;
        }

        header.Command = kind == 1 ? CommandCode.SendMessage : CommandCode.CopyInData;
        header.DcId = 0;
        header.SourceEndpoint = 10;
        header.DestinationEndpoint = 11;
        header.Message.Source = 10;
        if (kind == 2)
        {
            payload = new byte[random.Next(1, 3000)];
            random.NextBytes(payload.AsSpan(0, random.Next(1, payload.Length)));
            header.PayloadLength = header.Copy.Length = payload.Length;
        }

        return header;
    }

    private static List<(CommandHeader Header, byte[] Payload)> ReadAll(Way way, ReadOnlyMemory<byte> bytes, out ulong next)
    {
        using var reader = Reader(way);
        next = 41;
        var got = new List<(CommandHeader, byte[])>();
        var input = new ReadOnlySequence<byte>(bytes);
        while (!input.IsEmpty)
        {
            Assert.True(reader.TryRead(ref input, out var frame) == FrameStatus.Complete, reader.Fault.Describe());
            got.Add((frame.Command, frame.Payload.ToArray()));
            Assert.Equal(!frame.IsControl, (frame.WireHeader.Flags & CommandFlags.Sequenced) != 0);
            Assert.Equal(way.Digest != FrameDigestKind.None, (frame.WireHeader.Flags & CommandFlags.Digest) != 0);
            if (!frame.IsControl)
            {
                Assert.Equal(next++, frame.WireHeader.SendSequence);
            }

            foreach (ref readonly var command in frame.GetBatch())
            {
                got.Add((command, []));
            }
        }

        return got;
    }
}
