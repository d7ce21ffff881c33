using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.Protocol.Session;

public class SessionMessageTests
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);

    public static TheoryData<DataModel> Models => [DataModel.Lp64, DataModel.Ilp32];

    [Theory]
    [MemberData(nameof(Models))]
    public void Messages_survive_the_wire(DataModel model)
    {
        var numbers = model == DataModel.Lp64 ? Gen.ULong : Gen.UInt.Select(value => (ulong)value);
        Gen.Select(Gen.UInt, Gen.UInt, Gen.ULong, Gen.ULong, Gen.UInt, numbers).Sample((word, features, id, other, window, sequence) =>
        {
            var open = new SessionOpen(word, (SessionFeatures)features, new SessionId(id, other), word ^ 7, window, id ^ sequence, (word & 1) != 0);
            var header = OverTheWire(SessionMessage.Create(in open, 3, 4, Now), model);
            Assert.True(SessionMessage.TryRead(in header, out SessionOpen openRead));
            Assert.Equal(open, openRead);
            Assert.False(SessionMessage.TryRead(in header, out SessionAccept _));

            var challenge = new SessionChallenge(word, (SessionFeatures)features, new UInt128(id, other));
            header = OverTheWire(SessionMessage.Create(in challenge, 3, 4, Now), model);
            Assert.True(SessionMessage.TryRead(in header, out SessionChallenge challengeRead));
            Assert.Equal(challenge, challengeRead);

            var proof = new SessionProof(new UInt128(other, id), sequence);
            header = OverTheWire(SessionMessage.Create(in proof, 3, 4, Now), model);
            Assert.True(SessionMessage.TryRead(in header, out SessionProof proofRead));
            Assert.Equal(proof, proofRead);

            var accept = new SessionAccept(id, new UInt128(id, other), (features & 1) != 0, sequence);
            header = OverTheWire(SessionMessage.Create(in accept, 3, 4, Now), model);
            Assert.True(SessionMessage.TryRead(in header, out SessionAccept acceptRead));
            Assert.Equal(accept, acceptRead);

            header = OverTheWire(SessionMessage.CreateAcknowledgement(sequence, 3, 4, Now), model);
            Assert.True(SessionMessage.TryReadAcknowledgement(in header, out var delivered));
            Assert.Equal(sequence, delivered);
        });
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Refuse_survives_the_wire(DataModel model)
    {
        var refuse = new SessionRefuse(1, SessionRefuseReason.PayloadTooLarge, 65_536);
        var header = OverTheWire(SessionMessage.Create(in refuse, 3, 4, Now), model);
        Assert.True(SessionMessage.TryRead(in header, out SessionRefuse read));
        Assert.Equal(refuse, read);
        Assert.Contains("65536", read.Describe());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Content_lies_where_the_specification_puts_it(DataModel model)
    {
        var layout = WireLayout.For(model);
        var open = new SessionOpen(
            2, SessionFeatures.Sequence | SessionFeatures.Digest, new SessionId(0x1122334455667788, 0x99AABBCCDDEEFF00), 65_536, 4 << 20, 77 + (5ul << 32), false);
        var header = SessionMessage.Create(in open, 3, 4, Now);
        var bytes = new byte[layout.HeaderSize];
        layout.Write(bytes, in header);
        var body = bytes.AsSpan(model == DataModel.Lp64 ? 88 : 68);
        Assert.Equal(0, BinaryPrimitives.ReadInt32LittleEndian(bytes));
        Assert.Equal(-1, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)));
        Assert.Equal(0x6ace, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)));
        Assert.Equal(0x6ace, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12)));
        Assert.Equal(3, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16)));
        Assert.Equal(4, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(20)));
        Assert.Equal(0x0D50, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(model == DataModel.Lp64 ? 84 : 64)));
        Assert.Equal(2u, BinaryPrimitives.ReadUInt32LittleEndian(body));
        Assert.Equal(3u, BinaryPrimitives.ReadUInt32LittleEndian(body[4..]));
        Assert.Equal(0x1122334455667788ul, BinaryPrimitives.ReadUInt64LittleEndian(body[8..]));
        Assert.Equal(0x99AABBCCDDEEFF00ul, BinaryPrimitives.ReadUInt64LittleEndian(body[16..]));
        Assert.Equal(77, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(model == DataModel.Lp64 ? 48 : 44)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_reader_takes_every_session_message_as_a_control_frame_of_its_data_model(DataModel model)
    {
        var layout = WireLayout.For(model);
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout, ExpectedSourceNode = 3, ExpectedDestinationNode = 4 });
        foreach (var header in new[]
        {
            SessionMessage.Create(
                new SessionOpen(2, SessionFeatures.Sequence, new SessionId(ulong.MaxValue, ulong.MaxValue), 65_536, uint.MaxValue, ulong.MaxValue, true), 3, 4, Now),
            SessionMessage.Create(new SessionChallenge(2, SessionFeatures.Sequence, UInt128.MaxValue), 3, 4, Now),
            SessionMessage.Create(new SessionProof(UInt128.MaxValue, ulong.MaxValue), 3, 4, Now),
            SessionMessage.Create(new SessionAccept(ulong.MaxValue, UInt128.MaxValue, true, 12), 3, 4, Now),
            SessionMessage.Create(new SessionRefuse(1, SessionRefuseReason.WrongNode, ulong.MaxValue), 3, 4, Now),
            SessionMessage.CreateAcknowledgement(9, 3, 4, Now),
        })
        {
            var output = new ArrayBufferWriter<byte>();
            SessionMessage.WriteFrame(output, layout, in header);
            var input = new ReadOnlySequence<byte>(output.WrittenMemory);
            Assert.Equal(FrameStatus.Complete, reader.TryRead(ref input, out var frame));
            Assert.True(frame.IsControl);
        }
    }

    [Fact]
    public void Every_refusal_says_what_to_do()
    {
        foreach (var reason in Enum.GetValues<SessionRefuseReason>())
        {
            Assert.True(reason.Describe(1).Length > 30, reason.ToString());
        }

        Assert.Contains("sequence NO", SessionRefuseReason.OpenExpected.Describe(0));
        Assert.Contains("(77, detail 5)", ((SessionRefuseReason)77).Describe(5));
    }

    private static CommandHeader OverTheWire(in CommandHeader header, DataModel model)
    {
        var layout = WireLayout.For(model);
        var bytes = new byte[layout.HeaderSize];
        layout.Write(bytes, in header);
        layout.Read(bytes, out var read);
        return read;
    }
}
