using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.Pairing.Session;

public class ReceiverSessionTests
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);
    private readonly ReceiverSession _session = Create();

    [Fact]
    public void A_new_session_begins_where_its_open_says()
    {
        var accept = Open(id: 5, next: 17);
        Assert.Equal((0ul, 77ul), (accept.KnownSessionId, accept.ProcessId));
        Assert.Equal(FrameVerdict.Gap, _session.OnFrame(Frame(16)));
        Assert.Equal(FrameVerdict.Gap, _session.OnFrame(Frame(18)));
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(17)));
        _session.OnDelivered(168);
        Assert.Equal(FrameVerdict.Duplicate, _session.OnFrame(Frame(17)));
        Assert.Equal(FrameVerdict.Gap, _session.OnFrame(Frame(19)));
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(18)));
        Assert.Equal((1, 3), (_session.Duplicates, _session.Gaps));
    }

    [Fact]
    public void A_known_session_goes_on_with_the_next_connection()
    {
        Open(id: 5, next: 1);
        Deliver(1, 2, 3);
        _session.OnConnected();
        Assert.Equal(FrameVerdict.NoSession, _session.OnFrame(Frame(4)));
        var accept = Open(id: 5, next: 9);
        Assert.Equal((5ul, 3ul), (accept.KnownSessionId, accept.Delivered));
        Assert.Equal(FrameVerdict.Duplicate, _session.OnFrame(Frame(3)));
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(4)));
        Assert.Equal((1, 0), (_session.Resumes, _session.SenderRestarts));
    }

    [Fact]
    public void An_acknowledgement_is_urgent_when_it_is_asked_for_or_much_was_delivered()
    {
        Open(id: 5, next: 1, window: 4_000);
        Deliver(1);
        Assert.True(_session.ShouldAcknowledge(inputDry: true));
        Assert.False(_session.IsUrgent);
        _session.OnControl();
        Assert.True(_session.IsUrgent);
        _session.CreateAcknowledgement(Now);
        Deliver(2);
        Assert.False(_session.IsUrgent);
        Assert.Equal(FrameVerdict.Duplicate, _session.OnFrame(Frame(2)));
        Assert.True(_session.IsUrgent);
        _session.CreateAcknowledgement(Now);
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(3)));
        _session.OnDelivered(1_000);
        Assert.True(_session.IsUrgent);
        Assert.True(_session.ShouldAcknowledge(inputDry: false));
    }

    [Fact]
    public void An_open_alone_makes_no_session_known_and_none_forgotten()
    {
        Open(id: 5, next: 1);
        Deliver(1, 2);
        Assert.Equal(5ul, OpenOnNewConnection(id: 6, next: 1).KnownSessionId);
        Assert.Equal(5ul, OpenOnNewConnection(id: 6, next: 1).KnownSessionId);
        var accept = OpenOnNewConnection(id: 5, next: 3);
        Assert.Equal((5ul, 2ul), (accept.KnownSessionId, accept.Delivered));
        Assert.Equal(0, _session.SenderRestarts);
    }

    [Fact]
    public void The_first_frame_of_another_session_shows_a_restarted_sender()
    {
        Open(id: 5, next: 1);
        Deliver(1, 2);
        OpenOnNewConnection(id: 6, next: 1);
        Deliver(1);
        Assert.Equal(1, _session.SenderRestarts);
        var accept = OpenOnNewConnection(id: 6, next: 2);
        Assert.Equal((6ul, 1ul), (accept.KnownSessionId, accept.Delivered));
    }

    [Fact]
    public void A_second_open_before_any_frame_replaces_the_first()
    {
        Open(id: 5, next: 10);
        Open(id: 6, next: 4);
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(4)));
        _session.OnDelivered(100);
        var late = _session.OnOpen(OpenHeader(7, 1), Now);
        Assert.Equal(SessionRefuseReason.ProtocolViolation, late.Reason);
    }

    [Fact]
    public void Acknowledges_when_the_input_runs_dry_and_every_quarter_window()
    {
        Open(id: 5, next: 1, window: 4000);
        Assert.False(_session.ShouldAcknowledge(inputDry: true));
        Deliver(1);
        Assert.True(_session.ShouldAcknowledge(inputDry: true));
        Assert.False(_session.ShouldAcknowledge(inputDry: false));
        for (ulong sequence = 2; sequence <= 10; sequence++)
        {
            Deliver(sequence);
        }

        Assert.True(_session.ShouldAcknowledge(inputDry: false));
        var acknowledgement = _session.CreateAcknowledgement(Now);
        Assert.True(SessionMessage.TryReadAcknowledgement(in acknowledgement, out var delivered));
        Assert.Equal(10ul, delivered);
        Assert.False(_session.ShouldAcknowledge(inputDry: true));
        _session.OnControl();
        Assert.True(_session.ShouldAcknowledge(inputDry: true));
    }

    [Theory]
    [InlineData(5, 4, 1u, 1u, 65_536u, 9ul, (int)SessionRefuseReason.WrongNode)]
    [InlineData(3, 6, 1u, 1u, 65_536u, 9ul, (int)SessionRefuseReason.WrongNode)]
    [InlineData(3, 4, 2u, 1u, 65_536u, 9ul, (int)SessionRefuseReason.WrongVersion)]
    [InlineData(3, 4, 1u, 2u, 65_536u, 9ul, (int)SessionRefuseReason.FeatureMismatch)]
    [InlineData(3, 4, 1u, 1u, 65_537u, 9ul, (int)SessionRefuseReason.PayloadTooLarge)]
    [InlineData(3, 4, 1u, 1u, 65_536u, 0ul, (int)SessionRefuseReason.ProtocolViolation)]
    public void Refuses_what_does_not_fit_and_says_why(
        int from, int to, uint version, uint features, uint payload, ulong id, int expected)
    {
        var reason = (SessionRefuseReason)expected;
        var decision = _session.OnOpen(
            SessionMessage.Create(new SessionOpen(version, (SessionFeatures)features, id, payload, 1 << 20, 1), from, to, Now), Now);
        Assert.Equal(reason, decision.Reason);
        Assert.False(decision.IsAccepted);
        Assert.NotNull(decision.Problem);
        Assert.True(SessionMessage.TryRead(decision.Reply, out SessionRefuse refuse));
        Assert.Equal(reason, refuse.Reason);
        Assert.Equal(FrameVerdict.NoSession, _session.OnFrame(Frame(1)));
    }

    [Fact]
    public void Digests_are_agreed_where_they_are_offered_and_can_be_insisted_on()
    {
        Assert.Equal(SessionFeatures.Sequence, Open(5, 1).Features);
        Assert.Equal(SessionFeatures.Sequence | SessionFeatures.Digest, Open(5, 1, features: (SessionFeatures)0xFF).Features);
        var strict = Create(requireDigest: true);
        Assert.Equal(SessionRefuseReason.FeatureMismatch, strict.OnOpen(OpenHeader(5, 1), Now).Reason);
    }

    [Fact]
    public void A_classic_peer_is_told_the_key_to_change()
    {
        var command = Frame(0);
        command.Flags = CommandFlags.None;
        Assert.Equal(FrameVerdict.NoSession, _session.OnFrame(in command));
        var decision = _session.RefuseClassic("node1", Now);
        Assert.Contains("sequence NO for proxy node1", decision.Problem);
        Assert.True(SessionMessage.TryRead(decision.Reply, out SessionRefuse refuse));
        Assert.Equal(SessionRefuseReason.OpenExpected, refuse.Reason);
    }

    [Fact]
    public void A_command_without_a_number_has_no_place_in_a_session()
    {
        Open(5, 1);
        var command = Frame(1);
        command.Flags = CommandFlags.None;
        Assert.Equal(FrameVerdict.Unsequenced, _session.OnFrame(in command));
    }

    [Fact]
    public void The_third_damaged_arrival_of_a_frame_refuses_it_and_the_session_goes_on()
    {
        Open(5, 1);
        Deliver(1);
        for (var time = 0; time < 2; time++)
        {
            Assert.Equal(ContentFailureVerdict.CloseAndRetry, _session.OnContentFailure(Frame(2)));
            Assert.Equal(1ul, OpenOnNewConnection(5, 3).Delivered);
        }

        Assert.Equal(ContentFailureVerdict.RefuseFrame, _session.OnContentFailure(Frame(2)));
        _session.OnRefused(500);
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(3)));
        Assert.Equal((3, 1), (_session.ContentFailures, _session.RefusedFrames));
    }

    [Fact]
    public void Damage_counts_per_frame()
    {
        Open(5, 1);
        _session.OnContentFailure(Frame(1));
        _session.OnContentFailure(Frame(1));
        Deliver(1);
        Assert.Equal(ContentFailureVerdict.CloseAndRetry, _session.OnContentFailure(Frame(2)));
        Assert.Equal(ContentFailureVerdict.CloseAndRetry, _session.OnContentFailure(Frame(9)));
        Assert.Equal(ContentFailureVerdict.CloseAndRetry, _session.OnContentFailure(Frame(2)));
        Assert.Equal(ContentFailureVerdict.RefuseFrame, _session.OnContentFailure(Frame(2)));
    }

    [Fact]
    public void A_first_frame_that_is_always_damaged_does_not_keep_the_peer_for_ever()
    {
        Open(5, 1);
        _session.OnContentFailure(Frame(1));

        // The damaged frame made the session known, so the sender goes on with it instead of beginning anew each time.
        var accept = OpenOnNewConnection(5, 2);
        Assert.Equal((5ul, 0ul), (accept.KnownSessionId, accept.Delivered));
        _session.OnContentFailure(Frame(1));
        Assert.Equal(ContentFailureVerdict.RefuseFrame, _session.OnContentFailure(Frame(1)));
    }

    [Fact]
    public void Numbers_wrap_under_ilp32()
    {
        var session = Create(model: DataModel.Ilp32);
        session.OnOpen(OpenHeader(5, uint.MaxValue), Now);
        Assert.Equal(FrameVerdict.Deliver, session.OnFrame(Frame(uint.MaxValue)));
        session.OnDelivered(10);
        Assert.Equal(FrameVerdict.Deliver, session.OnFrame(Frame(0)));
        session.OnDelivered(10);
        Assert.Equal(FrameVerdict.Duplicate, session.OnFrame(Frame(uint.MaxValue)));
        Assert.Equal(0ul, session.CreateAcknowledgement(Now).AcknowledgeSequence);
    }

    private static ReceiverSession Create(bool requireDigest = false, DataModel model = DataModel.Lp64) => new(new ReceiverSessionOptions
    {
        Model = model,
        LocalNode = 4,
        PeerNode = 3,
        ProcessId = 77,
        MaxPayload = 65_536,
        RequireDigest = requireDigest,
    });

    private static CommandHeader OpenHeader(ulong id, ulong next, uint window = 1 << 20, SessionFeatures features = SessionFeatures.Sequence) =>
        SessionMessage.Create(new SessionOpen(1, features, id, 65_536, window, next), 3, 4, Now);

    private static CommandHeader Frame(ulong sequence) => new() { Command = CommandCode.SendMessage, Flags = CommandFlags.Sequenced, SendSequence = sequence };

    private SessionAccept Open(ulong id, ulong next, uint window = 1 << 20, SessionFeatures features = SessionFeatures.Sequence)
    {
        var decision = _session.OnOpen(OpenHeader(id, next, window, features), Now);
        Assert.True(decision.IsAccepted, decision.Problem);
        Assert.True(SessionMessage.TryRead(decision.Reply, out SessionAccept accept));
        return accept;
    }

    private SessionAccept OpenOnNewConnection(ulong id, ulong next)
    {
        _session.OnConnected();
        return Open(id, next);
    }

    private void Deliver(params ulong[] sequences)
    {
        foreach (var sequence in sequences)
        {
            Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(sequence)));
            _session.OnDelivered(100);
        }
    }
}
