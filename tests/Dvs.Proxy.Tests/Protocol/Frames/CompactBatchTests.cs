using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;
using Dvs.Proxy.Tests.Protocol.Compact;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>Compact batches as a writer makes them and a reader takes them: the same commands as in a batch of whole headers.</summary>
public class CompactBatchTests
{
    private const CommandFlags CompactBatch = CommandFlags.Batch | CommandFlags.Sequenced | CommandFlags.Compact;
    private const int LengthOffset = 28;
    private const int CountOffset = 36;
    private const int FlagsOffset = 40;

    public static TheoryData<DataModel> Models => [DataModel.Lp64, DataModel.Ilp32];

    // The differences are those that CompactHeaderTests counts by hand; the second command is the same as the first but for its pid: 5 becomes 6, in lane 0
    // of block 1 in both data models.
    [Theory]
    [InlineData(DataModel.Lp64, "25 1000 1001 0300 0100 3804 0100 4523 0100  02 0100 0300")]
    [InlineData(DataModel.Ilp32, "0B 1000 0050 000C 0100 3804 0100 4523 0100  02 0100 0300")]
    public void The_payload_is_the_differences_and_the_outer_header_says_so(DataModel model, string expected)
    {
        var outer = new CommandHeader { Command = CommandCode.SendMessage, SourceEndpoint = 40, ProcessId = 5, Timestamp = new Timestamp(1_700_000_000, 1000) };
        outer.Message.Source = 40;
        var first = outer with { SourceEndpoint = 41, Timestamp = new Timestamp(1_700_000_000, 2000) };
        first.Message.Source = 41;
        first.Copy.Length = 0x12345;
        var second = first with { ProcessId = 6 };

        var frame = Write(Options(model), [outer, first, second]);
        var headerSize = WireLayout.For(model).HeaderSize;
        var payload = CompactBytes.FromHex(expected);
        Assert.Equal(payload, frame[headerSize..]);
        Assert.Equal(payload.Length, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(LengthOffset)));
        Assert.Equal(2, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(CountOffset)));
        Assert.Equal(0x5_0001u, BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(FlagsOffset)));
    }

    [Fact]
    public void The_commands_are_those_of_a_batch_of_whole_headers_wherever_the_input_is_cut() =>
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[1, 8], Gen.Int[1, 12], Gen.Int).Sample(
            (ilp32, digest, maxBatch, count, seed) =>
            {
                var options = Options(ilp32 ? DataModel.Ilp32 : DataModel.Lp64, maxBatch, digest);
                var commands = Commands(options.Layout.DataModel, count, new Random(seed));
                var compact = Write(options, commands);
                var expected = Read(options, new ReadOnlySequence<byte>(Write(options, commands, isCompact: false)), CommandFlags.None);
                Assert.Equal(count, expected.Count);
                Assert.Equal(expected, Read(options, new ReadOnlySequence<byte>(compact), CommandFlags.Compact));
                Assert.Equal(expected, Read(options, Piece.Every(compact, 1), CommandFlags.Compact));
                for (var cut = 1; cut < compact.Length; cut++)
                {
                    Assert.Equal(expected, Read(options, Piece.Cut(compact, cut), CommandFlags.Compact));
                }
            },
            iter: 20);

    [Theory]
    [MemberData(nameof(Models))]
    public void Batches_of_any_length_come_back_between_data_commands(DataModel model)
    {
        var random = new Random(8);
        foreach (var digest in new[] { false, true })
        {
            var options = Options(model, WireLimits.MaxBatchCommands(WireLayout.For(model)), digest);
            var commands = new List<CommandHeader>();
            for (var count = 0; count < 900; count = (count * 3) + 1)
            {
                commands.AddRange(CompactSamples.Messages(model, 5, count));
                commands.Add(FrameSamples.Data(random, random.Next(65_537)));
            }

            var expected = Read(options, new ReadOnlySequence<byte>(Write(options, commands, isCompact: false)), CommandFlags.None);
            var compact = Write(options, commands);
            Assert.Equal(expected, Read(options, new ReadOnlySequence<byte>(compact), CommandFlags.Compact));
            Assert.Equal(expected, Read(options, Piece.Every(compact, 1448), CommandFlags.Compact));
        }
    }

    [Theory]
    [InlineData(DataModel.Lp64, 1)]
    [InlineData(DataModel.Lp64, 2)]
    [InlineData(DataModel.Lp64, 390)]
    [InlineData(DataModel.Ilp32, 1)]
    [InlineData(DataModel.Ilp32, 546)]
    public void Commands_that_have_nothing_in_common_make_no_batch_longer_than_whole_headers_would(DataModel model, int maxBatch)
    {
        var options = Options(model, maxBatch, digest: true);
        var random = new Random(4);
        var commands = Enumerable.Range(0, 1200).Select(_ => FrameSamples.Unlike(random)).ToList();
        var compact = Write(options, commands);
        Assert.Equal(
            Read(options, new ReadOnlySequence<byte>(Write(options, commands, isCompact: false)), CommandFlags.None),
            Read(options, new ReadOnlySequence<byte>(compact), CommandFlags.Compact));
        for (var at = 0; at < compact.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(compact.AsSpan(at + LengthOffset));
            Assert.InRange(length, WireLimits.DigestSize, WireLimits.DefaultMaxPayload + WireLimits.DigestSize);
            at += options.Layout.HeaderSize + length;
        }
    }

    [Fact]
    public void A_writer_is_switched_between_batches_and_counts_as_if_it_were_not()
    {
        var output = new ArrayBufferWriter<byte>();
        var options = Options(DataModel.Lp64, maxBatch: 100);
        using var writer = new FrameWriter(options, output);
        var commands = CompactSamples.Messages(DataModel.Lp64, 2, 40);
        for (var index = 0; index < commands.Length; index++)
        {
            // In the middle of a batch: it goes on as it was opened.
            writer.CompactBatches = index is >= 5 and < 25;
            writer.Append(in commands[index], default);
            if (index % 10 == 9)
            {
                writer.Complete();
            }
        }

        Assert.Equal(4, writer.BatchesWritten);
        Assert.Equal(0, writer.CompressedFrames);
        Assert.Equal(40 * 168, writer.RawBytes);
        Assert.Equal(output.WrittenCount, writer.WireBytes);
        Assert.InRange(writer.WireBytes, 20 * 168, (22 * 168) + (18 * 32));
        using var reader = Reader(options);
        var input = new ReadOnlySequence<byte>(output.WrittenMemory);
        foreach (var isCompact in new[] { false, true, true, false })
        {
            Assert.Equal(FrameStatus.Complete, reader.TryRead(ref input, out var frame));
            Assert.Equal(isCompact, (frame.WireHeader.Flags & CommandFlags.Compact) != 0);
            Assert.Equal(10, frame.CommandCount);
            Assert.Equal(9 * 168, frame.RawPayloadLength);
            Assert.Equal(CommandFlags.None, frame.Command.Flags);
            Assert.False(frame.WasCompressed);
        }
    }

    [Fact]
    public void One_command_alone_and_the_frames_of_a_classic_link_are_as_ever()
    {
        var options = Options(DataModel.Lp64);
        var command = CompactSamples.Messages(DataModel.Lp64, 1, 1);
        Assert.Equal(Write(options, command, isCompact: false), Write(options, command));

        var classic = new FrameWriterOptions { MaxBatchCommands = 50 };
        var commands = CompactSamples.Messages(DataModel.Lp64, 1, 60);
        Assert.Equal(Write(classic, commands, isCompact: false), Write(classic, commands));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_belongs_to_proxies_is_taken_off_and_the_balancers_flag_stays(DataModel model)
    {
        var options = Options(model);
        var commands = CompactSamples.Messages(model, 2, 6);
        for (var index = 0; index < commands.Length; index++)
        {
            ref var command = ref commands[index];
            command.Flags = (CommandFlags)0xFFFF_FFFFUL & (index % 2 == 0 ? ~CommandFlags.CheckHeader : ~CommandFlags.None);
            command.BatchCount = index;
            command.SendSequence = (ulong)index * 3;
            command.AcknowledgeSequence = (ulong)index * 5;
        }

        var compact = Write(options, commands);
        Assert.Equal(
            Read(options, new ReadOnlySequence<byte>(Write(options, commands, isCompact: false)), CommandFlags.None),
            Read(options, new ReadOnlySequence<byte>(compact), CommandFlags.Compact));
        using var reader = Reader(options);
        var input = new ReadOnlySequence<byte>(compact);
        Assert.Equal(FrameStatus.Complete, reader.TryRead(ref input, out var frame));
        var flags = new List<CommandFlags> { frame.Command.Flags };
        foreach (ref readonly var command in frame.GetBatch())
        {
            flags.Add(command.Flags);
            Assert.Equal((0, 0UL, 0UL), (command.BatchCount, command.SendSequence, command.AcknowledgeSequence));
        }

        Assert.Equal([0, CommandFlags.CheckHeader, 0, CommandFlags.CheckHeader, 0, CommandFlags.CheckHeader], flags);
    }

    [Theory]
    [InlineData(CommandFlags.Sequenced | CommandFlags.Compact)]
    [InlineData(CommandFlags.Batch | CommandFlags.Compact)]
    [InlineData(CompactBatch | CommandFlags.Lz4)]
    public void Compact_is_a_numbered_batch_that_is_not_compressed(CommandFlags flags)
    {
        var frame = Frame(DataModel.Lp64, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(FlagsOffset), (uint)flags);
        Refuse(DataModel.Lp64, frame, FrameFaultKind.FlagsNotAllowed, "not allowed here: 0x40000");
    }

    [Fact]
    public void Compact_is_for_sessions()
    {
        var frame = Frame(DataModel.Lp64, out _);
        using var reader = new FrameReader(new FrameReaderOptions());
        var input = new ReadOnlySequence<byte>(frame);
        Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
        Assert.Equal(FrameFaultKind.FlagsNotAllowed, reader.Fault.Kind);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_batch_that_ends_anywhere_else_shows_nothing(DataModel model)
    {
        var frame = Frame(model, out var headerSize);
        for (var length = frame.Length - headerSize - 1; length >= 0; length--)
        {
            var cut = frame[..(headerSize + length)];
            BinaryPrimitives.WriteInt32LittleEndian(cut.AsSpan(LengthOffset), length);
            if (length < 5)
            {
                Refuse(model, cut, FrameFaultKind.BatchCountMismatch, $"its compact payload cannot have a c_len of {length}");
            }
            else
            {
                Refuse(model, cut, FrameFaultKind.CorruptCompactBatch, "is not one: it ends too early");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_count_that_is_not_that_of_the_payload_shows_nothing(DataModel model)
    {
        var frame = Frame(model, out var headerSize);
        for (var count = -1; count < 600; count++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(CountOffset), count);
            var isPossible = count >= 1 && count <= 65_536 / headerSize && count <= frame.Length - headerSize;
            if (count != 5)
            {
                Refuse(
                    model, frame, isPossible ? FrameFaultKind.CorruptCompactBatch : FrameFaultKind.BatchCountMismatch,
                    !isPossible ? "c_batch_nr" : count < 5 ? "bytes follow its last command" : "batched command 6: the compact batch");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Bytes_behind_the_last_command_show_nothing(DataModel model)
    {
        var frame = Frame(model, out var headerSize);
        for (var more = 1; more < 400; more++)
        {
            byte[] longer = [.. frame, .. new byte[more]];
            BinaryPrimitives.WriteInt32LittleEndian(longer.AsSpan(LengthOffset), frame.Length - headerSize + more);
            Refuse(model, longer, FrameFaultKind.CorruptCompactBatch, "bytes follow its last command");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_bit_that_flips_shows_nothing_or_another_batch_that_keeps_the_rules(DataModel model)
    {
        var frame = Frame(model, out var headerSize);
        var layout = WireLayout.For(model);
        for (var bit = 0; bit < 8 * (frame.Length - headerSize); bit++)
        {
            var flipped = frame.ToArray();
            flipped[headerSize + (bit / 8)] ^= (byte)(1 << (bit % 8));
            foreach (var input in new[] { new ReadOnlySequence<byte>(flipped), Piece.Every(flipped, 7) })
            {
                using var reader = Reader(Options(model));
                var rest = input;
                if (reader.TryRead(ref rest, out var got) == FrameStatus.Malformed)
                {
                    Assert.True(reader.Fault.IsPayloadFault);
                    continue;
                }

                var count = 0;
                foreach (ref readonly var command in got.GetBatch())
                {
                    count++;
                    Assert.True(command.Command.IsKnown() && !command.Command.CarriesPayload() && command.Command != CommandCode.None);
                    Assert.Equal((0, 0, 0, 1), (command.PayloadLength, command.BatchCount, command.SourceNode, command.DestinationNode));
                    Assert.Equal(CommandFlags.None, command.Flags & ~CommandFlags.CheckHeader);
                }

                Assert.Equal(5, count);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_command_that_no_batch_may_hold_is_found_behind_its_differences(DataModel model)
    {
        Check(static (ref header) => header.Command = CommandCode.CopyInData, FrameFaultKind.NotBatchable, "c_cmd");
        Check(static (ref header) => header.Command = CommandCode.None, FrameFaultKind.NotBatchable, "c_cmd");
        Check(static (ref header) => header.Command = (CommandCode)99, FrameFaultKind.UnknownCommand, "c_cmd");
        Check(static (ref header) => header.PayloadLength = 4, FrameFaultKind.UnexpectedPayload, "c_len");
        Check(static (ref header) => header.BatchCount = 1, FrameFaultKind.BatchCountMismatch, "c_batch_nr");
        Check(static (ref header) => header.Flags = CommandFlags.Batch, FrameFaultKind.FlagsNotAllowed, "c_flags");
        Check(static (ref header) => header.SourceNode = 7, FrameFaultKind.WrongSourceNode, "c_snode");
        Check(static (ref header) => header.DestinationNode = 7, FrameFaultKind.WrongDestinationNode, "c_dnode");

        void Check(Change change, FrameFaultKind kind, string field)
        {
            var layout = WireLayout.For(model);
            var commands = CompactSamples.Messages(model, 2, 4);
            change(ref commands[2]);
            var payload = CompactBytes.Write([.. commands.Select(command => CompactBytes.Of(model, command))]);
            var outer = commands[0] with { Flags = CompactBatch, BatchCount = 3, PayloadLength = payload.Length, SendSequence = 1 };
            Refuse(model, [.. CompactBytes.Of(model, outer), .. payload], kind, $"batched command 2: {field}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Of_a_damaged_frame_the_commands_are_told_where_they_can_be(DataModel model)
    {
        var options = Options(model, digest: true);
        var commands = CompactSamples.Messages(model, 3, 6);
        var frame = Write(options, commands);
        var headerSize = options.Layout.HeaderSize;

        // In the digest itself nothing of the commands is damaged; where the first differences are no differences none can be told but the outer one.
        Assert.Equal(commands.Select(static command => command.ProcessId), Damaged(frame.Length - 1));
        Assert.Equal([commands[0].ProcessId], Damaged(headerSize));

        List<int> Damaged(int place)
        {
            var damaged = frame.ToArray();
            damaged[place] ^= 0x80;
            using var reader = Reader(options);
            var input = new ReadOnlySequence<byte>(damaged);
            Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
            Assert.Equal(FrameFaultKind.DigestMismatch, reader.Fault.Kind);
            Assert.True(reader.Fault.IsPayloadFault);
            reader.TakeDamaged(ref input, out var got);
            Assert.True(input.IsEmpty);
            var told = new List<int> { got.Command.ProcessId };
            foreach (ref readonly var command in got.GetBatch())
            {
                told.Add(command.ProcessId);
            }

            return told;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Of_a_corrupt_batch_the_outer_command_can_be_answered(DataModel model)
    {
        var frame = Frame(model, out var headerSize);
        frame[headerSize] |= 0x80;
        using var reader = Reader(Options(model));
        var input = new ReadOnlySequence<byte>(frame);
        Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
        Assert.Equal((FrameFaultKind.CorruptCompactBatch, 1, true), (reader.Fault.Kind, reader.Fault.BatchIndex, reader.Fault.IsPayloadFault));
        reader.TakeDamaged(ref input, out var got);
        Assert.True(input.IsEmpty);
        Assert.False(got.GetBatch().MoveNext());
        Assert.Equal(CommandCode.SendMessage, got.Command.Command);
    }

    [Theory]
    [InlineData(DataModel.Lp64, false)]
    [InlineData(DataModel.Lp64, true)]
    [InlineData(DataModel.Ilp32, true)]
    public void Writing_and_reading_allocate_nothing(DataModel model, bool digest)
    {
        var options = Options(model, 100, digest);
        var commands = CompactSamples.Messages(model, 5, 250);
        var output = new ReusedOutput(1 << 20);
        using var writer = new FrameWriter(options, output) { CompactBatches = true };
        using var reader = Reader(options);
        var seen = 0L;
        for (var round = 0; round < 50; round++)
        {
            Round();
        }

        Assert.Equal(0, Allocations.Least(Round));
        Assert.True(seen > 0);

        void Round()
        {
            output.Length = 0;
            foreach (ref readonly var command in commands.AsSpan())
            {
                writer.Append(in command, default);
            }

            writer.Complete();
            var input = new ReadOnlySequence<byte>(output.Buffer, 0, output.Length);
            while (reader.TryRead(ref input, out var frame) == FrameStatus.Complete)
            {
                foreach (ref readonly var command in frame.GetBatch())
                {
                    seen += command.ProcessId;
                }
            }

            if (!input.IsEmpty)
            {
                throw new InvalidOperationException(reader.Fault.Describe());
            }
        }
    }

    private delegate void Change(ref CommandHeader header);

    private static FrameWriterOptions Options(DataModel model, int maxBatch = 50, bool digest = false) => new()
    {
        Layout = WireLayout.For(model),
        MaxBatchCommands = maxBatch,
        Sequenced = true,
        Digest = digest ? FrameDigestKind.Xxh128 : FrameDigestKind.None,
        FirstSequence = 1,
    };

    private static FrameReader Reader(FrameWriterOptions options) => new(new FrameReaderOptions
    {
        Layout = options.Layout,
        AllowSessionFlags = true,
        RequireDigest = options.Digest != FrameDigestKind.None,
    });

    private static byte[] Frame(DataModel model, out int headerSize)
    {
        headerSize = WireLayout.For(model).HeaderSize;
        return Write(Options(model), CompactSamples.Messages(model, 3, 6));
    }

    private static byte[] Write(FrameWriterOptions options, IReadOnlyList<CommandHeader> commands, bool isCompact = true)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(options, output) { CompactBatches = isCompact };
        foreach (var command in commands)
        {
            writer.Append(in command, Block(command));
        }

        writer.Complete();
        Assert.Equal(output.WrittenCount, writer.WireBytes);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Block(CommandHeader command)
    {
        var block = new byte[command.PayloadLength];
        new Random(command.ProcessId).NextBytes(block);
        return block;
    }

    // Every command as the driver gets it; where they come in batches all of those are as expected.
    private static List<string> Read(FrameWriterOptions options, ReadOnlySequence<byte> input, CommandFlags expected)
    {
        using var reader = Reader(options);
        var commands = new List<string>();
        while (!input.IsEmpty)
        {
            Assert.True(reader.TryRead(ref input, out var frame) == FrameStatus.Complete, reader.Fault.Describe());
            Assert.Equal(frame.CommandCount > 1 ? expected : CommandFlags.None, frame.WireHeader.Flags & CommandFlags.Compact);
            Assert.True(frame.Payload.SequenceEqual(Block(frame.Command)));
            commands.Add(Describe(options, frame.Command with { SendSequence = 0, AcknowledgeSequence = 0 }));
            foreach (ref readonly var command in frame.GetBatch())
            {
                commands.Add(Describe(options, command));
            }
        }

        return commands;
    }

    private static string Describe(FrameWriterOptions options, CommandHeader command) =>
        Convert.ToHexString(CompactBytes.Of(options.Layout.DataModel, command));

    private static void Refuse(DataModel model, byte[] frame, FrameFaultKind kind, string words)
    {
        foreach (var input in new[] { new ReadOnlySequence<byte>(frame), Piece.Every(frame, 1) })
        {
            using var reader = new FrameReader(new FrameReaderOptions
            {
                Layout = WireLayout.For(model),
                AllowSessionFlags = true,
                ExpectedSourceNode = 0,
                ExpectedDestinationNode = 1,
            });
            var rest = input;
            Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref rest, out _));
            Assert.Equal(frame.Length, rest.Length);
            Assert.True(kind == reader.Fault.Kind, $"{kind} expected: {reader.Fault.Describe()}");
            Assert.Contains(words, reader.Fault.Describe(), StringComparison.Ordinal);
        }
    }

    private static List<CommandHeader> Commands(DataModel model, int count, Random random)
    {
        List<CommandHeader> commands = [.. CompactSamples.RequestsAndReplies(model, 4, count)];
        for (var index = 0; index < count; index++)
        {
            commands[index] = random.Next(6) switch
            {
                0 => FrameSamples.Data(random, random.Next(40)),
                1 => FrameSamples.Plain(random),
                2 => FrameSamples.Unlike(random),
                _ => commands[index],
            };
        }

        return commands;
    }

    private sealed class ReusedOutput(int size) : IBufferWriter<byte>
    {
        public byte[] Buffer { get; } = new byte[size];

        public int Length { get; set; }

        public void Advance(int count) => Length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => Buffer.AsMemory(Length);

        public Span<byte> GetSpan(int sizeHint = 0) => Buffer.AsSpan(Length);
    }
}
