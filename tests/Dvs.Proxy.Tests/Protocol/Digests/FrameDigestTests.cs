using System.Buffers;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.Protocol.Frames;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Protocol.Digests;

/// <summary>The digest covers all of every frame: header, payload and itself.</summary>
public class FrameDigestTests
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);
    private static readonly byte[] CommandKey = [.. Enumerable.Range(0, 32).Select(static index => (byte)index)];
    private static readonly byte[] ControlKey = [.. Enumerable.Range(32, 32).Select(static index => (byte)index)];

    public static TheoryData<DataModel, string, string> Frames()
    {
        var data = new TheoryData<DataModel, string, string>();
        foreach (var model in new[] { DataModel.Lp64, DataModel.Ilp32 })
        {
            foreach (var digest in new[] { "md5", "xxh128", "gmac" })
            {
                foreach (var kind in new[] { "command", "batch", "packed batch", "block", "packed block", "hello", "refuse", "acknowledgement" })
                {
                    data.Add(model, digest, kind);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void Every_flipped_bit_of_every_kind_of_frame_is_noticed(DataModel model, string digest, string kind)
    {
        var frame = Make(model, digest, kind);

        // A longer length is noticed when so many bytes have come.
        var bytes = new byte[frame.Length + (2 * WireLimits.DefaultMaxPayload)];
        frame.CopyTo(bytes, 0);
        Assert.Equal(FrameStatus.Complete, Read(model, digest, bytes).Status);
        for (var bit = 0; bit < frame.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            var (status, fault) = Read(model, digest, bytes);
            Assert.True(status == FrameStatus.Malformed, $"bit {bit % 8} of byte {bit / 8} is not noticed: {status}");
            Assert.False(digest == "gmac" && fault.IsPayloadFault && fault.Kind == FrameFaultKind.DigestMismatch, "nobody acts upon a frame that may be forged");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void Input_in_pieces_is_verified_too(DataModel model, string digest, string kind)
    {
        var frame = Make(model, digest, kind);
        foreach (var cut in new[] { 1, frame.Length / 2, frame.Length - 1 })
        {
            using var reader = Reader(model, digest);
            var input = Piece.Cut(frame, cut);
            Assert.Equal(FrameStatus.Complete, reader.TryRead(ref input, out _));
            var damaged = frame.ToArray();
            damaged[32] ^= 0x40; // c_pid, which no rule limits
            using var second = Reader(model, digest);
            input = Piece.Cut(damaged, cut);
            Assert.Equal(FrameStatus.Malformed, second.TryRead(ref input, out _));
            Assert.Equal(FrameFaultKind.DigestMismatch, second.Fault.Kind);
        }
    }

    // Frames are kept through connections that agree on other digests, and sent again as they are.
    [Fact]
    public void A_frame_says_itself_which_digest_it_has()
    {
        using var reader = new FrameReader(new FrameReaderOptions { AllowSessionFlags = true });
        reader.RequireDigest(FrameVerifier.CreateUnkeyed(DataModel.Lp64));
        var input = new ReadOnlySequence<byte>([.. Make(DataModel.Lp64, "xxh128", "batch"), .. Make(DataModel.Lp64, "md5", "block"), .. Make(DataModel.Lp64, "xxh128", "hello")]);
        var flags = new List<CommandFlags>();
        while (reader.TryRead(ref input, out var frame) == FrameStatus.Complete)
        {
            flags.Add(frame.WireFlags & (CommandFlags.Digest | CommandFlags.Xxh128));
        }

        Assert.Equal([CommandFlags.Digest | CommandFlags.Xxh128, CommandFlags.Digest, CommandFlags.Digest | CommandFlags.Xxh128], flags);
        Assert.True(input.IsEmpty);
    }

    [Theory]
    [InlineData(CommandFlags.Xxh128)]
    [InlineData(CommandFlags.Xxh128 | CommandFlags.Sequenced)]
    public void A_kind_of_digest_without_a_digest_is_refused(CommandFlags flags)
    {
        var header = Command(new Random(1), 0) with { Flags = flags };
        var bytes = new byte[WireLayout.Lp64.HeaderSize];
        WireLayout.Lp64.Write(bytes, in header);
        using var reader = new FrameReader(new FrameReaderOptions { AllowSessionFlags = true });
        var input = new ReadOnlySequence<byte>(bytes);
        Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
        Assert.Equal((FrameFaultKind.FlagsNotAllowed, (long)flags), (reader.Fault.Kind, reader.Fault.Value));
    }

    [Theory]
    [InlineData("session-lp64-md5", "classic-lp64-plain", 0, 1u, "md5")]
    [InlineData("session-lp64-batch-md5", "classic-lp64-batch", 390, 1u, "md5")]
    [InlineData("session-lp64-xxh128", "classic-lp64-plain", 0, 1u, "xxh128")]
    [InlineData("session-lp64-batch-xxh128", "classic-lp64-batch", 390, 1u, "xxh128")]
    [InlineData("session-lp64-batch-gmac", "classic-lp64-batch", 390, 1u, "gmac")]
    [InlineData("session-ilp32-gmac", "transcribed-ilp32-plain", 0, 0xFFFF_FFFEu, "gmac")]
    public void Frames_are_those_of_another_implementation(string name, string classic, int maxBatch, uint first, string digest)
    {
        var layout = Vectors.LayoutOf(name);
        using var commands = Commands(digest);
        using var controls = Controls(digest);
        using var source = new FrameReader(new FrameReaderOptions { Layout = layout });
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = layout, MaxBatchCommands = maxBatch, Sequenced = true, Digest = FrameDigestKind.Md5, FirstSequence = first }, output);
        writer.Digest = commands.Digest;
        var controlWriter = new ControlMessageWriter(layout);
        controlWriter.Begin(controls.Digest);
        var input = new ReadOnlySequence<byte>(Vectors.Bytes(classic));
        var frames = 0;
        while (source.TryRead(ref input, out var frame) == FrameStatus.Complete)
        {
            frames++;
            if (frame.IsControl)
            {
                writer.Complete();
                controlWriter.Write(output, frame.WireHeader with { SendSequence = 0, AcknowledgeSequence = 0 });
                continue;
            }

            writer.Append(in frame.Command, frame.Payload);
            foreach (ref readonly var command in frame.GetBatch())
            {
                writer.Append(in command, default);
            }
        }

        writer.Complete();
        var expected = Vectors.Bytes(name);
        Assert.Equal<byte>(expected, output.WrittenSpan);

        using var reader = Reader(layout.DataModel, digest, first, checkNodes: false);
        input = new ReadOnlySequence<byte>(expected);
        while (!input.IsEmpty)
        {
            Assert.True(reader.TryRead(ref input, out _) == FrameStatus.Complete, reader.Fault.Describe());
            frames--;
        }

        Assert.Equal(0, frames);
    }

    [Fact]
    public void A_frame_without_the_digest_that_was_agreed_is_refused()
    {
        var output = new ArrayBufferWriter<byte>();
        var message = ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now);
        SessionMessage.WriteFrame(output, WireLayout.Lp64, in message);
        using var reader = Reader(DataModel.Lp64, "md5");
        var input = new ReadOnlySequence<byte>(output.WrittenMemory);
        Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
        Assert.Equal(FrameFaultKind.DigestMissing, reader.Fault.Kind);
        Assert.Contains("no digest", reader.Fault.Describe());

        using var user = new FrameReader(new FrameReaderOptions { AllowSessionFlags = true, RequireDigest = true });
        Assert.Equal(FrameStatus.Malformed, user.TryRead(ref input, out _));
        Assert.Equal(FrameFaultKind.DigestMissing, user.Fault.Kind);
    }

    [Fact]
    public void A_keyed_frame_fits_no_other_key_use_or_number()
    {
        var frame = new byte[168];
        Span<byte> digest = stackalloc byte[WireLimits.DigestSize];
        using var maker = new AesGmacFrameDigest(CommandKey, FrameDigestUse.Commands);
        maker.Compute(frame, 7, digest);
        Assert.True(maker.Verify(frame, 7, digest));
        Assert.False(maker.Verify(frame, 8, digest));
        Assert.False(maker.Verify(frame, 7 + (1ul << 32), digest));
        using var otherUse = new AesGmacFrameDigest(CommandKey, FrameDigestUse.ControlToSender);
        Assert.False(otherUse.Verify(frame, 7, digest));
        using var otherKey = new AesGmacFrameDigest(ControlKey, FrameDigestUse.Commands);
        Assert.False(otherKey.Verify(frame, 7, digest));
    }

    [Fact]
    public void A_control_message_that_is_repeated_or_left_out_does_not_fit()
    {
        var frames = new List<byte[]>();
        using var controls = Controls("gmac");
        var writer = new ControlMessageWriter(WireLayout.Lp64);
        writer.Begin(controls.Digest);
        for (var number = 0; number < 3; number++)
        {
            var output = new ArrayBufferWriter<byte>();
            writer.Write(output, SessionMessage.CreateAcknowledgement(9, 3, 4, Now));
            frames.Add(output.WrittenSpan.ToArray());
        }

        Assert.Equal(FrameStatus.Complete, Read(DataModel.Lp64, "gmac", [.. frames[0], .. frames[1]]).Status);
        Assert.Equal(FrameStatus.Malformed, Read(DataModel.Lp64, "gmac", [.. frames[0], .. frames[0]], 2).Status);
        Assert.Equal(FrameStatus.Malformed, Read(DataModel.Lp64, "gmac", [.. frames[0], .. frames[2]], 2).Status);
    }

    [Fact]
    public void A_control_message_is_not_made_with_the_key_of_commands()
    {
        using var commands = Commands("gmac");
        using var writer = new FrameWriter(new FrameWriterOptions { Sequenced = true, Digest = FrameDigestKind.Md5 }, new ArrayBufferWriter<byte>()) { Digest = commands.Digest };
        var hello = ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now);
        Assert.Throws<ArgumentException>(() => writer.Write(in hello, default));
    }

    [Theory]
    [InlineData(DataModel.Lp64, 390)]
    [InlineData(DataModel.Lp64, 1)]
    [InlineData(DataModel.Lp64, 0)]
    [InlineData(DataModel.Ilp32, 546)]
    public void The_largest_turn_fits_exactly_into_the_room_that_is_asked_for(DataModel model, int maxBatch)
    {
        var options = new FrameWriterOptions
        {
            Layout = WireLayout.For(model),
            MaxBatchCommands = maxBatch,
            Sequenced = true,
            Digest = FrameDigestKind.Md5,
        };
        var output = new ExactOutput(FrameWriter.LargestRoomOf(options));
        using var writer = new FrameWriter(options, output);
        var random = new Random(1);
        for (var commands = 0; commands < maxBatch; commands++)
        {
            writer.Append(Command(random, 0), default);
        }

        var block = new byte[WireLimits.DefaultMaxPayload];
        random.NextBytes(block);
        writer.Append(Command(random, block.Length), block);
        writer.Complete();
        Assert.Equal(maxBatch == 0 ? writer.LargestRoom - WireLimits.DigestSize : writer.LargestRoom, output.Length);
        var status = Read(model, "md5", output.Written, frames: maxBatch == 0 ? 1 : 2).Status;
        Assert.Equal(FrameStatus.Complete, status);
    }

    [Theory]
    [InlineData("md5")]
    [InlineData("xxh128")]
    [InlineData("gmac")]
    public void Digests_allocate_nothing(string digest)
    {
        using var commands = Commands(digest);
        using var controls = Controls(digest);
        var output = new ExactOutput(1 << 18);
        using var writer = new FrameWriter(new FrameWriterOptions { Sequenced = true, Digest = FrameDigestKind.Md5, MaxBatchCommands = 10 }, output) { Digest = commands.Digest };
        var controlWriter = new ControlMessageWriter(WireLayout.Lp64);
        controlWriter.Begin(controls.Digest);
        using var reader = Reader(DataModel.Lp64, digest);
        var random = new Random(1);
        var block = new byte[3000];
        var data = Command(random, block.Length);
        var message = Command(random, 0);
        var hello = ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now);
        Turn(100);

        Assert.Equal(0, Allocations.Least(() => Turn(1000)));

        void Turn(int times)
        {
            for (var time = 0; time < times; time++)
            {
                output.Clear();
                writer.Append(in message, default);
                writer.Append(in message, default);
                writer.Append(in data, block);
                writer.Complete();
                controlWriter.Write(output, in hello);
                var input = new ReadOnlySequence<byte>(output.Buffer, 0, output.Length);
                while (!input.IsEmpty)
                {
                    if (reader.TryRead(ref input, out _) != FrameStatus.Complete)
                    {
                        throw new InvalidOperationException(reader.Fault.Describe());
                    }
                }
            }
        }
    }

    private static (FrameStatus Status, FrameFault Fault) Read(DataModel model, string digest, byte[] bytes, int frames = 1)
    {
        using var reader = Reader(model, digest);
        var input = new ReadOnlySequence<byte>(bytes);
        var status = FrameStatus.Complete;
        for (; frames > 0 && status == FrameStatus.Complete; frames--)
        {
            status = reader.TryRead(ref input, out _);
        }

        return (status, reader.Fault);
    }

    private static FrameReader Reader(DataModel model, string digest, ulong first = 1, bool checkNodes = true)
    {
        var reader = new FrameReader(new FrameReaderOptions
        {
            Layout = WireLayout.For(model),
            AllowSessionFlags = true,
            ExpectedSourceNode = checkNodes ? 3 : null,
            ExpectedDestinationNode = checkNodes ? 4 : null,
        });
        reader.RequireDigest(new FrameVerifier(model, Commands(digest).Digest, Controls(digest).Digest, first));
        return reader;
    }

    private static Owned Commands(string digest) => Create(digest, CommandKey, FrameDigestUse.Commands);

    private static Owned Controls(string digest) => Create(digest, ControlKey, FrameDigestUse.ControlToReceiver);

    private static Owned Create(string digest, byte[] key, FrameDigestUse use) => new(digest switch
    {
        "gmac" => new AesGmacFrameDigest(key, use),
        "xxh128" => Xxh128FrameDigest.Instance,
        _ => Md5FrameDigest.Instance,
    });

    private static byte[] Make(DataModel model, string digest, string kind)
    {
        var output = new ArrayBufferWriter<byte>();
        var random = new Random(1);
        if (kind is "hello" or "refuse" or "acknowledgement")
        {
            using var controls = Controls(digest);
            var control = new ControlMessageWriter(WireLayout.For(model));
            control.Begin(controls.Digest);
            control.Write(output, kind switch
            {
                "hello" => ControlMessage.Hello(3, 4, new LoadReport(50, LoadLevel.Busy, 30), model, Now),
                "refuse" => SessionMessage.Create(new SessionRefuse(SessionMessage.Version, SessionRefuseReason.WrongNode, 5), 3, 4, Now),
                _ => SessionMessage.CreateAcknowledgement(77, 3, 4, Now),
            });
            return output.WrittenSpan.ToArray();
        }

        using var commands = Commands(digest);
        using var writer = new FrameWriter(new FrameWriterOptions
        {
            Layout = WireLayout.For(model),
            Sequenced = true,
            Digest = FrameDigestKind.Md5,
            Compress = kind.StartsWith("packed", StringComparison.Ordinal),
            MaxBatchCommands = 5,
            FirstSequence = 41,
        }, output)
        {
            Digest = commands.Digest,
        };
        if (kind.EndsWith("block", StringComparison.Ordinal))
        {
            writer.Append(Command(random, 300), new byte[300]);
        }
        else
        {
            for (var index = 0; index < (kind == "command" ? 1 : 3); index++)
            {
                writer.Append(Command(random, 0), default);
            }
        }

        writer.Complete();
        return output.WrittenSpan.ToArray();
    }

    private static CommandHeader Command(Random random, int block)
    {
        var header = ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now);
        header.Command = block == 0 ? CommandCode.SendMessage : CommandCode.CopyInData;
        header.DcId = 0;
        header.SourceEndpoint = 10;
        header.DestinationEndpoint = 11;
        header.Message.Source = 10;
        header.ProcessId = random.Next(1, 1 << 20);
        header.PayloadLength = header.Copy.Length = block;
        return header;
    }

    /// <summary>A digest that goes with its user.</summary>
    private sealed record Owned(IFrameDigest Digest) : IDisposable
    {
        public void Dispose() => (Digest as IDisposable)?.Dispose();
    }

    /// <summary>An output that has not a byte more than it was made with.</summary>
    private sealed class ExactOutput(int size) : IBufferWriter<byte>
    {
        public byte[] Buffer { get; } = new byte[size];

        public int Length { get; private set; }

        public byte[] Written => Buffer[..Length];

        public void Clear() => Length = 0;

        public void Advance(int count) => Length = Length + count <= size ? Length + count : throw new InvalidOperationException("beyond the room");

        public Memory<byte> GetMemory(int sizeHint = 0) =>
            size - Length >= sizeHint ? Buffer.AsMemory(Length) : Buffer.AsMemory(Length, size - Length);

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
