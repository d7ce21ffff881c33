using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.Protocol.Digests;

public class SessionKeysTests
{
    private static readonly SessionOpen Open = new(2, SessionFeatures.Sequence, new SessionId(1, 2), 65_536, 1 << 20, 3, true);
    private static readonly SessionChallenge Challenge = new(2, SessionFeatures.Sequence, 4);

    // Whatever one side changes, or somebody changes on the way, changes the proof.
    [Fact]
    public void The_proof_depends_on_everything_that_was_said()
    {
        var proofs = new[]
        {
            Keys(),
            Keys(secret: [1]), Keys(sender: 8), Keys(receiver: 8), Keys(nonce: 8),
            Keys(Open with { Version = 8 }), Keys(Open with { Features = SessionFeatures.Digest }), Keys(Open with { Id = new SessionId(8, 2) }),
            Keys(Open with { Id = new SessionId(1, 8) }), Keys(Open with { MaxPayload = 8 }), Keys(Open with { WindowBytes = 8 }),
            Keys(Open with { NextNumber = 8 }), Keys(Open with { NextNumber = 3 + (1ul << 32) }), Keys(Open with { IsEstablished = false }),
            Keys(challenge: Challenge with { Version = 8 }), Keys(challenge: Challenge with { Features = SessionFeatures.Digest }),
            Keys(challenge: Challenge with { Nonce = 8 }), Keys(challenge: Challenge with { Nonce = 4 + (UInt128.One << 100) }),
        };
        Assert.Equal(proofs.Length, proofs.Select(static keys => keys.ProofMac).Distinct().Count());
        Assert.Equal(proofs.Length, proofs.Select(static keys => keys.AcceptMac(1, true, 2)).Distinct().Count());
        Assert.Equal(proofs.Length, proofs.Select(static keys => Convert.ToHexString(keys.DeriveKey(FrameDigestUse.ControlToSender))).Distinct().Count());
        Assert.Equal(Keys().ProofMac, Keys().ProofMac);
    }

    [Fact]
    public void An_accept_is_authenticated_with_all_it_says()
    {
        var keys = Keys();
        UInt128[] macs = [keys.AcceptMac(1, true, 2), keys.AcceptMac(8, true, 2), keys.AcceptMac(1, false, 2), keys.AcceptMac(1, true, 8), keys.ProofMac];
        Assert.Equal(macs.Length, macs.Distinct().Count());
    }

    // Frames are sent again on later connections, and in later sessions, as they are.
    [Fact]
    public void The_key_of_commands_is_the_senders_and_those_of_controls_the_connections()
    {
        var (one, other) = (Keys(secret: [1]), Keys(Open with { Id = new SessionId(1, 8) }, secret: [1], nonce: 8));
        Assert.Equal(one.DeriveKey(FrameDigestUse.Commands), other.DeriveKey(FrameDigestUse.Commands));
        Assert.NotEqual(one.DeriveKey(FrameDigestUse.ControlToReceiver), other.DeriveKey(FrameDigestUse.ControlToReceiver));
        Assert.NotEqual(one.DeriveKey(FrameDigestUse.ControlToReceiver), one.DeriveKey(FrameDigestUse.ControlToSender));
        Assert.NotEqual(one.DeriveKey(FrameDigestUse.Commands), Keys(Open with { Id = new SessionId(8, 2) }, secret: [1]).DeriveKey(FrameDigestUse.Commands));
        Assert.NotEqual(one.DeriveKey(FrameDigestUse.Commands), Keys(secret: [2]).DeriveKey(FrameDigestUse.Commands));
        Assert.Equal(one.DeriveKey(FrameDigestUse.Commands), SessionKeys.DeriveCommandKey([1], 1, 0, 1));
        Assert.Equal(32, one.DeriveKey(FrameDigestUse.Commands).Length);
    }

    [Fact]
    public void Macs_are_compared_whole()
    {
        Assert.True(SessionKeys.AreEqual(UInt128.MaxValue, UInt128.MaxValue));
        Assert.False(SessionKeys.AreEqual(UInt128.Zero, UInt128.One));
        Assert.False(SessionKeys.AreEqual(UInt128.Zero, UInt128.One << 127));
    }

    private static SessionKeys Keys(
        SessionOpen? open = null, SessionChallenge? challenge = null, byte[]? secret = null, int sender = 0, int receiver = 1, ulong nonce = 5)
    {
        var (said, asked) = (open ?? Open, challenge ?? Challenge);
        return new SessionKeys(secret, sender, receiver, in said, in asked, nonce);
    }
}
