using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Session;

public class ReceiverSessionTests
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);
    private readonly ReceiverSession _session = Create();

    [Fact]
    public void A_new_session_begins_where_its_open_says()
    {
        var accept = Open(5, next: 17);
        Assert.Equal((false, 16ul, 77ul), (accept.IsKnown, accept.Delivered, accept.ProcessId));
        Assert.Equal(FrameVerdict.Duplicate, _session.OnFrame(Frame(16)));
        Assert.Equal(FrameVerdict.Gap, _session.OnFrame(Frame(18)));
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(17)));
        _session.OnDelivered(168);
        Assert.Equal(FrameVerdict.Duplicate, _session.OnFrame(Frame(17)));
        Assert.Equal(FrameVerdict.Gap, _session.OnFrame(Frame(19)));
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(18)));
    }

    [Fact]
    public void A_known_session_goes_on_with_the_next_connection()
    {
        Open(5, next: 1);
        Deliver(1, 2, 3);
        _session.OnConnected();
        Assert.Equal(FrameVerdict.NoSession, _session.OnFrame(Frame(4)));
        var accept = Open(5, next: 9, isEstablished: true);
        Assert.Equal((true, 3ul), (accept.IsKnown, accept.Delivered));
        Assert.Equal(FrameVerdict.Duplicate, _session.OnFrame(Frame(3)));
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(4)));
        Assert.True(_session.IsResumed);
    }

    // Another process of the same node, or a recorded connection: neither makes us forget what was delivered.
    [Fact]
    public void Other_sessions_in_between_are_remembered_beside_it()
    {
        Open(5, next: 1);
        Deliver(1, 2, 3);
        for (ulong other = 100; other < 115; other++)
        {
            Open(other, next: 1);
            Deliver(1);
        }

        var accept = Open(5, next: 9, isEstablished: true);
        Assert.Equal((true, 3ul), (accept.IsKnown, accept.Delivered));
        var last = Open(114, next: 2, isEstablished: true);
        Assert.Equal((true, 1ul), (last.IsKnown, last.Delivered));
    }

    [Fact]
    public void The_session_that_was_not_used_for_longest_is_forgotten_first_and_never_taken_for_new()
    {
        Open(5, next: 1);
        Deliver(1, 2, 3);
        Open(6, next: 1);
        Deliver(1);
        Open(5, next: 4, isEstablished: true);
        for (ulong other = 100; other < 115; other++)
        {
            Open(other, next: 1);
        }

        Assert.True(Open(5, next: 4, isEstablished: true).IsKnown);
        var forgotten = Open(6, next: 2, isEstablished: true);
        Assert.False(forgotten.IsKnown);
        Assert.Equal(FrameVerdict.NoSession, _session.OnFrame(Frame(2)));
        Assert.False(Open(6, next: 2, isEstablished: true).IsKnown);
    }

    [Fact]
    public void An_accept_is_sealed_with_the_keys_of_its_connection()
    {
        var open = Handshakes.Open(new SessionId(5, 5), 1);
        var introduction = Handshakes.Introduce(in open, 3, 4, nonce: 8);
        Assert.True(SessionMessage.TryRead(_session.Accept(introduction, Now), out SessionAccept accept));
        Assert.Equal(introduction.Keys.AcceptMac(77, false, 0), accept.Mac);
        Assert.NotEqual(Handshakes.Introduce(in open, 3, 4, nonce: 9).Keys.AcceptMac(77, false, 0), accept.Mac);
    }

    [Fact]
    public void An_acknowledgement_is_urgent_when_it_is_asked_for_or_much_was_delivered()
    {
        Open(5, next: 1, window: 4_000);
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

    // The ACCEPT was lost on the way: the sender comes again, as new as before.
    [Fact]
    public void A_session_is_remembered_from_its_accept_on()
    {
        Open(5, next: 7);
        var again = Open(5, next: 7);
        Assert.Equal((true, 6ul), (again.IsKnown, again.Delivered));
        Deliver(7);
    }

    [Fact]
    public void A_session_of_another_process_or_another_of_the_same_resumes_nothing()
    {
        Open(5, next: 1);
        Deliver(1, 2);
        Open(6, next: 1);
        Assert.False(_session.IsResumed);
        var open = Handshakes.Open(new SessionId(6, 99), 1);
        _session.OnConnected();
        _session.Accept(Handshakes.Introduce(in open, 3, 4), Now);
        Assert.False(_session.IsResumed);
    }

    [Fact]
    public void A_connection_has_one_session()
    {
        Open(5, next: 1);
        var open = Handshakes.Open(new SessionId(6, 6), 1);
        Assert.Throws<BrokenInvariantException>(() => _session.Accept(Handshakes.Introduce(in open, 3, 4), Now));
    }

    [Fact]
    public void Nothing_is_delivered_behind_our_close()
    {
        Open(5, next: 1);
        _session.CreateClose(SessionCloseCause.Stopping, Now);
        Assert.Equal(FrameVerdict.NoSession, _session.OnFrame(Frame(1)));
        Assert.Throws<BrokenInvariantException>(() => _session.OnDelivered(100));
        Assert.Throws<BrokenInvariantException>(() => _session.CreateClose(SessionCloseCause.Stopping, Now));
    }

    [Fact]
    public void Acknowledges_when_the_input_runs_dry_and_every_quarter_window()
    {
        Open(5, next: 1, window: 4000);
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

    [Fact]
    public void A_command_without_a_number_has_no_place_in_a_session()
    {
        Open(5, 1);
        var command = Frame(1);
        command.Flags = CommandFlags.None;
        Assert.Equal(FrameVerdict.Unsequenced, _session.OnFrame(in command));
    }

    [Fact]
    public void The_third_damaged_arrival_of_a_frame_gives_it_up_and_the_session_goes_on()
    {
        Open(5, 1);
        Deliver(1);
        for (var time = 0; time < 2; time++)
        {
            Assert.Equal(ContentFailureVerdict.CloseAndRetry, _session.OnContentFailure(Frame(2)));
            Assert.Equal(1ul, Open(5, 3, isEstablished: true).Delivered);
        }

        Assert.Equal(ContentFailureVerdict.GiveUp, _session.OnContentFailure(Frame(2)));
        _session.OnGivenUp(500);
        Assert.Equal(FrameVerdict.Deliver, _session.OnFrame(Frame(3)));
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
        Assert.Equal(ContentFailureVerdict.GiveUp, _session.OnContentFailure(Frame(2)));
    }

    [Fact]
    public void A_first_frame_that_is_always_damaged_does_not_keep_the_peer_for_ever()
    {
        Open(5, 1);
        _session.OnContentFailure(Frame(1));

        // Another session in between does not change the count.
        Open(6, 1);
        var accept = Open(5, 2, isEstablished: true);
        Assert.Equal((true, 0ul), (accept.IsKnown, accept.Delivered));
        _session.OnContentFailure(Frame(1));
        Assert.Equal(ContentFailureVerdict.GiveUp, _session.OnContentFailure(Frame(1)));
    }

    [Fact]
    public void Numbers_wrap_under_ilp32()
    {
        var session = Create(model: DataModel.Ilp32);
        var open = Handshakes.Open(new SessionId(5, 5), 0xFFFF_FFFF);
        session.OnConnected();
        session.Accept(Handshakes.Introduce(in open, 3, 4), Now);
        Assert.Equal(FrameVerdict.Deliver, session.OnFrame(Frame(uint.MaxValue)));
        session.OnDelivered(10);
        Assert.Equal(FrameVerdict.Deliver, session.OnFrame(Frame(0)));
        session.OnDelivered(10);
        Assert.Equal(FrameVerdict.Duplicate, session.OnFrame(Frame(uint.MaxValue)));
        Assert.Equal(0ul, session.CreateAcknowledgement(Now).AcknowledgeSequence);
    }

    private static ReceiverSession Create(DataModel model = DataModel.Lp64) => new(new ReceiverSessionOptions
    {
        Model = model,
        LocalNode = 4,
        PeerNode = 3,
        ProcessId = 77,
        MaxPayload = 65_536,
    });

    private static CommandHeader Frame(ulong sequence) => new() { Command = CommandCode.SendMessage, Flags = CommandFlags.Sequenced, SendSequence = sequence };

    // On a new connection.
    private SessionAccept Open(ulong id, ulong next, bool isEstablished = false, uint window = 1 << 20)
    {
        _session.OnConnected();
        var open = Handshakes.Open(new SessionId(id, id), next, isEstablished) with { WindowBytes = window };
        Assert.True(SessionMessage.TryRead(_session.Accept(Handshakes.Introduce(in open, 3, 4), Now), out SessionAccept accept));
        return accept;
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
