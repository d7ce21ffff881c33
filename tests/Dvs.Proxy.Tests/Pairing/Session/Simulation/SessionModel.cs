using System.Globalization;
using System.Text;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>Something that can happen in a <see cref="SessionModel"/>.</summary>
internal enum ModelEvent
{
    Connect,
    TakeOldest,
    TakeNewest,
    FrameArrives,
    AnswerArrives,
    AnswerIsLost,
    NewCommand,
    Flush,
    CutKeepingInFlight,
    CutLosingInFlight,
    SenderNotices,
    ReceiverRestarts,
    SenderRestarts,

    /// <summary>Another process with the sender's node id comes while there is no connection, has a command delivered, and goes.</summary>
    AnotherProcess,

    /// <summary>A bit of an answer flips on the way; acknowledgements have no digest here.</summary>
    AnswerIsDamaged,
}

/// <summary>Bounds of an exploration.</summary>
internal sealed record ModelBounds(
    int Commands, int Connections, int ReceiverRestarts, int SenderRestarts, bool AtLeastOnce, DataModel Model, ulong FirstSequence)
{
    /// <summary>Other processes with the sender's node id.</summary>
    public int Others { get; init; }

    /// <summary>Damaged answers.</summary>
    public int Damages { get; init; }
}

/// <summary>
/// Two ends of a session and what is between them, frame by frame, as a state machine that is driven by events. The session objects are the
/// real ones. Every command has a number; where each one is must be known at any time.
/// </summary>
internal sealed class SessionModel : IDisposable
{
    // Few, so that one is soon forgotten.
    private const int MaxSessions = 2;

    private static readonly Timestamp Now = new(1_700_000_000, 1);

    private readonly ModelBounds _bounds;
    private readonly SequenceSpace _space;
    private readonly List<Connection> _backlog = [];
    private int _losses;
    private readonly List<int> _delivered = [];
    private readonly HashSet<int> _unknownFate = [];
    private readonly HashSet<int> _repeated = [];
    private readonly HashSet<int> _diedWithSender = [];
    private readonly List<int> _kept = [];

    // Released by an acknowledgement that was damaged on the way, and not delivered at that time.
    private readonly HashSet<int> _belied = [];
    private SenderSession _sender;
    private ReceiverSession _receiver;
    private Connection? _ofSender;
    private Connection? _ofReceiver;
    private ulong _nextId;
    private int _commands;
    private int _connections;
    private int _receiverRestarts;
    private int _senderRestarts;
    private int _others;
    private int _damages;
    private long _counted;
    private int _newest;
    private bool _isProving;
    private bool _healing;

    public SessionModel(ModelBounds bounds)
    {
        _bounds = bounds;
        _space = new SequenceSpace(bounds.Model);
        _sender = CreateSender();
        _receiver = CreateReceiver();
    }

    public bool Can(ModelEvent what) => what switch
    {
        ModelEvent.Connect => _ofSender is null && (_healing || _connections < _bounds.Connections),
        ModelEvent.TakeOldest => _backlog.Count > 0 && CanTake(_backlog[0]),
        ModelEvent.TakeNewest => _backlog.Count > 1 && CanTake(_backlog[^1]),
        ModelEvent.FrameArrives => _ofReceiver is { ToReceiver.Count: > 0 } or { SenderGone: true },
        ModelEvent.AnswerArrives or ModelEvent.AnswerIsLost => _ofSender is { ToSender.Count: > 0 },
        ModelEvent.NewCommand => _sender.IsOpen && _commands < _bounds.Commands,
        ModelEvent.Flush => _sender.IsOpen && _sender.Window.HasUnsent,
        ModelEvent.CutKeepingInFlight or ModelEvent.CutLosingInFlight => _ofSender is { ReceiverGone: false },
        ModelEvent.SenderNotices => _ofSender is { ReceiverGone: true },
        ModelEvent.ReceiverRestarts => _receiverRestarts < _bounds.ReceiverRestarts,
        ModelEvent.SenderRestarts => _senderRestarts < _bounds.SenderRestarts,
        ModelEvent.AnotherProcess => _others < _bounds.Others && _ofReceiver is null,
        ModelEvent.AnswerIsDamaged => _damages < _bounds.Damages && _ofSender is { ToSender.Count: > 0 },
        _ => false,
    };

