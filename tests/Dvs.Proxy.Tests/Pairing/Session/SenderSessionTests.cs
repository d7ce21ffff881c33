using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Session;

public sealed class SenderSessionTests : IDisposable
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);
    private readonly SenderSession _session = Create();

    [Fact]
    public void The_first_open_offers_what_is_configured()
    {
        using var session = Create(digest: FrameDigestKind.Xxh128, secret: new byte[16]);
        var header = session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        var all = SessionFeatures.Sequence | SessionFeatures.Digest | SessionFeatures.Secret;
        Assert.Equal(new SessionOpen(2, all, session.Id, 65_536, 1 << 20, 1, false), open);
        Assert.True(open.Id.IsValid);
        Assert.False(session.IsOpen);
    }

    [Theory]
    [InlineData(FrameDigestKind.None, SessionFeatures.Sequence, SessionFeatures.Sequence)]
    [InlineData(FrameDigestKind.Md5, SessionFeatures.Sequence | SessionFeatures.Digest, SessionFeatures.Sequence | SessionFeatures.Digest)]
    [InlineData(
        FrameDigestKind.Xxh128, SessionFeatures.Sequence | SessionFeatures.Digest | SessionFeatures.Xxh128, SessionFeatures.Sequence | SessionFeatures.Digest)]
    internal void What_the_peer_may_leave_out_is_only_the_kind_of_the_digest(FrameDigestKind digest, SessionFeatures offered, SessionFeatures needed)
    {
        using var session = Create(digest: digest);
        var header = session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        Assert.Equal(offered, open.Features);
        foreach (var agreed in Enumerable.Range(0, 16).Select(static bits => (SessionFeatures)bits))
        {
            session.OnDisconnected();
            session.CreateOpen(Now);
            var problem = session.OnChallenge(SessionMessage.Create(new SessionChallenge(2, agreed, 1), 4, 3, Now), Now, out _);
            Assert.Equal((agreed & ~offered) == 0 && (agreed & needed) == needed, problem is null);
            Assert.Equal(problem is null ? agreed : SessionFeatures.None, session.Features);
        }
    }

    [Fact]
    public void Compact_batches_are_left_out_only_while_nothing_is_kept_that_may_be_one()
    {
        const SessionFeatures Compact = SessionFeatures.Sequence | SessionFeatures.CompactBatches;
        using var session = Create(compact: true);
        Assert.Equal(AcceptOutcome.NewSession, Open(Compact).Outcome);
        session.OnDisconnected();
        Assert.Equal(AcceptOutcome.Resume, Open(SessionFeatures.Sequence).Outcome);
        Assert.Equal(SessionFeatures.Sequence, session.Features);

        session.Window.GetRoom(100);
        session.Window.Append(10, 1, isNumbered: true);
        session.OnDisconnected();
        Assert.Contains("CompactBatches", Challenge(SessionFeatures.Sequence));
        session.OnDisconnected();
        Assert.Equal(AcceptOutcome.Resume, Open(Compact).Outcome);

        string? Challenge(SessionFeatures agreed)
        {
            session.CreateOpen(Now);
            return session.OnChallenge(SessionMessage.Create(new SessionChallenge(2, agreed, 1), 4, 3, Now), Now, out _);
        }

        AcceptDecision Open(SessionFeatures agreed)
        {
            Assert.Null(Challenge(agreed));
            var mac = session.Keys!.AcceptMac(7, session.ToString().Contains("established", StringComparison.Ordinal), 0);
            return session.OnAccept(Accept(7, session.ToString().Contains("established", StringComparison.Ordinal), 0, mac));
        }
    }

    [Fact]
    public void Two_senders_have_two_sessions()
    {
        using var other = Create();
        Assert.NotEqual(other.Id.Process, _session.Id.Process);
        Assert.NotEqual(other.Id.Number, _session.Id.Number);
    }

    [Fact]
    public void A_peer_that_does_not_know_ours_takes_it_as_new()
    {
        Assert.Equal(AcceptOutcome.NewSession, Answer(process: 7, isKnown: false, delivered: 0).Outcome);
        Assert.True(_session.IsOpen);
        Assert.Equal(SessionFeatures.Sequence, _session.Features);
    }

    // The ACCEPT before was lost on the way.
    [Fact]
    public void A_peer_that_knows_ours_although_we_heard_of_no_accept_takes_all()
    {
        Put(2);
        Assert.Equal(AcceptOutcome.NewSession, Answer(process: 7, isKnown: true, delivered: 0).Outcome);
        Assert.Equal(2, _session.Window.Kept.Frames);
        Assert.True(_session.Window.TryTakeUnsent(out _));
    }

    [Fact]
    public void A_peer_that_knows_ours_gets_only_what_is_missing()
    {
        OpenNew(process: 7);
        Send(5);
        Assert.True(_session.TryAcknowledge(2, out _));
        _session.OnDisconnected();
        var header = _session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        Assert.Equal((6ul, true), (open.NextNumber, open.IsEstablished));
        var decision = Answer(process: 7, isKnown: true, delivered: 4);
        Assert.Equal(AcceptOutcome.Resume, decision.Outcome);
        Assert.Equal(1, decision.Resent.Frames);
        Assert.Equal(5ul, _session.Window.OldestSequence);
        Assert.True(_session.Window.TryTakeUnsent(out _));
    }

    [Fact]
    public void Only_what_was_sent_before_counts_as_sent_again()
    {
        OpenNew(process: 7);
        Send(2);
        _session.OnDisconnected();
        Put(3);
        Answer(process: 7, isKnown: true, delivered: 0);
        Send(0);
        Assert.Equal(2, _session.Window.Retransmitted.Frames);
    }

    [Fact]
    public void A_restarted_peer_leaves_what_was_sent_unknown_and_what_was_not_sent_safe()
    {
        OpenNew(process: 7);
        Send(5);
        Put(2);
        Assert.True(_session.TryAcknowledge(1, out _));
        var before = _session.Id;
        _session.OnDisconnected();
        var decision = Answer(process: 8, isKnown: false, delivered: 0);
        Assert.Equal((AcceptOutcome.Renew, SessionLoss.PeerRestarted), (decision.Outcome, decision.Loss));
        Assert.Equal((4, 4), (decision.UnknownFate.Frames, decision.UnknownFate.Commands));
        Assert.Equal(before.Process, _session.Id.Process);
        Assert.NotEqual(before.Number, _session.Id.Number);
        Assert.False(_session.IsOpen);

        var header = _session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        Assert.Equal((_session.Id, 6ul, false), (open.Id, open.NextNumber, open.IsEstablished));
        Assert.Equal(AcceptOutcome.NewSession, Answer(process: 8, isKnown: false, delivered: 5).Outcome);
        Assert.Equal(2, _session.Window.Kept.Frames);
    }

    [Fact]
    public void At_least_once_keeps_what_is_unknown_and_opens_from_the_oldest()
    {
        using var session = Create(atLeastOnce: true);
        OpenNew(7, session);
        Send(3, session);
        session.OnDisconnected();
        var decision = Answer(8, false, 0, session);
        Assert.Equal(AcceptOutcome.Renew, decision.Outcome);
        Assert.Equal(3, decision.PossiblyRepeated.Frames);
        Assert.Equal(default, decision.UnknownFate);
        var header = session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        Assert.Equal(1ul, open.NextNumber);
        Assert.Equal(3, Answer(8, false, 0, session).Resent.Frames);
    }

    // Its process is the same, so it has not lost what it delivered; but what that was, it cannot tell any more.
    [Fact]
    public void A_peer_that_forgot_the_session_leaves_what_was_sent_unknown()
    {
        OpenNew(process: 7);
        Send(5);
        Assert.True(_session.TryAcknowledge(3, out _));
        _session.OnDisconnected();
        var decision = Answer(process: 7, isKnown: false, delivered: 0);
        Assert.Equal((AcceptOutcome.Renew, SessionLoss.PeerForgot, 2), (decision.Outcome, decision.Loss, decision.UnknownFate.Commands));
        Assert.Contains("does not remember", decision.Problem);
        Assert.Equal(AcceptOutcome.NewSession, Answer(process: 7, isKnown: false, delivered: 5).Outcome);
    }

    [Fact]
    public void A_session_that_another_process_claims_to_know_is_lost_all_the_same()
    {
        OpenNew(process: 7);
        Send(2);
        _session.OnDisconnected();
        var decision = Answer(process: 8, isKnown: true, delivered: 2);
        Assert.Equal((AcceptOutcome.Renew, SessionLoss.PeerRestarted, 2), (decision.Outcome, decision.Loss, decision.UnknownFate.Commands));
    }

    // The wedge: an acknowledgement with a flipped bit, still within what was sent, then a cut.
    [Fact]
    public void An_accept_behind_what_was_acknowledged_ends_the_session_and_not_the_pair()
    {
        OpenNew(process: 7);
        Send(20);
        Assert.True(_session.TryAcknowledge(14, out _));
        _session.OnDisconnected();
        var decision = Answer(process: 7, isKnown: true, delivered: 12);
        Assert.Equal((AcceptOutcome.Renew, SessionLoss.Contradiction), (decision.Outcome, decision.Loss));
        Assert.Equal((2, 2), (decision.UnknownFate.Frames, decision.UnknownFate.Commands));
        Assert.Contains("frame 12", decision.Problem);
        Assert.Contains("up to 14", decision.Problem);

        // The peer says that it has not got the others, so they are not lost.
        Assert.Equal(6, _session.Window.Kept.Frames);
        Assert.Equal(AcceptOutcome.NewSession, Answer(process: 7, isKnown: false, delivered: 14).Outcome);
        Send(0);
        Assert.True(_session.TryAcknowledge(20, out _));
    }

    [Theory]
    [InlineData(4ul)]
    [InlineData(ulong.MaxValue)]
    public void An_accept_beyond_what_was_sent_or_made_up_ends_the_session_and_not_the_pair(ulong delivered)
    {
        OpenNew(process: 7);
        Send(3);
        Put(1);
        Assert.True(_session.TryAcknowledge(2, out _));
        _session.OnDisconnected();
        var decision = Answer(process: 7, isKnown: true, delivered);
        Assert.Equal((AcceptOutcome.Renew, SessionLoss.Contradiction), (decision.Outcome, decision.Loss));
        Assert.True(decision.UnknownFate.Commands is 1 or 2, decision.ToString());
        Assert.Equal(AcceptOutcome.NewSession, Answer(process: 7, isKnown: false, _session.Window.OldestSequence - 1).Outcome);
    }

    [Fact]
    public void A_new_session_that_does_not_begin_where_ours_does_is_none()
    {
        var decision = Answer(process: 7, isKnown: false, delivered: 5);
        Assert.Equal((AcceptOutcome.Renew, default), (decision.Outcome, decision.UnknownFate));
        Assert.Equal(AcceptOutcome.NewSession, Answer(process: 7, isKnown: false, delivered: 0).Outcome);
    }

    [Fact]
    public void Messages_that_make_no_sense_change_nothing()
    {
        OpenNew(process: 7);
        Send(3);
        _session.OnDisconnected();
        var (id, kept) = (_session.Id, _session.Window.Kept);
        Assert.NotNull(Challenge(version: 3));
        Assert.NotNull(Challenge(features: SessionFeatures.Sequence | SessionFeatures.Digest));
        Assert.NotNull(Challenge(features: SessionFeatures.None));
        Assert.NotNull(Challenge(from: 5));
        Assert.NotNull(_session.OnChallenge(Accept(9, true, 9, 9), Now, out _));

        Fail(new SessionAccept(0, 0, true, 1), "process");
        Fail(new SessionAccept(7, 1, true, 1), "recorded");
        Fail(null, "not opened");
        Assert.Equal((id, kept), (_session.Id, _session.Window.Kept));
        Assert.Equal(AcceptOutcome.Resume, Answer(process: 7, isKnown: true, delivered: 3).Outcome);
    }

    [Fact]
    public void An_accept_of_another_connection_is_none_of_this_one()
    {
        _session.Prove(3, 4);
        var old = _session.CreateAccept(3, 4, 7, false, 0);
        _session.OnDisconnected();
        _session.Prove(3, 4);
        Assert.Equal(AcceptOutcome.Fail, _session.OnAccept(in old).Outcome);
    }

    [Fact]
    public void A_peer_with_another_secret_is_not_believed()
    {
        using var session = Create(secret: new byte[16]);
        var features = SessionFeatures.Sequence | SessionFeatures.Digest | SessionFeatures.Secret;
        var header = session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        var challenge = new SessionChallenge(2, features, 1);
        Assert.Null(session.OnChallenge(SessionMessage.Create(in challenge, 4, 3, Now), Now, out var proof));
        Assert.True(SessionMessage.TryRead(in proof, out SessionProof said));
        var other = new SessionKeys([1, 2, 3], 3, 4, in open, in challenge, said.Nonce);
        Assert.NotEqual(other.ProofMac, said.Mac);
        var accept = SessionMessage.Create(new SessionAccept(7, other.AcceptMac(7, false, 0), false, 0), 4, 3, Now);
        Assert.Contains("another secret", session.OnAccept(in accept).Problem);

        session.CreateOpen(Now);
        var without = new SessionChallenge(2, SessionFeatures.Sequence, 1);
        Assert.NotNull(session.OnChallenge(SessionMessage.Create(in without, 4, 3, Now), Now, out _));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(4ul)]
    [InlineData(ulong.MaxValue)]
    public void An_acknowledgement_beyond_or_behind_is_a_fault(ulong sequence)
    {
        OpenNew(process: 7);
        Send(3);
        Assert.True(_session.TryAcknowledge(2, out _));
        Assert.False(_session.TryAcknowledge(sequence, out var problem));
        Assert.Contains("acknowledge", problem);
        Assert.Equal(1, _session.Window.Kept.Frames);
    }

    [Fact]
    public void An_acknowledgement_before_the_accept_is_a_fault()
    {
        _session.CreateOpen(Now);
        Assert.False(_session.TryAcknowledge(0, out var problem));
        Assert.Contains("before", problem);
    }

    // Found by mutation: 0 means no session, and the number before would be taken for known.
    [Fact]
    public void A_new_session_has_another_number_that_is_not_zero()
    {
        var numbers = new Queue<ulong>([1, 5, 90, 91, 0, 5, 6]);
        using var session = Create(newRandom: numbers.Dequeue);
        Assert.Equal(new SessionId(1, 5), session.Id);
        OpenNew(7, session);
        session.OnDisconnected();
        Assert.Equal(AcceptOutcome.Renew, Answer(8, false, 0, session).Outcome);
        Assert.Equal(new SessionId(1, 6), session.Id);
    }

    [Fact]
    public void Words_name_the_key_to_change()
    {
        var text = SenderSession.DescribeNoAnswer("node1", TimeSpan.FromSeconds(5));
        Assert.Contains("classic", text);
        Assert.Contains("sequence NO", text);
        Assert.Contains("node1", text);
        Assert.Contains("5 s", text);
        Assert.Contains("node 3", _session.DescribeRefusal(new SessionRefuse(2, SessionRefuseReason.UnknownPeer, 3)));
    }

    [Fact]
    public void The_end_of_a_pair_tells_what_is_unknown_from_what_is_lost()
    {
        OpenNew(process: 7);
        Send(3);
        Put(2);
        var (unknown, lost) = _session.Abandon();
        Assert.Equal((3, 2), (unknown.Commands, lost.Commands));
        Assert.True(_session.Window.IsEmpty);
    }

    public void Dispose() => _session.Dispose();

    private static SenderSession Create(bool atLeastOnce = false, FrameDigestKind digest = FrameDigestKind.None, byte[]? secret = null, Func<ulong>? newRandom = null, bool compact = false) => new(
        new SenderSessionOptions
        {
            Model = DataModel.Lp64,
            LocalNode = 3,
            PeerNode = 4,
            MaxPayload = 65_536,
            Window = new RetransmitWindowOptions(1 << 20, 1000, 100),
            Digest = digest,
            Secret = secret,
            AtLeastOnce = atLeastOnce,
            CompactBatches = compact,
        },
        newRandom);

    private string? Challenge(uint version = 2, SessionFeatures features = SessionFeatures.Sequence, int from = 4)
    {
        _session.OnDisconnected();
        _session.CreateOpen(Now);
        return _session.OnChallenge(SessionMessage.Create(new SessionChallenge(version, features, 1), from, 3, Now), Now, out _);
    }

    private static CommandHeader Accept(ulong process, bool isKnown, ulong delivered, UInt128 mac) =>
        SessionMessage.Create(new SessionAccept(process, mac, isKnown, delivered), 4, 3, Now);

    // Null: without a proof before.
    private void Fail(SessionAccept? accept, string says)
    {
        if (accept is null)
        {
            _session.OnDisconnected();
            _session.CreateOpen(Now);
        }
        else
        {
            _session.Prove(3, 4);
        }

        var decision = _session.OnAccept(SessionMessage.Create(accept ?? default, 4, 3, Now));
        Assert.Equal(AcceptOutcome.Fail, decision.Outcome);
        Assert.Contains(says, decision.Problem);
        Assert.False(_session.IsOpen);
    }

    private AcceptDecision Answer(ulong process, bool isKnown, ulong delivered, SenderSession? session = null)
    {
        session ??= _session;
        session.Prove(3, 4);
        return session.OnAccept(session.CreateAccept(3, 4, process, isKnown, delivered));
    }

    private void OpenNew(ulong process, SenderSession? session = null) =>
        Assert.Equal(AcceptOutcome.NewSession, Answer(process, false, (session ?? _session).Window.OldestSequence - 1, session).Outcome);

    private void Send(int frames, SenderSession? session = null)
    {
        Put(frames, session);
        while ((session ?? _session).Window.TryTakeUnsent(out _))
        {
        }
    }

    private void Put(int frames, SenderSession? session = null)
    {
        var window = (session ?? _session).Window;
        for (var frame = 0; frame < frames; frame++)
        {
            window.GetRoom(10);
            window.Append(10, 1, isNumbered: true);
        }
    }
}
