using System.Buffers;
using Dvs.Proxy.Device;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Fuzz.Targets;

/// <summary>A receiver's session under attack: does with its decisions what a receiver proxy does, and keeps account of what was delivered.</summary>
internal sealed class AttackedReceiver
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);

    private readonly OutcomeCounter<FrameVerdict> _verdicts = new();
    private long _accepted;
    private long _refused;
    private long _damaged;
    private SequenceSpace _space;
    private ulong _account;
    private ulong _lastDelivered;
    private bool _hasDeliveredHere;

    public IEnumerable<KeyValuePair<string, long>> Outcomes => _verdicts.NonZero.Concat(
    [
        KeyValuePair.Create("opens accepted", _accepted), KeyValuePair.Create("opens refused", _refused), KeyValuePair.Create("damaged", _damaged),
    ]);

    public void Run(byte options, ReadOnlyMemory<byte> rest)
    {
        var model = SessionInput.Model(options);
        _space = new SequenceSpace(model);
        _account = 0;
        var session = new ReceiverSession(new ReceiverSessionOptions
        {
            Model = model,
            LocalNode = SampleCommands.DestinationNode,
            PeerNode = SampleCommands.SourceNode,
            ProcessId = SessionCorpus.ProcessId,
            MaxPayload = CommandChecks.MaxPayload,
            RequireDigest = SessionInput.WantsDigest(options),
        });
        var readerOptions = new FrameReaderOptions
        {
            Layout = WireLayout.For(model),
            AllowSessionFlags = true,
            ExpectedSourceNode = SampleCommands.SourceNode,
            ExpectedDestinationNode = SampleCommands.DestinationNode,
        };
        while (SessionInput.TryTake(ref rest, out var connection))
        {
            session.OnConnected();
            _hasDeliveredHere = false;
            Oracle.Require(!session.IsOpen);
            using var reader = new FrameReader(readerOptions);
            var buffer = new ReadOnlySequence<byte>(connection);
            while (ServeOne(session, reader, readerOptions, ref buffer))
            {
            }
        }

        Oracle.Require(session.ToString().Length > 0);
    }

    // One frame; false: the connection is closed, or there is no more.
    private bool ServeOne(ReceiverSession session, FrameReader reader, FrameReaderOptions options, ref ReadOnlySequence<byte> buffer)
    {
        switch (reader.TryRead(ref buffer, out var frame))
        {
            case FrameStatus.NeedMoreData:
                Acknowledge(session, dry: true);
                return false;
            case FrameStatus.Malformed:
                return reader.Fault.IsPayloadFault && HandleDamaged(session, reader, ref buffer);
        }

        CommandChecks.CheckFrame(in frame, options.Layout, options);
        if (!frame.IsControl)
        {
            return HandleFrame(session, in frame);
        }

        if (!SessionMessage.Is(in frame.WireHeader, SessionMessageType.Open))
        {
            session.OnControl();
            Acknowledge(session, dry: false);
            return true;
        }

        return HandleOpen(session, in frame.WireHeader);
    }

    private bool HandleOpen(ReceiverSession session, in CommandHeader header)
    {
        var before = session.KnownSessionId;
        var decision = session.OnOpen(in header, Now);
        Oracle.Require(session.KnownSessionId == before, "an OPEN alone makes no session known");
        Oracle.Require(session.IsOpen == decision.IsAccepted);
        var reply = decision.Reply;
        Oracle.Require(reply.Command == CommandCode.None && reply.PayloadLength == 0);
        if (decision.IsAccepted)
        {
            _accepted++;
            Oracle.Require(SessionMessage.TryRead(in reply, out SessionAccept accept) && accept.ProcessId != 0);
            Oracle.Require(accept.KnownSessionId == before);
            Oracle.Require(_account == 0 || before != _account || _space.Wrap(accept.Delivered) == _lastDelivered, "ACCEPT says what was delivered");
            return true;
        }

        _refused++;
        Oracle.Require(decision.Problem is { Length: > 0 and < 500 });
        Oracle.Require(SessionMessage.TryRead(in reply, out SessionRefuse refuse) && refuse.Describe().Length > 0);
        return false;
    }

    private bool HandleFrame(ReceiverSession session, in Frame frame)
    {
        var isOpen = session.IsOpen;
        var verdict = session.OnFrame(in frame.WireHeader);
        _verdicts.Count(verdict);
        Oracle.Require(isOpen != (verdict == FrameVerdict.NoSession));
        switch (verdict)
        {
            case FrameVerdict.Deliver:
                Deliver(session, in frame.WireHeader);
                session.OnDelivered(frame.WireLength);
                break;
            case FrameVerdict.Duplicate:
                Oracle.Require(_account == session.KnownSessionId && _space.Compare(frame.WireHeader.SendSequence, _lastDelivered) <= 0, "what is called a duplicate was delivered");
                break;
            case FrameVerdict.NoSession:
                Oracle.Require(session.RefuseClassic("peer", Now).Problem is { Length: > 0 });
                return false;
            default:
                return false;
        }

        Acknowledge(session, dry: false);
        return true;
    }

    private bool HandleDamaged(ReceiverSession session, FrameReader reader, ref ReadOnlySequence<byte> buffer)
    {
        _damaged++;
        var header = reader.WireHeader;
        if (session.OnContentFailure(in header) == ContentFailureVerdict.CloseAndRetry)
        {
            return false;
        }

        var before = buffer.Length;
        reader.TakeDamaged(ref buffer, out var frame);
        Oracle.Require(before - buffer.Length == frame.WireLength);
        Oracle.Require(frame.Payload.IsEmpty, "a damaged block is not shown");
        Refuse(in frame.Command);
        foreach (ref readonly var command in frame.GetBatch())
        {
            Refuse(in command);
        }

        Deliver(session, in header);
        session.OnRefused(frame.WireLength);
        Acknowledge(session, dry: false);
        return true;
    }

    private static void Refuse(in CommandHeader command)
    {
        var route = ErrorAcknowledgement.Create(in command, SampleCommands.DestinationNode, DvkError.InputOutput, out var acknowledgement);
        Oracle.Require(route == ErrorAcknowledgementRoute.None || (acknowledgement.ResultCode < 0 && acknowledgement.PayloadLength == 0));
    }

    // Exactly once and in order, within a session.
    private void Deliver(ReceiverSession session, in CommandHeader header)
    {
        var sequence = _space.Wrap(header.SendSequence);
        Oracle.Require(session.KnownSessionId != 0);
        Oracle.Require(_account != session.KnownSessionId || sequence == _space.Next(_lastDelivered), "frames are delivered once, in order, without a gap");
        (_account, _lastDelivered, _hasDeliveredHere) = (session.KnownSessionId, sequence, true);
    }

    private void Acknowledge(ReceiverSession session, bool dry)
    {
        if (session.ShouldAcknowledge(dry))
        {
            var acknowledgement = session.CreateAcknowledgement(Now);
            Oracle.Require(SessionMessage.TryReadAcknowledgement(in acknowledgement, out var delivered));
            Oracle.Require(!_hasDeliveredHere || delivered == _lastDelivered, "an acknowledgement says what was delivered");
            Oracle.Require(!session.ShouldAcknowledge(dry), "one acknowledgement is enough");
        }
    }
}