    public void Do(ModelEvent what)
    {
        switch (what)
        {
            case ModelEvent.Connect:
                Connect();
                break;
            case ModelEvent.TakeOldest:
                Take(0);
                break;
            case ModelEvent.TakeNewest:
                Take(_backlog.Count - 1);
                break;
            case ModelEvent.FrameArrives:
                FrameArrives();
                break;
            case ModelEvent.AnswerArrives:
                AnswerArrives(_ofSender!.ToSender.Dequeue());
                break;
            case ModelEvent.AnswerIsLost:
                // A lost ACCEPT or REFUSE is a handshake that runs out of time.
                if (!SessionMessage.Is(_ofSender!.ToSender.Dequeue(), SessionMessageType.Acknowledge))
                {
                    SenderLeaves();
                }

                break;
            case ModelEvent.NewCommand:
                Commit(_commands++);
                break;
            case ModelEvent.Flush:
                Flush();
                break;
            case ModelEvent.CutKeepingInFlight or ModelEvent.SenderNotices:
                SenderLeaves();
                break;
            case ModelEvent.CutLosingInFlight:
                _ofSender!.ToReceiver.Clear();
                SenderLeaves();
                break;
            case ModelEvent.ReceiverRestarts:
                RestartReceiver();
                break;
            case ModelEvent.SenderRestarts:
                RestartSender();
                break;
            case ModelEvent.AnotherProcess:
                ComeAsAnother();
                break;
            case ModelEvent.AnswerIsDamaged:
                _damages++;
                DamagedAnswerArrives(_ofSender!.ToSender.Dequeue());
                break;
        }

        Check();
    }

    /// <summary>No more faults: everything that is kept must arrive. Leaves the model unusable for further events.</summary>
    public void Heal()
    {
        _healing = true;
        ModelEvent[] order =
        [
            ModelEvent.SenderNotices, ModelEvent.AnswerArrives, ModelEvent.FrameArrives, ModelEvent.TakeOldest, ModelEvent.Connect, ModelEvent.Flush,
        ];
        for (var step = 0; step < 1000; step++)
        {
            var next = Array.FindIndex(order, Can);
            if (next >= 0)
            {
                Do(order[next]);
            }
            else if (_sender.Window.IsEmpty)
            {
                CheckAccount();
                return;
            }
            else
            {
                // The acknowledgement may have been lost: the hello that follows after a while asks for it.
                Verify(_ofSender is not null && _sender.IsOpen, "stuck without a session");
                _ofSender!.ToReceiver.Enqueue(ControlMessage.Create(ControlType.LoadLevel, 0, 1, Now));
            }
        }

        Verify(false, "does not come to rest");
    }

    /// <summary>The state, such that two models with the same text have the same future.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        text.Append(_sender).Append('|').Append(_receiver);
        Append(text, "delivered", _delivered);
        Append(text, "unknown", _unknownFate);
        Append(text, "repeated", _repeated);
        Append(text, "died", _diedWithSender);
        Append(text, "kept", _kept);
        Append(text, "belied", _belied);
        text.Append(CultureInfo.InvariantCulture, $"|{_commands} {_connections} {_receiverRestarts} {_senderRestarts} {_others} {_damages} {_counted} {_nextId} {_newest}");
        text.Append("|sender's ").Append(_ofSender).Append("|receiver's ").Append(ReferenceEquals(_ofSender, _ofReceiver) ? "same" : _ofReceiver);
        foreach (var connection in _backlog)
        {
            text.Append("|waits ").Append(ReferenceEquals(_ofSender, connection) ? "same" : connection);
        }

