using System.Buffers;
using System.IO.Pipelines;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// A reliable session: frames are kept in the <see cref="RetransmitWindow"/> until the peer has acknowledged them, and what a broken
/// connection may have lost is sent again on the next. A full window fetches nothing, so the rest stays queued in the driver.
/// </summary>
internal sealed class SessionSenderLink : SenderLink
{
    private static readonly TimeSpan WaitTime = TimeSpan.FromMilliseconds(100);

    private readonly Func<CommandHeader> _createHello;
    private readonly SenderSession _session;
    private readonly AcknowledgementMailbox _mailbox = new();
    private ProxyConnection? _connection;
    private FrameReader? _reader;
    private readonly int _windowBytes;
    private ulong _acknowledgedAtBegin;
    private ulong _askedBefore;

    public SessionSenderLink(PairContext context, Func<CommandHeader> createHello)
        : base(context, sequenced: true)
    {
        _createHello = createHello;
        var largestRoom = Writer.LargestRoom;
        _windowBytes = Math.Max(context.Peer.WindowBytes, largestRoom);
        _session = new SenderSession(new SenderSessionOptions
        {
            Model = context.Layout.DataModel,
            LocalNode = context.Environment.LocalNodeId,
            PeerNode = context.Peer.NodeId,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            Window = new RetransmitWindowOptions(_windowBytes, context.Peer.WindowFrames, largestRoom),
            Digest = context.Peer.Md5,
            AtLeastOnce = context.Peer.AtLeastOnce,
        });
        Writer.SendSequence = _session.Window.NextSequence;
    }

    public override IBufferWriter<byte> Frames => _session.Window;

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

    public override string? Begin(ProxyConnection connection)
    {
        ApplyLateAcknowledgement();
        _connection = connection;
        _reader?.Dispose();
        _reader = new FrameReader(new FrameReaderOptions
        {
            Layout = Context.Layout,
            MaxPayload = Context.Environment.Limits.MaxCopyBuffer,
            ExpectedSourceNode = Context.Peer.NodeId,
            ExpectedDestinationNode = Context.Environment.LocalNodeId,
        });
        string? problem;
        using (var limit = new HandshakeLimit(connection, Context.Peer.ConnectTimeout, Context.Environment.Time))
        {
            problem = Open(limit);
        }

        if (problem is null)
        {
            _acknowledgedAtBegin = _session.Window.Acknowledged;
            _mailbox.Reset(_acknowledgedAtBegin);
            _askedBefore = 0;
        }
        else
        {
            _session.OnDisconnected();
        }

        return problem;
    }

    // The peer acknowledges a quarter of the window at once. For less it takes its time, unless it is asked: a hello asks.
    public override void WaitForRoom()
    {
        var window = _session.Window;
        if (_askedBefore != window.NextSequence && window.Kept.Bytes <= _windowBytes / 4)
        {
            _askedBefore = window.NextSequence;
            Send(_createHello());
        }

        _mailbox.Wait(WaitTime);
    }

    public override void Flush()
    {
        ApplyAcknowledgements();
        Writer.Complete(_session.Window);
        var output = _connection!.Output;
        while (_session.Window.TryTakeUnsent(out var piece))
        {
            Check(output.WriteAsync(piece).WaitBlocking());
        }

        Volatile.Write(ref Context.Sender.Retransmitted, _session.Window.Retransmitted.Frames);
    }

    public override void WriteControl(in CommandHeader message) => Send(in message);

    // The ACCEPT is read by the sender thread before the watcher starts; from then on only acknowledgements are due.
    public override string? TryConsume(ref ReadOnlySequence<byte> input)
    {
        while (true)
        {
            switch (_reader!.TryRead(ref input, out var frame))
            {
                case FrameStatus.NeedMoreData:
                    return null;
                case FrameStatus.Malformed:
                    return $"malformed answer: {_reader.Fault.Describe()}";
                default:
                    if (SessionMessage.TryReadAcknowledgement(in frame.Command, out var acknowledged))
                    {
                        _mailbox.Publish(acknowledged);
                    }
                    else if (SessionMessage.Is(in frame.Command, SessionMessageType.Refuse))
                    {
                        return _session.OnRefuse(in frame.Command);
                    }
                    else if (!frame.IsControl)
                    {
                        return "the receiver sent a command where only acknowledgements are due";
                    }

                    break;
            }
        }
    }

