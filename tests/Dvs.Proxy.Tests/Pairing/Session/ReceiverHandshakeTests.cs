using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Session;

public class ReceiverHandshakeTests
{
    private const SessionFeatures Sealed = SessionFeatures.Sequence | SessionFeatures.Digest | SessionFeatures.Secret;
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);
    private static readonly SessionId Id = new(1, 2);

    [Fact]
    public void Who_proves_itself_is_introduced()
    {
        var handshake = Create();
        var open = Handshakes.Open(Id, 9, features: SessionFeatures.Sequence | SessionFeatures.Digest | (SessionFeatures)0xF000_0000);
        var challenge = Challenge(handshake, open);
        Assert.Equal(SessionFeatures.Sequence | SessionFeatures.Digest, challenge.Features);
        var introduction = handshake.On(Proof(in open, in challenge), Now).Introduction;
        Assert.NotNull(introduction);
        Assert.Equal((open, challenge.Features), (introduction.Open, introduction.Features));
    }

    [Fact]
    public void Nothing_that_is_said_tells_a_stranger_of_a_session()
    {
        var handshake = Create();
        var reply = handshake.On(OpenHeader(Handshakes.Open(Id)), Now).Reply!.Value;
        Assert.True(SessionMessage.TryRead(in reply, out SessionChallenge challenge));
        var expected = SessionMessage.Create(in challenge, 4, 3, Now);
        Assert.Equal(expected.ToString(), reply.ToString());
        Assert.Equal(Convert.ToHexString(expected.Message.Body.ReadOnlyBytes), Convert.ToHexString(reply.Message.Body.ReadOnlyBytes));
        Assert.Equal((0ul, 0ul, 0), (reply.SendSequence, reply.AcknowledgeSequence, reply.Copy.Length));
    }

    [Fact]
    public void Every_challenge_is_another_so_that_a_recorded_proof_fits_none()
    {
        var open = Handshakes.Open(Id);
        var first = Create();
        var recorded = Proof(in open, Challenge(first, open));
        Assert.NotNull(first.On(in recorded, Now).Introduction);
        var second = Create();
        Challenge(second, open);
        var step = second.On(in recorded, Now);
        Assert.Null(step.Introduction);
        Assert.Equal(SessionRefuseReason.SecretMismatch, step.Reason);
        Assert.Contains("recorded", step.Problem);
    }

    [Fact]
    public void A_secret_has_to_be_proved_by_who_has_the_same()
    {
        var open = Handshakes.Open(Id, features: Sealed);
        var handshake = Create(secret: [1, 2, 3]);
        var challenge = Challenge(handshake, open);
        Assert.NotNull(handshake.On(Proof(in open, in challenge, secret: [1, 2, 3]), Now).Introduction);

        handshake = Create(secret: [1, 2, 3]);
        challenge = Challenge(handshake, open);
        var step = handshake.On(Proof(in open, in challenge, secret: [1, 2, 4]), Now);
        Assert.Equal(SessionRefuseReason.SecretMismatch, step.Reason);
        Assert.Contains("secrets for proxy node3 differ", step.Problem);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_secret_on_one_side_only_is_refused_in_words_that_say_so(bool isOurs)
    {
        var handshake = Create(secret: isOurs ? [1] : null);
        var step = handshake.On(OpenHeader(Handshakes.Open(Id, features: isOurs ? SessionFeatures.Sequence | SessionFeatures.Digest : Sealed)), Now);
        Assert.Equal(SessionRefuseReason.SecretMismatch, step.Reason);
        Assert.Contains("Set the same secret for proxy node3 on both nodes", step.Problem);
        Assert.True(SessionMessage.TryRead(step.Reply!.Value, out SessionRefuse refuse));
        Assert.Contains("secret", refuse.Describe());
    }

    [Theory]
    [InlineData(5, 4, 2u, 1u, 65_536u, 9ul, (int)SessionRefuseReason.WrongNode)]
    [InlineData(3, 6, 2u, 1u, 65_536u, 9ul, (int)SessionRefuseReason.WrongNode)]
    [InlineData(3, 4, 1u, 1u, 65_536u, 9ul, (int)SessionRefuseReason.WrongVersion)]
    [InlineData(3, 4, 2u, 2u, 65_536u, 9ul, (int)SessionRefuseReason.FeatureMismatch)]
    [InlineData(3, 4, 2u, 1u, 65_537u, 9ul, (int)SessionRefuseReason.PayloadTooLarge)]
    [InlineData(3, 4, 2u, 1u, 65_536u, 0ul, (int)SessionRefuseReason.ProtocolViolation)]
    public void Refuses_what_does_not_fit_and_says_why(int from, int to, uint version, uint features, uint payload, ulong id, int expected)
    {
        var open = new SessionOpen(version, (SessionFeatures)features, new SessionId(1, id), payload, 1 << 20, 1, false);
        var step = Create().On(SessionMessage.Create(in open, from, to, Now), Now);
        Assert.Equal((SessionRefuseReason)expected, step.Reason);
        Assert.NotNull(step.Problem);
        Assert.True(SessionMessage.TryRead(step.Reply!.Value, out SessionRefuse refuse));
        Assert.Equal(step.Reason, refuse.Reason);
    }

    [Theory]
    [InlineData(FrameDigestKind.None, SessionFeatures.Xxh128)]
    [InlineData(FrameDigestKind.Xxh128, SessionFeatures.Xxh128)]
    [InlineData(FrameDigestKind.Md5, SessionFeatures.None)]
    internal void The_kind_of_the_digest_is_the_better_one_unless_MD5_is_asked_for(FrameDigestKind digest, SessionFeatures kind)
    {
        const SessionFeatures Digests = SessionFeatures.Sequence | SessionFeatures.Digest;
        Assert.Equal(Digests | kind, Challenge(Create(digest: digest), Handshakes.Open(Id, features: Digests | SessionFeatures.Xxh128)).Features);
        Assert.Equal(Digests, Challenge(Create(digest: digest), Handshakes.Open(Id, features: Digests)).Features);
    }

    [Fact]
    public void Digests_can_be_insisted_on() =>
        Assert.Equal(SessionRefuseReason.FeatureMismatch, Create(digest: FrameDigestKind.Md5).On(OpenHeader(Handshakes.Open(Id)), Now).Reason);

    [Fact]
    public void A_classic_peer_is_told_the_key_to_change()
    {
        var command = new CommandHeader { Command = CommandCode.SendMessage, SourceNode = 3, DestinationNode = 4 };
        var step = Create().On(in command, Now);
        Assert.Contains("sequence NO for proxy node3", step.Problem);
        Assert.True(SessionMessage.TryRead(step.Reply!.Value, out SessionRefuse refuse));
        Assert.Equal(SessionRefuseReason.OpenExpected, refuse.Reason);
    }

    [Fact]
    public void Whatever_comes_in_place_of_the_proof_is_refused()
    {
        var open = Handshakes.Open(Id);
        foreach (var other in new[] { OpenHeader(open), SessionMessage.CreateAcknowledgement(1, 3, 4, Now), Proof(in open, default) })
        {
            var handshake = Create();
            Challenge(handshake, open);
            var step = handshake.On(in other, Now);
            Assert.Null(step.Introduction);
            Assert.NotEqual(SessionRefuseReason.None, step.Reason);
        }
    }

    private static ReceiverHandshake Create(byte[]? secret = null, FrameDigestKind digest = FrameDigestKind.None) => new(new ReceiverSessionOptions
    {
        Model = DataModel.Lp64,
        LocalNode = 4,
        PeerNode = 3,
        PeerName = "node3",
        ProcessId = 77,
        MaxPayload = 65_536,
        Digest = digest,
        Secret = secret,
    });

    private static CommandHeader OpenHeader(SessionOpen open) => SessionMessage.Create(in open, 3, 4, Now);

    private static SessionChallenge Challenge(ReceiverHandshake handshake, SessionOpen open)
    {
        var step = handshake.On(OpenHeader(open), Now);
        Assert.True(step.Reply is not null, step.Problem);
        Assert.True(SessionMessage.TryRead(step.Reply.Value, out SessionChallenge challenge), step.Problem);
        return challenge;
    }

    private static CommandHeader Proof(in SessionOpen open, in SessionChallenge challenge, byte[]? secret = null) =>
        SessionMessage.Create(new SessionProof(new SessionKeys(secret, 3, 4, in open, in challenge, 8).ProofMac, 8), 3, 4, Now);
}
