using System.Buffers;
using System.Globalization;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// A reliable session: frames are kept in the <see cref="RetransmitWindow"/> until the peer has acknowledged them, and what a broken
/// connection may have lost is sent again on the next. A full window fetches nothing, so the rest stays queued in the driver.
/// </summary>
internal sealed class SessionStream : OutboundStream
{
    // Bytes that are sent between two looks for acknowledgements: a look is a system call, and the peer does not acknowledge every frame.
    private const int BytesBetweenPolls = 128 * 1024;

    // After traffic the last acknowledgement comes within a moment; a sender that nobody wakes has to look for it.
    private const int FirstIdleMilliseconds = 4;
    private const int LongestIdleMilliseconds = 1024;

    private readonly Func<CommandHeader> _createHello;
    private readonly SenderSession _session;
    private readonly AcknowledgementInput _input;
    private readonly SilenceLimit _silence;
    private readonly ControlMessageWriter _control;
    private readonly AesGmacFrameDigest? _keyedDigest;
    private SessionDigests? _digests;
    private ProxyConnection? _connection;
    private long _pollAt;
    private int _idleMilliseconds = int.MaxValue;
    private ulong _acknowledgedAtBegin;
    private ulong _askedBefore;

    public SessionStream(PairContext context, Func<CommandHeader> createHello)
        : base(context, sequenced: true)
    {
        _createHello = createHello;
        var largestRoom = Writer.LargestRoom;
        var windowBytes = Math.Max(context.Peer.WindowBytes, largestRoom);
        _session = new SenderSession(new SenderSessionOptions
        {
            Model = context.Layout.DataModel,
            LocalNode = context.Environment.LocalNodeId,
            PeerNode = context.Peer.NodeId,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            Window = new RetransmitWindowOptions(windowBytes, context.Peer.WindowFrames, largestRoom),
            Digest = context.Peer.UseFrameDigest,
            Secret = context.Secret,
            AtLeastOnce = context.Peer.AtLeastOnce,
        });
        _input = new AcknowledgementInput(
            new FrameReaderOptions
            {
                Layout = context.Layout,
                MaxPayload = context.Environment.Limits.MaxCopyBuffer,
                ExpectedSourceNode = context.Peer.NodeId,
                ExpectedDestinationNode = context.Environment.LocalNodeId,
                AllowSessionFlags = true,
            },
            _session);
        _silence = new SilenceLimit(context.Peer.IdleTimeout, context.Environment.Time);
        _control = new ControlMessageWriter(context.Layout);
        Writer.NextNumber = _session.Window.NextNumber;
        if (!context.Secret.IsEmpty)
        {
            var key = SessionKeys.DeriveCommandKey(
                context.Secret.Span, _session.Id.Process, context.Environment.LocalNodeId, context.Peer.NodeId);
            _keyedDigest = new AesGmacFrameDigest(key, FrameDigestUse.Commands);
            Writer.Digest = _keyedDigest;
        }
    }

    public override IBufferWriter<byte> Frames => _session.Window;

    public override bool ReadsInput => _input.ReadsItself;

    public override int IdleMilliseconds => Math.Min(_idleMilliseconds, _silence.RemainingMilliseconds);

    public override TimeSpan ResumeWindow => Context.Peer.ResumeWindow;

    public override bool HasProgressed
    {
        get
        {
            ApplyLateAcknowledgement();
            return _session.Window.Acknowledged != _acknowledgedAtBegin;
        }
    }

    public override bool HasRoom
    {
        get
        {
            if (_session.Window.HasRoom)
            {
                return true;
            }

            ApplyAcknowledgements();
            return _session.Window.HasRoom;
        }
    }

    public override bool IsSettled
    {
        get
        {
            ApplyAcknowledgements();
            return _session.Window.IsEmpty;
        }
    }

    public override ConnectionEnd? Begin(ProxyConnection connection)
    {
        ApplyLateAcknowledgement();
        _connection = connection;
        _input.Begin(connection);
        _silence.Begin();
        UseDigests(null);
        ConnectionEnd? problem;
        using (var limit = new HandshakeLimit(connection, Context.Peer.ConnectTimeout, Context.Environment.Time))
        {
            problem = Open(limit);
        }

        if (problem is null)
        {
            _acknowledgedAtBegin = _session.Window.Acknowledged;
            _input.BeginAcknowledgements(_acknowledgedAtBegin);
            _pollAt = 0;
            _askedBefore = 0;
        }
        else
        {
            _session.OnDisconnected();
            _input.End();
            _connection = null;
        }

        return problem;
    }