        return text.ToString();
    }

    public void Dispose() => _sender.Dispose();

    private void Connect()
    {
        _connections++;
        _ofSender = new Connection(new ReceiverHandshake(ReceiverOptions, static () => 1), _connections);
        _ofSender.ToReceiver.Enqueue(_sender.CreateOpen(Now));
        _backlog.Add(_ofSender);
    }

    private static bool CanTake(Connection connection) => connection.Introduction is not null || connection.ToReceiver.Count > 0 || connection.SenderGone;

    // The listener: has the peer prove itself, step by step. Then a newer connection replaces the one in use; one that was accepted before it comes too
    // late, as with the slot. (Else a handshake that was left half-way could begin a session anew that was used since, and forgotten.)
    private void Take(int index)
    {
        var connection = _backlog[index];
        if (connection.Introduction is null && connection.ToReceiver.TryDequeue(out var message))
        {
            var step = connection.Handshake.On(in message, Now);
            Verify(step.Problem is null, $"refused: {step.Problem}");
            connection.Introduction = step.Introduction;
            if (step.Reply is { } reply)
            {
                connection.ToSender.Enqueue(reply);
            }

            return;
        }

        _backlog.RemoveAt(index);
        if (connection.Introduction is null || connection.Order < _newest)
        {
            connection.ReceiverGone = true;
            return;
        }

        _newest = connection.Order;
        if (_ofReceiver is not null)
        {
            _ofReceiver.ReceiverGone = true;
        }

        _ofReceiver = connection;
        _receiver.OnConnected();
        connection.ToSender.Enqueue(_receiver.Accept(connection.Introduction, Now));
    }

    // With another id, as another process has it.
    private void ComeAsAnother()
    {
        var id = 1000 + (ulong)_others++;
        var open = Handshakes.Open(new SessionId(id, id), 1);
        _receiver.OnConnected();
        _receiver.Accept(Handshakes.Introduce(in open, 0, 1), Now);
        var frame = new CommandHeader { Command = CommandCode.SendMessage, Flags = CommandFlags.Sequenced, SendSequence = 1 };
        Verify(_receiver.OnFrame(in frame) == FrameVerdict.Deliver, "another process is not heard");
        _receiver.OnDelivered(100);
        _receiver.OnConnected();
    }

    private void FrameArrives()
    {
        if (!_ofReceiver!.ToReceiver.TryDequeue(out var frame))
        {
            _ofReceiver = null;
            return;
        }

        if (frame.Command == CommandCode.None)
        {
            _receiver.OnControl();
        }
        else if (!Receive(in frame))
        {
            return;
        }

        if (_receiver.ShouldAcknowledge(_ofReceiver.ToReceiver.Count == 0))
        {
            _ofReceiver.ToSender.Enqueue(_receiver.CreateAcknowledgement(Now));
        }
    }

    private bool Receive(in CommandHeader frame)
    {
        switch (_receiver.OnFrame(in frame))
        {
            case FrameVerdict.Deliver:
                _delivered.Add(frame.ProcessId);
                _receiver.OnDelivered(100);
                return true;
            case FrameVerdict.Duplicate:
                return true;
            default:
                // Nothing in this model makes a gap: frames are lost from the end only.
                Verify(false, $"frame {frame.SendSequence} is not what the receiver expects");
                return false;
        }
    }

    private void AnswerArrives(CommandHeader answer)
    {
        if (SessionMessage.TryReadAcknowledgement(in answer, out var sequence))
        {
            // After one that was damaged, a true one may seem to go backwards.
            var isGood = _sender.TryAcknowledge(sequence, out var problem);
            Verify(isGood || _damages > 0, problem);
            ForgetReleased();
            if (!isGood)
            {
                SenderLeaves();
            }

            return;
        }

        if (SessionMessage.Is(in answer, SessionMessageType.Challenge))
        {
            _isProving = true;
            Verify(_sender.OnChallenge(in answer, Now, out var proof) is null, "the challenge is not taken");
            _isProving = false;
            _ofSender!.ToReceiver.Enqueue(proof);
            return;
        }

        var decision = _sender.OnAccept(in answer);
        Verify(decision.Outcome != AcceptOutcome.Fail, decision.Problem);
        ForgetUnknown(in decision);
        _kept.Take((int)decision.PossiblyRepeated.Frames).ToList().ForEach(id => _repeated.Add(id));
        ForgetReleased();
        if (decision.Outcome == AcceptOutcome.Renew)
        {
            _losses++;
            SenderLeaves();
        }
    }

    private void DamagedAnswerArrives(CommandHeader answer)
    {
        if (!SessionMessage.TryReadAcknowledgement(in answer, out var sequence))
        {
            // Its MAC does not fit any more; a CHALLENGE leads to a proof that does not.
            answer.Message.Body.Bytes[9] ^= 1;
            if (SessionMessage.Is(in answer, SessionMessageType.Accept))
            {
                Verify(_sender.OnAccept(in answer).Outcome == AcceptOutcome.Fail, "a damaged ACCEPT is believed");
            }

            SenderLeaves();
            return;
        }

        var before = _kept.ToList();
        if (!_sender.TryAcknowledge(_space.Next(sequence), out _))
        {
            SenderLeaves();
            return;
        }

        _kept.RemoveRange(0, before.Count - (int)_sender.Window.Kept.Frames);
        _belied.UnionWith(before.Take(before.Count - _kept.Count).Where(id => !_delivered.Contains(id)));
    }

    private void ForgetUnknown(in AcceptDecision decision)
    {
        if (decision.UnknownFate == default)
        {
            return;
        }

        _counted += decision.UnknownFate.Commands;
        if (decision.Loss == SessionLoss.Contradiction)
        {
            // What had been released, and is not kept.
            Verify(_damages > 0, "the peer contradicts us though nothing was damaged");
            return;
        }

        var dropped = _kept.GetRange(0, (int)decision.UnknownFate.Frames);
        Verify(decision.UnknownFate.Commands == dropped.Count, "commands of unknown fate are miscounted");
        Verify(_receiverRestarts > 0 || _others >= MaxSessions, "frames were dropped though the receiver was never restarted, and forgot nothing");
        dropped.ForEach(id => _unknownFate.Add(id));
        _kept.RemoveRange(0, dropped.Count);
    }

    // Frames that an acknowledgement released were delivered, by whichever life of the receiver.
    private void ForgetReleased()
    {
        while (_kept.Count > _sender.Window.Kept.Frames)
        {
            Verify(_delivered.Contains(_kept[0]), $"command {_kept[0]} was acknowledged, but never delivered");
            _kept.RemoveAt(0);
        }
    }

    // Nothing is under way any more: what was made and is not delivered was counted, unless it died with its sender.
    private void CheckAccount()
    {
        var missing = Enumerable.Range(0, _commands).Count(id => !_delivered.Contains(id) && !_diedWithSender.Contains(id));

        // A receiver that forgot what it delivered cannot contradict an acknowledgement that was damaged.
        Verify(missing <= _counted || (_belied.Count > 0 && (_receiverRestarts > 0 || _senderRestarts > 0 || _others >= MaxSessions)), $"{missing} commands are missing, {_counted} counted");
    }

    private void Commit(int id)
    {
        var window = _sender.Window;
        BitConverter.TryWriteBytes(window.GetRoom(sizeof(int)).Span, id);
        window.Append(sizeof(int), 1, isNumbered: true);
        _kept.Add(id);
    }

    private void Flush()
    {
        var window = _sender.Window;
        var sequence = _space.Wrap(window.OldestSequence + (ulong)(window.Kept.Frames - Unsent()));
        while (window.TryTakeUnsent(out var piece))
        {
            for (var rest = piece.Span; !rest.IsEmpty; rest = rest[sizeof(int)..])
            {
                _ofSender!.ToReceiver.Enqueue(new CommandHeader
                {
                    Command = CommandCode.SendMessage,
                    ProcessId = BitConverter.ToInt32(rest),
                    Flags = CommandFlags.Sequenced,
                    SendSequence = sequence,
                });
                sequence = _space.Next(sequence);
            }
        }
    }

    private int Unsent()
    {
        var text = _sender.Window.ToString();
        const string Mark = "unsent from ";
        var start = text.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        return (int)_sender.Window.Kept.Frames - int.Parse(text.AsSpan(start, text.IndexOf(',', start) - start), CultureInfo.InvariantCulture);
    }

    private void SenderLeaves()
    {
        _ofSender!.SenderGone = true;
        _ofSender.ToSender.Clear();
        _ofSender = null;
        _sender.OnDisconnected();
    }

    private void RestartReceiver()
    {
        _receiverRestarts++;
        _receiver = CreateReceiver();
        foreach (var connection in _backlog)
        {
            connection.ReceiverGone = true;
        }

        _backlog.Clear();
        if (_ofReceiver is not null)
        {
            _ofReceiver.ReceiverGone = true;
            _ofReceiver = null;
        }
    }

    private void RestartSender()
    {
        _senderRestarts++;
        if (_ofSender is not null)
        {
            SenderLeaves();
        }

        _diedWithSender.UnionWith(_kept);
        _kept.Clear();
        _sender.Dispose();
        _sender = CreateSender();
    }

    private void Check()
    {
        Verify(_kept.Count == _sender.Window.Kept.Frames, "the window does not hold what it should");
        var seen = new HashSet<int>();
        var last = -1;
        foreach (var id in _delivered)
        {
            if (seen.Add(id))
            {
                Verify(id > last, $"command {id} came after {last}");
                last = id;
            }
            else
            {
                Verify(_repeated.Contains(id), $"command {id} was delivered twice");
            }
        }

        for (var id = 0; id < _commands; id++)
        {
            Verify(
                seen.Contains(id) || _kept.Contains(id) || _unknownFate.Contains(id) || _diedWithSender.Contains(id)
                || _belied.Contains(id),
                $"command {id} was lost and nobody counted it");
        }

        Verify(_bounds.AtLeastOnce ? _unknownFate.Count == 0 : _repeated.Count == 0, "the option for frames of unknown fate is not kept");
        Verify(_receiverRestarts > 0 || _others >= MaxSessions || _damages > 0 || _losses == 0, "a session was lost that nobody had forgotten");
    }

    private SenderSession CreateSender()
    {
        // The window is made for frames of four bytes.
        var window = new RetransmitWindowOptions(1 << 20, 1000, sizeof(int), _bounds.FirstSequence);
        return new SenderSession(
            new SenderSessionOptions
            {
                Model = _bounds.Model,
                LocalNode = 0,
                PeerNode = 1,
                MaxPayload = 65_536,
                Window = window,
                AtLeastOnce = _bounds.AtLeastOnce,
            },
            () => _isProving ? 1 : ++_nextId);
    }

    private ReceiverSession CreateReceiver() => new(ReceiverOptions with { ProcessId = ++_nextId });

    private ReceiverSessionOptions ReceiverOptions => new()
    {
        Model = _bounds.Model,
        LocalNode = 1,
        PeerNode = 0,
        ProcessId = 1,
        MaxPayload = 65_536,
        MaxSessions = MaxSessions,
    };

    private static void Append(StringBuilder text, string name, IEnumerable<int> ids) => text.Append('|').Append(name).AppendJoin(' ', ids.Select(id => $" {id}"));

    private static void Verify(bool condition, string? problem)
    {
        if (!condition)
        {
            throw new ModelViolationException(problem ?? "a violation");
        }
    }

    private sealed class Connection(ReceiverHandshake handshake, int order)
    {
        public int Order => order;

        public ReceiverHandshake Handshake => handshake;

        public SessionIntroduction? Introduction { get; set; }

        public Queue<CommandHeader> ToReceiver { get; } = new();

        public Queue<CommandHeader> ToSender { get; } = new();

        public bool SenderGone { get; set; }

        public bool ReceiverGone { get; set; }

        public override string ToString()
        {
            var text = new StringBuilder();
            text.Append(Order).Append(SenderGone ? " left " : " ").Append(ReceiverGone ? "closed " : "").Append(Introduction is null ? "" : "proven ");
            foreach (var frame in ToReceiver)
            {
                text.Append('>');
                Describe(text, in frame);
            }

            foreach (var frame in ToSender)
            {
                text.Append('<');
                Describe(text, in frame);
            }

            return text.ToString();
        }

        private static void Describe(StringBuilder text, in CommandHeader frame)
        {
            text.Append(CultureInfo.InvariantCulture, $"{frame.Message.Type:x} {frame.SendSequence} {frame.AcknowledgeSequence} {frame.ProcessId} ");
            text.Append(Convert.ToHexString(frame.Message.Body.ReadOnlyBytes[..24])).Append(' ');
        }
    }
}

/// <summary>The session broke its promise.</summary>
internal sealed class ModelViolationException(string message) : Exception(message);
