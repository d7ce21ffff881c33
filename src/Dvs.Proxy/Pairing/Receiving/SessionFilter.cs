using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// The receiver's end of a reliable session: accepts whoever has proven itself, lets each frame pass once, acknowledges on the same connection. Lives as long as
/// the receiver. Receiver thread only, but for <see cref="Probe"/>.
/// </summary>
internal sealed class SessionFilter(PairContext context)
{
    // A peer that was told that we go closes its side at once.
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);

    private readonly ReceiverSession _session = new(CreateOptions(context));

    // Held while a message is written, for the probe's sake. That is no wait for I/O: past the ACCEPT, nothing is written that the connection would not
    // take at once, and a probe leaves the receiver thread alone where that writes. An uncontended lock costs what any other gate would.
    private readonly object _sending = new();
    private readonly ControlMessageWriter _control = new(context.Layout);
    private readonly AcknowledgementTimer _delay = new(context.Peer.AcknowledgementDelay, context.Environment.Time);
    private readonly CommandRefusal _refusal = new(context);
    private ProxyConnection? _connection;
    private bool _isClosedByPeer;
    private ulong _acknowledged;
    private bool _isAccepted;
    private SessionDigests? _digests;

    /// <summary>What the pair expects of a session.</summary>
    public static ReceiverSessionOptions CreateOptions(PairContext context) => new()
    {
        Model = context.Layout.DataModel,
        LocalNode = context.Environment.LocalNodeId,
        PeerNode = context.Peer.NodeId,
        PeerName = context.Name,
        ProcessId = context.Environment.ProcessSessionId,
        MaxPayload = context.Environment.Limits.MaxCopyBuffer,
        RequireDigest = context.Peer.UseFrameDigest,
        Secret = context.Secret,
    };

    /// <summary>True while a read may end because its time is up.</summary>
    public bool LimitsReads => _delay.LimitsReads;

    /// <summary>Begins with a new connection, whose peer has proven itself: the former one has ended, so what was delivered is final.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="introduction">Who the peer has proven to be, and what was agreed.</param>
    /// <param name="reader">Reads the connection: from now on with the digests that were agreed.</param>
    public void Begin(ProxyConnection connection, SessionIntroduction introduction, FrameReader reader)
    {
        _isClosedByPeer = false;
        _delay.Begin(connection);
        _session.OnConnected();
        var resumes = _session.Resumes;
        var accept = _session.Accept(introduction, Now);
        context.ReceiverCounters.Resumes += _session.Resumes - resumes;
        lock (_sending)
        {
            _connection = connection;
            _control.Begin(null);
            Send(accept);
            _digests = SessionDigests.Create(introduction.Features, introduction.Keys);
            _control.Begin(_digests?.ToSender);
            _isAccepted = _session.IsOpen;
        }

        if (_digests is { } digests)
        {
            reader.RequireDigest(new FrameVerifier(context.Layout.DataModel, digests.Commands, digests.ToReceiver, introduction.Open.NextNumber));
        }
    }

    /// <summary>The connection ends.</summary>
    public void End()
    {
        lock (_sending)
        {
            _connection = null;
            _isAccepted = false;
            _digests?.Dispose();
            _digests = null;
        }
    }

    /// <summary>
    /// Says again on the present connection what was acknowledged last: where the peer's machine was started anew without a word, it answers with
    /// a reset. Nothing where something is being said anyway. Any thread.
    /// </summary>
    public void Probe()
    {
        if (!Monitor.TryEnter(_sending))
        {
            return;
        }

        try
        {
            if (_isAccepted && _connection!.CanWriteAtOnce)
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

    /// <summary>Takes a control message of the session. False: it is none. With a problem the connection has to end.</summary>
    public bool TryHandleControl(in CommandHeader header, out ConnectionEnd? problem)
    {
        problem = null;
        if (SessionMessage.TryRead(in header, out SessionClose close))
        {
            problem = close.ToEnd();
            _isClosedByPeer = true;
            return true;
        }

        if (!SessionMessage.Is(in header, SessionMessageType.Open))
        {
            _session.OnControl();
            return false;
        }

        problem = new ConnectionEnd(ConnectionEndCause.ProtocolViolation, "it opens a session in the middle of another");
        return true;
    }

    /// <summary>May this frame be delivered? With a problem the connection has to end.</summary>
    public bool MayDeliver(in Frame frame, out ConnectionEnd? problem)
    {
        var sequence = frame.Command.SendSequence;
        var verdict = _session.OnFrame(frame.WireFlags, sequence);
        problem = null;
        switch (verdict)
        {
            case FrameVerdict.Deliver:
                return true;
            case FrameVerdict.Duplicate:
                Volatile.Write(ref context.ReceiverCounters.Duplicates, _session.Duplicates);
                return false;
            case FrameVerdict.Gap:
                Volatile.Write(ref context.ReceiverCounters.Gaps, _session.Gaps);
                problem = new ConnectionEnd(
                    ConnectionEndCause.MissingFrames, $"frames are missing before number {sequence}; the peer sends again from the last acknowledged");
                return false;
            case FrameVerdict.Unsequenced:
                problem = new ConnectionEnd(ConnectionEndCause.ProtocolViolation, "a command frame without a number in a session");
                return false;
            default:
                problem = new ConnectionEnd(ConnectionEndCause.ProtocolViolation, "a command of a session that we do not know");
                return false;
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
        if (!_session.ShouldAcknowledge(inputDry: true))
        {
            _delay.OnNothingToSay(timeUp);
        }
        else if (_session.IsUrgent || timeUp || !_delay.MayWait())
        {
            SendAcknowledgement();
        }
    }

    /// <summary>A frame came in damaged. True: it was the last time; skip it and answer its commands with errors. False: close, it is sent again.</summary>
    public bool GivesUp(in CommandHeader wireHeader)
    {
        var verdict = _session.OnContentFailure(in wireHeader);
        Volatile.Write(ref context.ReceiverCounters.DamagedFrames, _session.ContentFailures);
        return verdict == ContentFailureVerdict.RefuseFrame;
    }

    /// <summary>Answers every command of a frame that is given up; none of them is delivered.</summary>
    public void Refuse(in Frame frame)
    {
        RefuseCommand(in frame.Command);
        foreach (ref readonly var command in frame.GetBatch())
        {
            RefuseCommand(in command);
        }

        context.ReceiverCounters.RefusedDamaged++;
        _session.OnRefused(frame.WireLength);
        AcknowledgeMuch();
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
                _refusal.TryAnswer(in command, ErrorAcknowledgement.DefaultError);
            }
        }

        _session.OnDelivered(frame.WireLength);
    }

    /// <summary>
    /// The service of the connection is over. Where we have ended it, tells the peer why and what was delivered, if that can be done at once; if
    /// we go, also makes sure that the peer can hear it, for as long as the connection is not aborted.
    /// </summary>
    public void Close(ConnectionEnd end)
    {
        // Without a connection of ours there was no ACCEPT on it: the peer has not proven itself, or was gone before.
        if (SessionClose.CauseOf(end) is not { } cause || _isClosedByPeer || !_session.IsOpen || _connection is not { CanWriteAtOnce: true })
        {
            return;
        }

        using var limit = context.Environment.Time.CreateTimer(
            static state => ((ProxyConnection)state!).Abort(), _connection, LongestFarewell, Timeout.InfiniteTimeSpan);
        try
        {
            lock (_sending)
            {
                Send(_session.CreateClose(cause, Now));
                _isAccepted = false;
            }

            if (end.Cause is ConnectionEndCause.Stopped or ConnectionEndCause.Parked)
            {
                _connection.CloseInOrder();
            }
        }
        catch (IOException)
        {
            // It broke meanwhile: then the peer does not hear it.
        }
    }

    private Timestamp Now => Timestamp.Now(context.Environment.Time);

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
        if (!_connection!.CanWriteAtOnce)
        {
            _delay.TryLater();
            return;
        }

        _delay.Stop();
        Send(_session.CreateAcknowledgement(Now));
    }

    private void RefuseCommand(in CommandHeader command)
    {
        var route = _refusal.Answer(in command, ErrorAcknowledgement.DefaultError);
        ProxyLog.CommandRefusedDamaged(context.Logger, context.Name, command, route.ToString());
    }

    private void Send(in CommandHeader message)
    {
        lock (_sending)
        {
            _acknowledged = message.AcknowledgeSequence;
            var output = _connection!.Output;
            _control.Write(output, in message);
            var result = output.FlushBlocking();
            if (result.IsCompleted || result.IsCanceled)
            {
                throw new ConnectionEndException(ConnectionEnd.TakesNoMore);
            }
        }
    }
}
