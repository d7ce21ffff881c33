using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Owns the receiver's end of a reliable session: accepts whoever has proven itself, lets each frame pass once, and acknowledges on the
/// same connection, which it asks the <see cref="ConnectionHandover"/> for. Lives as long as the receiver. Receiver thread only, but for
/// <see cref="Probe"/>. Behaviour: SessionPairTests, DamagedFrameTests, PlannedStopTests, SessionContestTests, fault schedules.
/// </summary>
/// <remarks>For each connection <see cref="Begin"/>, then any of the rest, then <see cref="Close"/> and <see cref="End"/>.</remarks>
internal sealed class SessionFilter(PairContext context, ConnectionHandover handover)
{
    // A peer that was told that we go closes its side at once.
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);

    private readonly ReceiverSession _session = new(CreateOptions(context));

    // Held while a message is written, for the probe's sake. That is no wait for I/O: past the ACCEPT, nothing is written that the
    // connection would not take at once, and a probe leaves the receiver thread alone where that writes. An uncontended lock costs what any
    // other gate would.
    private readonly object _sending = new();
    private readonly ControlMessageWriter _control = new(context.Layout);
    private readonly AcknowledgementTimer _timer = new(context.Peer.Options.AcknowledgementDelay, context.Environment.Time);
    private readonly ErrorAnswers _answers = new(context);
    private ulong _acknowledged;
    private SessionDigests? _digests;
    private ThreadOwner _owner;

    // Changes under the lock.
    private Phase _phase;

    private enum Phase
    {
        /// <summary>No connection has a session.</summary>
        Ended,

        /// <summary>ACCEPT is on its way.</summary>
        Accepting,

        /// <summary>Frames come in, acknowledgements go out.</summary>
        Accepted,

        /// <summary>The peer has said CLOSE.</summary>
        ClosedByPeer,

        /// <summary>We have said CLOSE.</summary>
        Closed,
    }

    /// <summary>How long the next read of the connection may block.</summary>
    public TimeSpan ReadLimit => _timer.ReadLimit;

    /// <summary>True while a read may end because its time is up.</summary>
    public bool LimitsReads => _timer.LimitsReads;

    /// <summary>What the pair expects of a session.</summary>
    public static ReceiverSessionOptions CreateOptions(PairContext context) => new()
    {
        Model = context.Layout.DataModel,
        LocalNode = context.Environment.LocalNodeId,
        PeerNode = context.Peer.NodeId,
        PeerName = context.Name,
        ProcessId = context.Environment.ProcessSessionId,
        MaxPayload = context.Environment.Limits.MaxCopyBuffer,
        Digest = context.Peer.FrameDigest,
        Secret = context.Secret,
    };

    /// <summary>Begins with the connection in use, whose peer has proven itself: the former one has ended, so what was delivered is
    /// final.</summary>
    /// <param name="introduction">Who the peer has proven to be, and what was agreed.</param>
    /// <param name="reader">Reads the connection: from now on with the digests that were agreed.</param>
    /// <param name="canLimitReads">Whether the reads of the connection can be limited in time.</param>
    public void Begin(SessionIntroduction introduction, FrameReader reader, bool canLimitReads)
    {
        _owner.Check();
        _timer.Begin(canLimitReads);
        _session.OnConnected();
        var accept = _session.Accept(introduction, Now);
        context.ReceiverCounters.Resumes += _session.IsResumed ? 1 : 0;
        lock (_sending)
        {
            MoveTo(Phase.Accepting);
            _control.Begin(null);
            Send(accept);
            _digests = SessionDigests.Create(introduction.Features, introduction.Keys);
            _control.Begin(_digests?.ToSender);
            MoveTo(Phase.Accepted);
        }

        if (_digests is { } digests)
        {
            reader.RequireDigest(
                new FrameVerifier(context.Layout.DataModel, digests.Commands, digests.ToReceiver, introduction.Open.NextNumber));
        }
    }

    /// <summary>
    /// The service of the connection is over. Where we have ended it, tells the peer why and what was delivered, if that can be done at
    /// once; if we go, also makes sure that the peer can hear it, for as long as the connection is not aborted.
    /// </summary>
    public void Close(ConnectionEnd end)
    {
        _owner.Check();
        // Without an ACCEPT the peer has not proven itself, or was gone before.
        if (SessionEnds.CauseOf(end) is not { } cause || _phase != Phase.Accepted || !_session.IsOpen
            || handover.InUse is not { } connection || !connection.CanWriteAtOnce())
        {
            return;
        }

        using var limit = context.Environment.Time.CreateTimer(
            static state => ((ProxyConnection)state!).Abort(), connection, LongestFarewell, Timeout.InfiniteTimeSpan);
        try
        {
            lock (_sending)
            {
                Send(_session.CreateClose(cause, Now));
                MoveTo(Phase.Closed);
            }

            if (end.Cause is ConnectionEndCause.Stopped or ConnectionEndCause.Parked)
            {
                connection.CloseInOrder();
            }
        }
        catch (IOException)
        {
            // It broke meanwhile: then the peer does not hear it.
        }
    }

    /// <summary>The connection ends, however far it came.</summary>
    public void End()
    {
        _owner.Check();
        lock (_sending)
        {
            MoveTo(Phase.Ended);
            _digests?.Dispose();
            _digests = null;
        }
    }

    /// <summary>
    /// Says again on the present connection what was acknowledged last: where the peer's machine was started anew without a word, it
    /// answers with a reset. Does nothing where something is being said anyway. Any thread.
    /// </summary>
    public void Probe()
    {
        if (!Monitor.TryEnter(_sending))
        {
            return;
        }

        try
        {
            if (_phase == Phase.Accepted && _session.IsOpen && handover.InUse is { } connection && connection.CanWriteAtOnce())
            {
                Send(SessionMessage.CreateAcknowledgement(_acknowledged, context.Environment.LocalNodeId, context.Peer.NodeId, Now));
            }
        }
        catch (IOException)
        {
            // It is broken; the receiver thread sees it, too.
        }
        finally
        {
            Monitor.Exit(_sending);
        }
    }

    /// <summary>Decides about a control message: whether it goes on to the control handler.</summary>
    /// <param name="header">The message.</param>
    /// <param name="end">With <see cref="FrameAdmission.End"/>: why the connection has to end.</param>
    public FrameAdmission AdmitControl(in CommandHeader header, out ConnectionEnd? end)
    {
        _owner.Check();
        end = null;
        if (SessionMessage.TryRead(in header, out SessionClose close))
        {
            end = close.ToEnd();
            lock (_sending)
            {
                MoveTo(Phase.ClosedByPeer);
            }

            return FrameAdmission.End;
        }

        if (SessionMessage.Is(in header, SessionMessageType.Open))
        {
            end = new ConnectionEnd(ConnectionEndCause.ProtocolViolation, "it opens a session in the middle of another");
            return FrameAdmission.End;
        }

        _session.OnControl();
        return FrameAdmission.Deliver;
    }

    /// <summary>Decides about a frame of commands: each is delivered once, in order.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="end">With <see cref="FrameAdmission.End"/>: why the connection has to end.</param>
    public FrameAdmission Admit(in Frame frame, out ConnectionEnd? end)
    {
        _owner.Check();
        var sequence = frame.Command.SendSequence;
        var verdict = _session.OnFrame(frame.WireFlags, sequence);
        end = null;
        if (verdict == FrameVerdict.Deliver)
        {
            return FrameAdmission.Deliver;
        }

        var counters = context.ReceiverCounters;
        switch (verdict)
        {
            case FrameVerdict.Duplicate:
                Volatile.Write(ref counters.Duplicates, counters.Duplicates + 1);
                return FrameAdmission.Drop;
            case FrameVerdict.Gap:
                Volatile.Write(ref counters.Gaps, counters.Gaps + 1);
                end = new ConnectionEnd(
                    ConnectionEndCause.MissingFrames,
                    $"frames are missing before number {sequence}; the peer sends again from the last acknowledged");
                return FrameAdmission.End;
            case FrameVerdict.Unsequenced:
                end = new ConnectionEnd(ConnectionEndCause.ProtocolViolation, "a command frame without a number in a session");
                return FrameAdmission.End;
            default:
                end = new ConnectionEnd(ConnectionEndCause.ProtocolViolation, "a command of a session that we do not know");
                return FrameAdmission.End;
        }
    }

    /// <summary>A frame was delivered.</summary>
    public void OnDelivered(int wireLength)
    {
        _session.OnDelivered(wireLength);
        AcknowledgeMuch();
    }

    /// <summary>There is no whole frame left in the input: acknowledges, at once or after a short wait for more.</summary>
    /// <param name="timeUp">The read before ended because of that wait.</param>
    public void OnInputDry(bool timeUp)
    {
        _owner.Check();
        if (!_session.ShouldAcknowledge(inputDry: true))
        {
            _timer.OnNothingDue(timeUp);
        }
        else if (_session.IsUrgent || timeUp || !_timer.TryWait())
        {
            SendAcknowledgement();
        }
    }

    /// <summary>A frame came in that is not fit for the driver: damaged, or intact and against the rules. Returns true if that was the last
    /// time: skip it, and give it up. Otherwise the connection is to be closed, and the peer sends it again.</summary>
    public bool OnUnfit(in CommandHeader wireHeader)
    {
        Volatile.Write(ref context.ReceiverCounters.DamagedFrames, context.ReceiverCounters.DamagedFrames + 1);
        return _session.OnContentFailure(in wireHeader) == ContentFailureVerdict.GiveUp;
    }

    /// <summary>A frame is given up: answers every command of it with an error; none of them is delivered.</summary>
    public void GiveUp(in Frame frame)
    {
        GiveUp(in frame.Command);
        foreach (ref readonly var command in frame.GetBatch())
        {
            GiveUp(in command);
        }

        OnGivenUp(frame.WireLength);
    }

    /// <summary>A frame is given up whose header breaks a rule, so that it has no commands but the one that the header names.</summary>
    /// <param name="header">The header.</param>
    /// <param name="isAnswered">Whether the command is answered with an error.</param>
    /// <param name="wireLength">Bytes of the frame.</param>
    public void GiveUp(in CommandHeader header, bool isAnswered, int wireLength)
    {
        if (isAnswered)
        {
            GiveUp(in header);
        }

        OnGivenUp(wireLength);
    }

    /// <summary>The delivery of a frame met a fault: it counts as delivered, and its commands from <paramref name="begun"/> on, which the
    /// driver did not get, are answered with errors.</summary>
    public void GiveUpRest(in Frame frame, int begun)
    {
        var index = 1;
        foreach (ref readonly var command in frame.GetBatch())
        {
            if (index++ >= begun)
            {
                _answers.TryAnswer(in command, ErrorAcknowledgement.DefaultError);
            }
        }

        _session.OnDelivered(frame.WireLength);
    }

    private Timestamp Now => Timestamp.Now(context.Environment.Time);

    private void MoveTo(Phase phase)
    {
        if (Invariant.AreChecked && !MayFollow(phase))
        {
            Invariant.Fail($"A receiver's session goes from {_phase} to {phase}.");
        }

        _phase = phase;
    }

    private bool MayFollow(Phase phase) => phase switch
    {
        Phase.Ended => true,
        Phase.Accepting => _phase == Phase.Ended,
        Phase.Accepted => _phase == Phase.Accepting,
        _ => _phase == Phase.Accepted,
    };

    private void AcknowledgeMuch()
    {
        if (_session.ShouldAcknowledge(inputDry: false))
        {
            SendAcknowledgement();
        }
    }

    // Never waits for the peer to read: it may be waiting for us to. What is left out is made up for by the next.
    private void SendAcknowledgement()
    {
        if (!handover.InUse!.CanWriteAtOnce())
        {
            _timer.OnBlocked();
            return;
        }

        _timer.OnAcknowledged();
        Send(_session.CreateAcknowledgement(Now));
    }

    private void OnGivenUp(int wireLength)
    {
        context.ReceiverCounters.FramesGivenUp++;
        _session.OnGivenUp(wireLength);
        AcknowledgeMuch();
    }

    private void GiveUp(in CommandHeader command)
    {
        var route = _answers.Answer(in command, ErrorAcknowledgement.DefaultError);
        ProxyLog.CommandGivenUp(context.Logger, context.Name, command, route.ToString());
    }

    private void Send(in CommandHeader message)
    {
        lock (_sending)
        {
            _acknowledged = message.AcknowledgeSequence;
            handover.InUse!.Output.Send(_control, in message);
        }
    }
}

/// <summary>What becomes of a frame.</summary>
internal enum FrameAdmission
{
    /// <summary>It goes on.</summary>
    Deliver,

    /// <summary>It was delivered before, and is dropped.</summary>
    Drop,

    /// <summary>Nothing of it is delivered, and the connection has to end.</summary>
    End,
}