    // The peer acknowledges a quarter of the window at once. For less it takes its time, unless it is asked: a hello asks.
    public override void WaitForRoom()
    {
        var window = _session.Window;
        if (_askedBefore != window.NextSequence && window.Kept.Bytes <= window.QuarterBytes)
        {
            _askedBefore = window.NextSequence;
            Send(_createHello());
        }

        _input.Wait();
        CheckSilence();
    }

    public override void Flush()
    {
        if (!ReadsInput || _session.Window.Kept.Bytes >= _pollAt)
        {
            ApplyAcknowledgements();
            _pollAt = _session.Window.Kept.Bytes + BytesBetweenPolls;
        }

        Writer.Complete(_session.Window);
        var output = _connection!.Output;
        while (_session.Window.TryTakeUnsent(out var piece))
        {
            Check(output.WriteAsync(piece).WaitBlocking());
            _silence.OnSent(_input.Heard);
        }

        _idleMilliseconds = ReadsInput && !_session.Window.IsEmpty ? FirstIdleMilliseconds : int.MaxValue;
        Volatile.Write(ref Context.SenderCounters.Retransmitted, _session.Window.Retransmitted.Frames);
    }

    public override void WriteControl(in CommandHeader message)
    {
        CheckSilence();
        Send(in message);
    }

    public override ConnectionEnd? TryConsume(ref ReadOnlySequence<byte> input) => _input.TryConsume(ref input);

