using System.Buffers;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>What must not get through, each kind by name. Every case is tried in one piece and byte by byte.</summary>
public class HostileInputTests
{
    private const int Peer = 4;
    private const int Local = 1;

    public static TheoryData<DataModel> Models => [DataModel.Lp64, DataModel.Ilp32];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_truncated_header_or_payload_is_reported_when_the_connection_ends(DataModel model)
    {
        var layout = WireLayout.For(model);
        var frame = Encode(layout, Data(50), new byte[50]);
        for (var length = 0; length < frame.Length; length++)
        {
            using var reader = Reader(model);
            var input = new ReadOnlySequence<byte>(frame, 0, length);
            Assert.Equal(FrameStatus.NeedMoreData, reader.TryRead(ref input, out _));
            Assert.Equal(length, input.Length);
            Assert.Equal(length == 0, reader.EndsCleanly(input));
            if (length > 0)
            {
                Assert.Equal(FrameFaultKind.Truncated, reader.Fault.Kind);
                Assert.Contains(length < layout.HeaderSize ? "header" : "payload", reader.Fault.Describe(), StringComparison.Ordinal);
                Assert.Contains($"{length} of {(length < layout.HeaderSize ? layout.HeaderSize : frame.Length)} bytes", reader.Fault.Describe(), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void An_unknown_command(DataModel model)
    {
        foreach (var command in new[] { -1, 15, 0x1001, 0x2000, 0x200A, 0x200B, 0x200F, 0x4001, 0x12001, int.MinValue, int.MaxValue })
        {
            Refuse(model, Plain() with { Command = (CommandCode)command }, [], FrameFaultKind.UnknownCommand, $"c_cmd = {command} is not a command");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_length_beyond_the_limit(DataModel model)
    {
        foreach (var length in new[] { 65_537, 70_000, int.MaxValue, -1, int.MinValue })
        {
            Refuse(model, Data(0) with { PayloadLength = length }, [], FrameFaultKind.LengthOutOfRange, $"c_len = {length} is outside 0..65536");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_block_that_is_not_as_long_as_its_descriptor_says(DataModel model)
    {
        foreach (var length in new[] { 0, 9, 11, -1, int.MinValue, int.MaxValue })
        {
            var header = Data(10);
            header.Copy.Length = length;
            Refuse(model, header, new byte[10], FrameFaultKind.CopyLengthMismatch, $"c_vcopy.v_bytes = {length}, but the payload is 10 bytes long");
        }

        // Only a failed copy out has no block.
        Refuse(model, Data(10) with { PayloadLength = 0 }, [], FrameFaultKind.CopyLengthMismatch, "v_bytes = 10");
        Refuse(model, Data(10) with { PayloadLength = 0, Command = CommandCode.CopyOutData }, [], FrameFaultKind.CopyLengthMismatch, "v_bytes = 10");
        Accept(model, Data(10) with { PayloadLength = 0, Command = CommandCode.CopyOutData, ResultCode = -310 }, []);
        var compressed = Data(10) with { PayloadLength = 30, Flags = CommandFlags.Lz4 };
        foreach (var length in new[] { -1, 65_537, int.MaxValue })
        {
            compressed.Copy.Length = length;
            Refuse(model, compressed, new byte[30], FrameFaultKind.LengthOutOfRange, $"c_vcopy.v_bytes = {length} is outside 0..65536");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_payload_where_none_belongs(DataModel model)
    {
        foreach (var command in Enum.GetValues<CommandCode>().Where(code => code.IsKnown() && !code.CarriesPayload()))
        {
            var header = command == CommandCode.None
                ? ControlMessage.Hello(Peer, Local, default, model, new Timestamp(1_700_000_000, 1))
                : Plain() with { Command = command };
            Refuse(model, header with { PayloadLength = 5 }, new byte[5], FrameFaultKind.UnexpectedPayload, "c_len = 5");
            Refuse(model, header with { Flags = CommandFlags.Lz4 }, [], FrameFaultKind.FlagsNotAllowed, "c_flags = 0x2");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Flags_that_are_unknown_or_belong_to_a_session(DataModel model)
    {
        foreach (var flags in new uint[] { 0x8, 0x8000, 0x1_0000, 0x2_0000, 0x8000_0000, 0x4_0000 })
        {
            Refuse(model, Plain() with { Flags = (CommandFlags)flags }, [], FrameFaultKind.FlagsNotAllowed, $"0x{flags:x}");
        }

        Accept(model, Plain() with { Flags = CommandFlags.CheckHeader }, []);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_session_may_number_its_frames(DataModel model)
    {
        var layout = WireLayout.For(model);
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout, AllowSessionFlags = true });
        var input = new ReadOnlySequence<byte>(Encode(layout, Plain() with { Flags = CommandFlags.Sequenced, SendSequence = 12 }, []));
        Assert.Equal(FrameStatus.Complete, reader.TryRead(ref input, out var frame));
        Assert.Equal(CommandFlags.Sequenced, frame.WireHeader.Flags);
        Assert.Equal(12UL, frame.Command.SendSequence);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_batch_count_that_contradicts_the_length(DataModel model)
    {
        var layout = WireLayout.For(model);
        var size = layout.HeaderSize;
        var batch = Plain() with { Flags = CommandFlags.Batch };
        foreach (var (count, length) in new[] { (2, size), (1, 2 * size), (1, size - 1), (1, size + 1), (3, 0), (1, 1) })
        {
            Refuse(model, batch with { BatchCount = count, PayloadLength = length }, new byte[length], FrameFaultKind.BatchCountMismatch, $"c_batch_nr = {count}");
        }

        var most = WireLimits.MaxBatchCommands(layout);
        foreach (var count in new[] { 0, -1, most + 1, int.MaxValue, int.MinValue, int.MaxValue / size, (1 << 30) + 1 })
        {
            Refuse(model, batch with { BatchCount = count, PayloadLength = size }, new byte[size], FrameFaultKind.BatchCountMismatch, $"a batch holds 1 to {most}");
        }

        Refuse(model, Plain() with { BatchCount = 1 }, [], FrameFaultKind.BatchCountMismatch, "c_batch_nr = 1");
        Refuse(model, batch with { BatchCount = 1, Flags = CommandFlags.Batch | CommandFlags.Lz4 }, [], FrameFaultKind.BatchCountMismatch, "c_len of 0");
        foreach (var command in new[] { CommandCode.CopyInData, CommandCode.CopyOutData, CommandCode.CopyInRequest, CommandCode.None })
        {
            var header = command == CommandCode.None ? ControlMessage.Hello(Peer, Local, default, model, default) : Data(size);
            Refuse(model, header with { Command = command, Flags = CommandFlags.Batch, BatchCount = 1, PayloadLength = size }, new byte[size], FrameFaultKind.NotBatchable, "c_cmd");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_bad_command_anywhere_in_a_batch(DataModel model)
    {
        var layout = WireLayout.For(model);
        var cases = new (CommandHeader Header, FrameFaultKind Kind)[]
        {
            (Plain() with { Command = (CommandCode)99 }, FrameFaultKind.UnknownCommand),
            (Plain() with { Command = CommandCode.None }, FrameFaultKind.NotBatchable),
            (Data(0), FrameFaultKind.NotBatchable),
            (Plain() with { PayloadLength = 1 }, FrameFaultKind.UnexpectedPayload),
            (Plain() with { PayloadLength = -1 }, FrameFaultKind.UnexpectedPayload),
            (Plain() with { BatchCount = 1 }, FrameFaultKind.BatchCountMismatch),
            (Plain() with { Flags = CommandFlags.Batch }, FrameFaultKind.FlagsNotAllowed),
            (Plain() with { Flags = CommandFlags.Lz4 }, FrameFaultKind.FlagsNotAllowed),
            (Plain() with { SourceNode = 5 }, FrameFaultKind.WrongSourceNode),
            (Plain() with { DestinationNode = 2 }, FrameFaultKind.WrongDestinationNode),
        };
        foreach (var (bad, kind) in cases)
        {
            for (var place = 1; place <= 4; place++)
            {
                var payload = new byte[4 * layout.HeaderSize];
                for (var index = 1; index <= 4; index++)
                {
                    layout.Write(payload.AsSpan((index - 1) * layout.HeaderSize), index == place ? bad : Plain());
                }

                var outer = Plain() with { Flags = CommandFlags.Batch, BatchCount = 4, PayloadLength = payload.Length };
                Refuse(model, outer, payload, kind, $"batched command {place}: ");
                var packed = Compress(payload);
                Refuse(model, outer with { Flags = CommandFlags.Batch | CommandFlags.Lz4, PayloadLength = packed.Length }, packed, kind, $"batched command {place}: ");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_corrupt_compressed_block(DataModel model)
    {
        var packed = Compress(new byte[10_000]);
        var header = Data(10_000) with { Flags = CommandFlags.Lz4, PayloadLength = packed.Length };
        Accept(model, header, packed);
        var noise = new byte[packed.Length];
        new Random(1).NextBytes(noise);
        Refuse(model, header, noise, FrameFaultKind.CorruptCompression, "is not a valid LZ4 frame: it does not begin with the magic number");
        Refuse(model, header with { PayloadLength = packed.Length - 4 }, packed[..^4], FrameFaultKind.CorruptCompression, "it ends too early");
        Refuse(model, header with { PayloadLength = packed.Length + 1 }, [.. packed, 0], FrameFaultKind.CorruptCompression, "bytes follow its end");
        Refuse(model, header with { PayloadLength = 0 }, [], FrameFaultKind.CorruptCompression, "it ends too early");
        var other = header;
        other.Copy.Length = 10_001;
        Refuse(model, other, packed, FrameFaultKind.DecompressedTooShort, "decodes to 10000 bytes, but 10001 were announced");
        other.Copy.Length = 9_999;
        Refuse(model, other, packed, FrameFaultKind.DecompressedTooLong, "more than the 9999 bytes announced");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_bomb(DataModel model)
    {
        var bomb = Compress(new byte[4 << 20]);
        Assert.InRange(bomb.Length, 1, 65_536);
        Refuse(model, Data(65_536) with { Flags = CommandFlags.Lz4, PayloadLength = bomb.Length }, bomb, FrameFaultKind.DecompressedTooLong, "more than the 65536 bytes");
        var layout = WireLayout.For(model);
        var most = WireLimits.MaxBatchCommands(layout);
        var batch = Plain() with { Flags = CommandFlags.Lz4 | CommandFlags.Batch, BatchCount = most, PayloadLength = bomb.Length };
        Refuse(model, batch, bomb, FrameFaultKind.DecompressedTooLong, $"more than the {most * layout.HeaderSize} bytes");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_wrong_node_id(DataModel model)
    {
        foreach (var node in new[] { 5, 0, -1, int.MaxValue })
        {
            Refuse(model, Plain() with { SourceNode = node }, [], FrameFaultKind.WrongSourceNode, $"c_snode = {node}, but the peer is node 4");
            Refuse(model, Plain() with { DestinationNode = node }, [], FrameFaultKind.WrongDestinationNode, $"c_dnode = {node}, but this is node 1");
        }

        var hello = ControlMessage.Hello(5, Local, default, model, new Timestamp(1_700_000_000, 1));
        Refuse(model, hello, [], FrameFaultKind.WrongSourceNode, "c_snode = 5");
    }

    [Fact]
    public void Another_protocol_altogether()
    {
        var text = new byte[400];
        "GET / HTTP/1.1\r\nHost: node1\r\n"u8.CopyTo(text);
        using var reader = Reader(DataModel.Lp64);
        var input = new ReadOnlySequence<byte>(text);
        Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
        Assert.Equal(FrameFaultKind.UnknownCommand, reader.Fault.Kind);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_header_can_be_seen_before_anything_else(DataModel model)
    {
        var bytes = Encode(WireLayout.For(model), Plain(), []);
        Assert.False(FrameReader.TryPeekHeader(new ReadOnlySequence<byte>(bytes, 0, bytes.Length - 1), WireLayout.For(model), out _));
        Assert.True(FrameReader.TryPeekHeader(Piece.Every(bytes, 1), WireLayout.For(model), out var header));
        Assert.Equal(Peer, header.SourceNode);
        Assert.Equal(Plain().Message.Type, header.Message.Type);
    }

    [Fact]
    public void A_fault_of_every_kind_has_words()
    {
        foreach (var kind in Enum.GetValues<FrameFaultKind>())
        {
            var text = new FrameFault { Kind = kind, Field = "c_len", Value = 70_000, Expected = 65_536, Detail = "it must be" }.Describe();
            Assert.NotEqual(kind.ToString(), text);
            Assert.DoesNotContain("  ", text, StringComparison.Ordinal);
        }

        Assert.Equal("no fault", default(FrameFault).ToString());
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameReader(new FrameReaderOptions { MaxPayload = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameReader(new FrameReaderOptions { MaxPayload = (4 << 20) + 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameWriter(new FrameWriterOptions { MaxPayload = 0 }, new ArrayBufferWriter<byte>()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameWriter(new FrameWriterOptions { MaxBatchCommands = -1 }, new ArrayBufferWriter<byte>()));
    }

    private static void Refuse(DataModel model, CommandHeader header, byte[] payload, FrameFaultKind kind, string words)
    {
        var bytes = Encode(WireLayout.For(model), header, payload);
        foreach (var input in new[] { new ReadOnlySequence<byte>(bytes), Piece.Every(bytes, 1) })
        {
            using var reader = Reader(model);
            var rest = input;
            Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref rest, out _));
            Assert.Equal(bytes.Length, rest.Length);
            Assert.True(kind == reader.Fault.Kind, $"{kind} expected: {reader.Fault.Describe()}");
            Assert.Contains(words, reader.Fault.Describe(), StringComparison.Ordinal);
        }
    }

    private static void Accept(DataModel model, CommandHeader header, byte[] payload)
    {
        using var reader = Reader(model);
        var input = new ReadOnlySequence<byte>(Encode(WireLayout.For(model), header, payload));
        var status = reader.TryRead(ref input, out _);
        Assert.True(status == FrameStatus.Complete, reader.Fault.Describe());
        Assert.True(input.IsEmpty);
    }

    private static FrameReader Reader(DataModel model) => new(new FrameReaderOptions
    {
        Layout = WireLayout.For(model),
        ExpectedSourceNode = Peer,
        ExpectedDestinationNode = Local,
    });

    private static CommandHeader Plain()
    {
        var header = new CommandHeader
        {
            Command = CommandCode.SendMessage,
            DcId = 2,
            SourceEndpoint = 66,
            DestinationEndpoint = 3,
            SourceNode = Peer,
            DestinationNode = Local,
            Timestamp = new Timestamp(1_636_576_677, 196_467_744),
        };
        header.Message.Source = 66;
        header.Message.Type = 101;
        return header;
    }

    private static CommandHeader Data(int length)
    {
        var header = Plain() with { Command = CommandCode.CopyInData, PayloadLength = length };
        header.Copy.Length = length;
        return header;
    }

    private static byte[] Encode(WireLayout layout, CommandHeader header, byte[] payload)
    {
        var bytes = new byte[layout.HeaderSize + payload.Length];
        layout.Write(bytes, in header);
        payload.CopyTo(bytes.AsSpan(layout.HeaderSize));
        return bytes;
    }

    private static byte[] Compress(byte[] content)
    {
        var packed = new byte[content.Length];
        var length = Lz4FrameCodec.Instance.Compress(content, packed);
        Assert.NotEqual(0, length);
        return packed[..length];
    }
}
