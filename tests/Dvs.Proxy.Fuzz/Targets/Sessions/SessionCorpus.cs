using System.Buffers;
using System.Buffers.Binary;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Fuzz.Targets.Frames;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Fuzz.Targets.Sessions;

/// <summary>What a well-behaved peer says: as a sender (OPEN, frames, resumed on further connections) and as a receiver (ACCEPT, ACK, REFUSE).</summary>
internal static class SessionCorpus
{
    public static readonly SessionId SessionId = new(0x1122_3344_5566_7788, 0x99AA_BBCC_DDEE_FF00);
    public static readonly UInt128 Nonce = 0x0A0B_0C0D_0E0F_1011;
    public const ulong ProcessId = 0x0102_0304_0506_0708;

    private static readonly Timestamp Now = new(1_700_000_000, 5_000);

    public static List<Seed> Make()
    {
        var random = new FuzzRandom(20211117, 0);
        var seeds = new List<Seed>();
        foreach (var model in new[] { DataModel.Lp64, DataModel.Ilp32 })
        {
            foreach (var digest in new[] { false, true })
            {
                for (var variant = 0; variant < 6; variant++)
                {
                    seeds.Add(FromSender(random, model, digest, variant));
                    seeds.Add(FromReceiver(model, digest, variant));
                }
            }
        }

        return seeds;
    }

    // Variants: connections, the sequence near its wrap, overlapping resends.
    private static Seed FromSender(FuzzRandom random, DataModel model, bool digest, int variant)
    {
        var layout = WireLayout.For(model);
        var first = variant % 2 == 0 ? 1UL : uint.MaxValue - 1;
        var connections = new List<byte[]>();
        var (resendFrom, next) = (first, first);
        for (var connection = 0; connection <= variant % 3; connection++)
        {
            var output = new ArrayBufferWriter<byte>();
            var options = new FrameWriterOptions
            {
                Layout = layout,
                Sequenced = true,
                Digest = digest ? FrameDigestKind.Md5 : FrameDigestKind.None,
                Compress = variant % 3 == 0,
                MaxBatchCommands = variant % 3 == 1 ? 3 : 0,
                FirstSequence = resendFrom,
            };
            using var writer = new FrameWriter(options, output);
            var open = new SessionOpen(
                SessionMessage.Version, Features(digest), SessionId, 65_536, 4096, connection == 0 ? first : next, connection > 0);
            SessionMessage.WriteFrame(output, layout, SessionMessage.Create(in open, SampleCommands.SourceNode, SampleCommands.DestinationNode, Now));
            SessionMessage.WriteFrame(
                output, layout, SessionMessage.Create(new SessionProof(0, 8), SampleCommands.SourceNode, SampleCommands.DestinationNode, Now));
            for (var command = 0; command < 5; command++)
            {
                var length = random.OneIn(2) ? random.Next(1, 200) : 0;
                var header = length > 0 ? SampleCommands.Data(random, length) : SampleCommands.Plain(random);
                writer.Append(in header, SampleCommands.Block(random, length));
            }

            writer.Complete();
            SessionMessage.WriteFrame(output, layout, SampleCommands.Control(random, model));
            next = writer.SendSequence;
            resendFrom = next - (ulong)(connection + 1);
            connections.Add(output.WrittenSpan.ToArray());
        }

        return Assemble(SessionInput.Options(model, attackSender: false, digest, atLeastOnce: false), connections, layout, "sender");
    }

    private static Seed FromReceiver(DataModel model, bool digest, int variant)
    {
        var layout = WireLayout.For(model);
        var connections = new List<byte[]>();
        for (var connection = 0; connection <= variant; connection++)
        {
            var output = new ArrayBufferWriter<byte>();
            if (variant == 5 && connection == 2)
            {
                var refuse = new SessionRefuse(SessionMessage.Version, SessionRefuseReason.WrongVersion, 7);
                Write(output, layout, SessionMessage.Create(in refuse, SampleCommands.DestinationNode, SampleCommands.SourceNode, Now));
            }
            else
            {
                // Known from the second connection on; a restart of the receiver in variant 4.
                var restarted = variant == 4 && connection > 2;
                var challenge = new SessionChallenge(SessionMessage.Version, Features(digest), Nonce);
                Write(output, layout, SessionMessage.Create(in challenge, SampleCommands.DestinationNode, SampleCommands.SourceNode, Now));
                var accept = new SessionAccept(
                    restarted ? ProcessId + 2 : ProcessId, 0, connection != 0 && !restarted, connection == 0 ? 0 : (ulong)(2 * connection));
                Write(output, layout, SessionMessage.Create(in accept, SampleCommands.DestinationNode, SampleCommands.SourceNode, Now));
                Write(output, layout, Acknowledge((ulong)(2 * connection) + 1));
                Write(output, layout, Acknowledge((ulong)(2 * connection) + 2));
            }

            connections.Add(output.WrittenSpan.ToArray());
        }

        return Assemble(SessionInput.Options(model, attackSender: true, digest, variant == 3), connections, layout, "receiver");
    }

    private static CommandHeader Acknowledge(ulong delivered) =>
        SessionMessage.CreateAcknowledgement(delivered, SampleCommands.DestinationNode, SampleCommands.SourceNode, Now);

    private static void Write(ArrayBufferWriter<byte> output, WireLayout layout, CommandHeader header) =>
        SessionMessage.WriteFrame(output, layout, in header);

    private static SessionFeatures Features(bool digest) =>
        SessionFeatures.Sequence | (digest ? SessionFeatures.Digest : SessionFeatures.None);

    private static Seed Assemble(byte options, List<byte[]> connections, WireLayout layout, string name)
    {
        var bytes = new List<byte> { options };
        var fields = new List<Field>();
        Span<byte> length = stackalloc byte[SessionInput.LengthBytes];
        foreach (var connection in connections)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)connection.Length);
            bytes.AddRange(length);
            fields.AddRange(HeaderFields.Find(connection, layout).Select(field => field with { Offset = field.Offset + bytes.Count }));
            bytes.AddRange(connection);
        }

        return new Seed([.. bytes], fields, name);
    }
}