    public override bool Close(ConnectionEnd end)
    {
        if (SessionClose.CauseOf(end) is not { } cause || _input.IsClosedByPeer || !_session.IsOpen || !_connection!.CanWriteAtOnce)
        {
            return false;
        }

        try
        {
            var options = Context.Environment;
            Send(SessionMessage.Create(new SessionClose(cause, 0), options.LocalNodeId, Context.Peer.NodeId, Now));
            _connection.Output.Complete();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public override ConnectionEnd? ReadRest()
    {
        var reason = _input.ReadRest();
        var isClosed = _input.TakeClose();
        if (_input.TryTake(out var acknowledged) && !_session.TryAcknowledge(acknowledged, out var problem))
        {
            return ProtocolViolation(problem);
        }

        if (isClosed)
        {
            _session.OnPeerClosed();
        }

        return reason;
    }

    public override void OnIdle()
    {
        ApplyAcknowledgements();
        CheckSilence();
        if (!_session.Window.IsEmpty)
        {
            _idleMilliseconds = ReadsInput ? Math.Min(_idleMilliseconds * 2, LongestIdleMilliseconds) : int.MaxValue;
            return;
        }

        // The room for the next command may lie in memory that was got for bursts.
        Writer.Complete(_session.Window);
        _idleMilliseconds = int.MaxValue;
    }

    public override void OnBroken() => _input.Close();

    public override int End(int unflushedCommands)
    {
        if (Writer.HasOpenBatch)
        {
            Writer.Complete(_session.Window);
        }

        Writer.Abandon();
        _session.Window.ReleaseRoom();
        _session.OnDisconnected();
        _input.End();
        _connection = null;
        _idleMilliseconds = int.MaxValue;
        return 0;
    }

    public override void Finish()
    {
        ApplyLateAcknowledgement();
        var (unknown, lost) = _session.Abandon();
        if (unknown.Commands + lost.Commands > 0)
        {
            Context.SenderCounters.UnknownFate += unknown.Commands;
            Context.SenderCounters.Lost += lost.Commands;
            ProxyLog.LeftUnacknowledged(Context.Logger, Context.Name, Counted.Of(unknown.Commands, "command"), Counted.Of(lost.Commands, "command"));
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        UseDigests(null);
        _input.Dispose();
        _session.Dispose();
        _keyedDigest?.Dispose();
    }

    private Timestamp Now => Timestamp.Now(Context.Environment.Time);

    private ConnectionEnd? Open(HandshakeLimit limit)
    {
        try
        {
            Send(_session.CreateOpen(Now));
            while (true)
            {
                var problem = _input.ReadAnswer(out var answer);
                if (problem is not null)
                {
                    return limit.IsOver ? NoAnswer(limit) : problem;
                }

                if (SessionMessage.Is(in answer, SessionMessageType.Refuse))
                {
                    return AcknowledgementInput.Refused(_session, in answer);
                }

                if (SessionMessage.Is(in answer, SessionMessageType.Challenge))
                {
                    if (_session.OnChallenge(in answer, Now, out var proof) is { } violation)
                    {
                        return ProtocolViolation(violation);
                    }

                    Send(in proof);
                }
                else if (SessionMessage.Is(in answer, SessionMessageType.Accept))
                {
                    var decision = _session.OnAccept(in answer);
                    Report(in decision);
                    switch (decision.Outcome)
                    {
                        case AcceptOutcome.Fail:
                            return ProtocolViolation(decision.Problem);
                        case AcceptOutcome.Renew:
                            return new ConnectionEnd(ConnectionEndCause.SessionLost, decision.Problem!);
                        default:
                            UseDigests(SessionDigests.Create(_session.Features, _session.Keys!));
                            Send(_createHello());
                            return null;
                    }
                }
            }
        }
        catch (IOException exception)
        {
            return limit.IsOver ? NoAnswer(limit) : ConnectionEnd.Of(exception);
        }
    }

    private ConnectionEnd NoAnswer(HandshakeLimit limit) =>
        new(ConnectionEndCause.HandshakeTimeout, SenderSession.DescribeNoAnswer(Context.Name, limit.Limit));

    private static ConnectionEnd ProtocolViolation(string? problem) => new(ConnectionEndCause.ProtocolViolation, problem!);

    private void Report(in AcceptDecision decision)
    {
        if (decision.Outcome == AcceptOutcome.Renew)
        {
            Context.SenderCounters.UnknownFate += decision.UnknownFate.Commands;
            Context.SenderCounters.PossiblyRepeated += decision.PossiblyRepeated.Commands;
            // Of what a contradiction takes along only the frames are known, and each has a command at least.
            var unknown = Counted.Of(decision.UnknownFate.Commands, "command");
            ProxyLog.SessionLost(
                Context.Logger, Context.Name, decision.Problem!,
                decision is { Loss: SessionLoss.Contradiction, UnknownFate.Frames: > 0 } ? $"at least {unknown}" : unknown,
                Counted.Of(decision.PossiblyRepeated.Commands, "command"));
        }
        else if (decision.Outcome == AcceptOutcome.Resume)
        {
            Context.SenderCounters.Resumes++;
            ProxyLog.SessionResumed(Context.Logger, Context.Name, Counted.Of(decision.Resent.Frames, "frame"));
        }
    }

    // Of the connection, from its handshake on. Those of the one before are given back when nobody reads it any more.
    private void UseDigests(SessionDigests? digests)
    {
        _digests?.Dispose();
        _digests = digests;
        _control.Begin(digests?.ToReceiver);
        if (digests is not null)
        {
            _input.RequireDigest(digests.ToSender);
        }
    }

    private void Send(in CommandHeader message)
    {
        var output = _connection!.Output;
        _control.Write(output, in message);
        Check(output.FlushBlocking());
        _silence.OnSent(_input.Heard);
    }

    // Whatever we send is answered. Where the answers are swallowed on the way, or the peer is frozen, the next connection shows which.
    private void CheckSilence()
    {
        if (!_silence.IsOver(_input.Heard, !_session.Window.IsEmpty))
        {
            return;
        }

        ApplyAcknowledgements();
        if (_silence.IsOver(_input.Heard, !_session.Window.IsEmpty))
        {
            var limit = Context.Peer.IdleTimeout.TotalSeconds;
            throw new ConnectionEndException(new ConnectionEnd(
                ConnectionEndCause.PeerSilent, string.Create(CultureInfo.InvariantCulture, $"the peer has answered nothing for {limit:0.###} s (idle)")));
        }
    }

    private void ApplyAcknowledgements()
    {
        _input.Poll();
        if (_input.TryTake(out var acknowledged) && !_session.TryAcknowledge(acknowledged, out var problem))
        {
            throw new ConnectionEndException(ProtocolViolation(problem));
        }
    }

    // A sender that is blocked in writing takes no acknowledgements, and may learn of the end of the connection first. Only while no
    // connection is in use, so that nobody publishes.
    private void ApplyLateAcknowledgement()
    {
        if (_connection is not null)
        {
            return;
        }

        var isClosed = _input.TakeClose();
        var isGood = !_input.TryTake(out var acknowledged) || _session.AcknowledgeLate(acknowledged);
        if (isClosed && isGood)
        {
            _session.OnPeerClosed();
        }
    }
}