    public override void OnBroken() => _mailbox.Close();

    public override int End(int unflushedCommands)
    {
        if (Writer.HasOpenBatch)
        {
            Writer.Complete(_session.Window);
        }

        Writer.Abandon();
        _session.Window.ReleaseRoom();
        _session.OnDisconnected();
        _connection = null;
        return 0;
    }

    public override void Finish()
    {
        ApplyLateAcknowledgement();
        var (unknown, lost) = _session.Abandon();
        if (unknown.Commands + lost.Commands > 0)
        {
            Context.Sender.UnknownFate += unknown.Commands;
            Context.Sender.Lost += lost.Commands;
            ProxyLog.LeftUnacknowledged(Context.Logger, Context.Name, unknown.Commands, lost.Commands);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _reader?.Dispose();
        _session.Dispose();
        _mailbox.Dispose();
    }

    private Timestamp Now => Timestamp.Now(Context.Environment.Time);

    private string? Open(HandshakeLimit limit)
    {
        try
        {
            Send(_session.CreateOpen(Now));
            while (true)
            {
                var problem = ReadAnswer(out var answer);
                if (problem is not null)
                {
                    return limit.IsOver ? SenderSession.DescribeNoAnswer(Context.Name, limit.Limit) : problem;
                }

                if (SessionMessage.Is(in answer, SessionMessageType.Refuse))
                {
                    return _session.OnRefuse(in answer);
                }

                if (SessionMessage.Is(in answer, SessionMessageType.Accept))
                {
                    var decision = _session.OnAccept(in answer);
                    Report(in decision);
                    switch (decision.Outcome)
                    {
                        case AcceptOutcome.Fail:
                            return decision.Problem;
                        case AcceptOutcome.Reopen:
                            Send(_session.CreateOpen(Now));
                            break;
                        default:
                            Send(_createHello());
                            return null;
                    }
                }
            }
        }
        catch (IOException exception)
        {
            return limit.IsOver ? SenderSession.DescribeNoAnswer(Context.Name, limit.Limit) : exception.Message.TrimEnd('.');
        }
    }

    private string? ReadAnswer(out CommandHeader answer)
    {
        answer = default;
        var input = _connection!.Input;
        while (true)
        {
            var result = input.ReadBlocking();
            var buffer = result.Buffer;
            var status = _reader!.TryRead(ref buffer, out var frame);
            if (status == FrameStatus.Complete)
            {
                answer = frame.Command;
                input.AdvanceTo(buffer.Start);
                return null;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (status == FrameStatus.Malformed)
            {
                return $"malformed answer to our OPEN: {_reader.Fault.Describe()}";
            }

            if (result.IsCompleted || result.IsCanceled)
            {
                return "the peer closed the connection before it accepted the session";
            }
        }
    }

    private void Report(in AcceptDecision decision)
    {
        if (decision.PeerRestarted)
        {
            Context.Sender.UnknownFate += decision.UnknownFate.Commands;
            Context.Sender.PossiblyRepeated += decision.PossiblyRepeated.Commands;
            ProxyLog.PeerRestarted(Context.Logger, Context.Name, decision.UnknownFate.Commands, decision.PossiblyRepeated.Commands);
        }
        else if (decision.Outcome == AcceptOutcome.Resume)
        {
            Context.Sender.Resumes++;
            if (Context.Logs.Resumed.TryEnter(out var suppressed))
            {
                ProxyLog.SessionResumed(Context.Logger, Context.Name, decision.Resent.Frames, LogThrottle.Describe(suppressed));
            }
        }
    }

    private void Send(in CommandHeader message)
    {
        var output = _connection!.Output;
        SessionMessage.WriteFrame(output, Context.Layout, in message);
        Check(output.FlushBlocking());
    }

    private void ApplyAcknowledgements()
    {
        if (_mailbox.TryTake(out var acknowledged) && !_session.TryAcknowledge(acknowledged, out var problem))
        {
            throw new IOException(problem);
        }
    }

    // A sender that is blocked in writing takes no acknowledgements, and may learn of the end of the connection first. Only while no
    // connection is in use, so that nobody publishes.
    private void ApplyLateAcknowledgement()
    {
        if (_connection is null && _mailbox.TryTake(out var acknowledged))
        {
            _session.AcknowledgeLate(acknowledged);
        }
    }
}
