using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.Pairing.Session;

public sealed class SenderSessionTests : IDisposable
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);
    private readonly SenderSession _session = Create();

    [Fact]
    public void The_first_open_offers_what_is_configured()
    {
        var header = _session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        Assert.Equal(new SessionOpen(1, SessionFeatures.Sequence | SessionFeatures.Digest, _session.SessionId, 65_536, 1 << 20, 1), open);
        Assert.NotEqual(0ul, open.SessionId);
        Assert.False(_session.IsOpen);
    }

    [Fact]
    public void Two_senders_have_two_sessions()
    {
        using var other = Create();
        Assert.NotEqual(other.SessionId, _session.SessionId);
    }

    [Fact]
    public void A_peer_that_knows_another_session_takes_ours_as_new()
    {
        _session.CreateOpen(Now);
        var decision = _session.OnAccept(Accept(process: 7, known: 99, delivered: 1234));
        Assert.Equal(AcceptOutcome.NewSession, decision.Outcome);
        Assert.True(_session.IsOpen);
        Assert.Equal(SessionFeatures.Sequence, _session.Features);
        Assert.Equal(0, _session.PeerRestarts);
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
        Assert.Equal(6ul, open.NextSequence);
        var decision = _session.OnAccept(Accept(process: 7, known: _session.SessionId, delivered: 4));
        Assert.Equal(AcceptOutcome.Resume, decision.Outcome);
        Assert.Equal(1, decision.Resent.Frames);
        Assert.Equal(5ul, _session.Window.OldestSequence);
        Assert.True(_session.Window.HasUnsent);
        Assert.Equal(1, _session.Resumes);
    }

    [Fact]
    public void A_restarted_peer_leaves_what_was_sent_unknown_and_what_was_not_sent_safe()
    {
        OpenNew(process: 7);
        Send(5);
        Put(2);
        Assert.True(_session.TryAcknowledge(1, out _));
        var before = _session.SessionId;
        _session.OnDisconnected();
        _session.CreateOpen(Now);
        var decision = _session.OnAccept(Accept(process: 8, known: 0, delivered: 0));
        Assert.Equal(AcceptOutcome.Reopen, decision.Outcome);
        Assert.True(decision.PeerRestarted);
        Assert.Equal((4, 4), (decision.UnknownFate.Frames, decision.UnknownFate.Commands));
        Assert.NotEqual(before, _session.SessionId);
        Assert.False(_session.IsOpen);

        var header = _session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        Assert.Equal((_session.SessionId, 6ul), (open.SessionId, open.NextSequence));
        Assert.Equal(AcceptOutcome.NewSession, _session.OnAccept(Accept(process: 8, known: 0, delivered: 0)).Outcome);
        Assert.Equal(2, _session.Window.Kept.Frames);
        Assert.Equal((1, 4), (_session.PeerRestarts, _session.UnknownFate.Commands));
    }

    [Fact]
    public void At_least_once_keeps_what_is_unknown_and_opens_from_the_oldest()
    {
        using var session = Create(atLeastOnce: true);
        OpenNew(7, session);
        Send(3, session);
        session.OnDisconnected();
        session.CreateOpen(Now);
        var decision = session.OnAccept(Accept(process: 8, known: 0, delivered: 0));
        Assert.Equal(AcceptOutcome.Reopen, decision.Outcome);
        Assert.Equal(3, decision.PossiblyRepeated.Frames);
        Assert.Equal(default, session.UnknownFate);
        var header = session.CreateOpen(Now);
        Assert.True(SessionMessage.TryRead(in header, out SessionOpen open));
        Assert.Equal(1ul, open.NextSequence);
        Assert.Equal(3, session.OnAccept(Accept(process: 8, known: 0, delivered: 0)).Resent.Frames);
    }

    [Fact]
    public void A_peer_that_lives_but_never_got_a_frame_of_ours_gets_all_of_them()
    {
        OpenNew(process: 7);
        Send(3);
        _session.OnDisconnected();
        _session.CreateOpen(Now);
        var decision = _session.OnAccept(Accept(process: 7, known: 0, delivered: 0));
        Assert.Equal(AcceptOutcome.Reopen, decision.Outcome);
        Assert.False(decision.PeerRestarted);
        Assert.Equal(default, decision.UnknownFate);
        Assert.Equal(3, decision.Resent.Frames);
        Assert.Equal(0, _session.PeerRestarts);
    }

    [Theory]
    [InlineData(2, 1, 7, "version 2")]
    [InlineData(1, 0, 7, "need Sequence")]
    [InlineData(1, 5, 7, "offered")]
    [InlineData(1, 1, 0, "process")]
    public void An_accept_that_cannot_be_is_a_fault(uint version, uint features, ulong process, string says)
    {
        _session.CreateOpen(Now);
        var accept = SessionMessage.Create(new SessionAccept(version, (SessionFeatures)features, process, 0, 0), 4, 3, Now);
        var decision = _session.OnAccept(in accept);
        Assert.Equal(AcceptOutcome.Fail, decision.Outcome);
        Assert.Contains(says, decision.Problem);
        Assert.False(_session.IsOpen);
    }

    [Fact]
    public void An_accept_comes_from_the_peer_once_and_after_the_open()
    {
        Assert.Equal(AcceptOutcome.Fail, _session.OnAccept(Accept(7, 0, 0)).Outcome);
        _session.CreateOpen(Now);
        var foreign = SessionMessage.Create(new SessionAccept(1, SessionFeatures.Sequence, 7, 0, 0), 5, 3, Now);
        Assert.Contains("node 5", _session.OnAccept(in foreign).Problem);
        OpenNew(7);
        Assert.Equal(AcceptOutcome.Fail, _session.OnAccept(Accept(7, 0, 0)).Outcome);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(4ul)]
    [InlineData(ulong.MaxValue)]
    public void An_accept_or_acknowledgement_beyond_or_behind_is_a_fault(ulong sequence)
    {
        OpenNew(process: 7);
        Send(3);
        Assert.True(_session.TryAcknowledge(2, out _));
        Assert.False(_session.TryAcknowledge(sequence, out var problem));
        Assert.Contains("acknowledge", problem);
        _session.OnDisconnected();
        _session.CreateOpen(Now);
        Assert.Equal(AcceptOutcome.Fail, _session.OnAccept(Accept(7, _session.SessionId, sequence)).Outcome);
        Assert.Equal(1, _session.Window.Kept.Frames);
    }

    [Fact]
    public void An_acknowledgement_before_the_accept_is_a_fault()
    {
        _session.CreateOpen(Now);
        Assert.False(_session.TryAcknowledge(0, out var problem));
        Assert.Contains("before", problem);
    }

    [Fact]
    public void Words_name_the_key_to_change()
    {
        var text = SenderSession.DescribeNoAnswer("node1", TimeSpan.FromSeconds(5));
        Assert.Contains("classic", text);
        Assert.Contains("sequence NO", text);
        Assert.Contains("node1", text);
        Assert.Contains("5 s", text);
        var refuse = SessionMessage.Create(new SessionRefuse(1, SessionRefuseReason.UnknownPeer, 3), 4, 3, Now);
        Assert.Contains("node 3", _session.OnRefuse(in refuse));
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

    private static SenderSession Create(bool atLeastOnce = false) => new(new SenderSessionOptions
    {
        Model = DataModel.Lp64,
        LocalNode = 3,
        PeerNode = 4,
        MaxPayload = 65_536,
        Window = new RetransmitWindowOptions(1 << 20, 1000, 100),
        Digest = true,
        AtLeastOnce = atLeastOnce,
    });

    private static CommandHeader Accept(ulong process, ulong known, ulong delivered) =>
        SessionMessage.Create(new SessionAccept(1, SessionFeatures.Sequence, process, known, delivered), 4, 3, Now);

    private void OpenNew(ulong process, SenderSession? session = null)
    {
        session ??= _session;
        session.CreateOpen(Now);
        Assert.Equal(AcceptOutcome.NewSession, session.OnAccept(Accept(process, 0, 0)).Outcome);
    }

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
            window.GetSpan(10);
            window.Advance(10);
            window.Commit(window.NextSequence, 1);
        }
    }
}
