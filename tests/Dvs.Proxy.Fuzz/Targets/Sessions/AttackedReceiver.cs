using System.Buffers;
using Dvs.Proxy.Device;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Fuzz.Targets.Frames;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Fuzz.Targets.Sessions;

/// <summary>A receiver's session under attack: does with its decisions what a receiver proxy does, and keeps account of what was delivered.</summary>
internal sealed class AttackedReceiver
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);

    private readonly OutcomeCounter<FrameVerdict> _verdicts = new();
    private long _accepted;
    private long _refused;
    private long _damaged;
    private SequenceSpace _space;
    private readonly Dictionary<SessionId, ulong> _delivered = [];
    private ReceiverSessionOptions _options = null!;
    private ReceiverHandshake? _handshake;
    private SessionOpen _open;
    private bool _hasDeliveredHere;

    public IEnumerable<KeyValuePair<string, long>> Outcomes => _verdicts.NonZero.Concat(
    [
        KeyValuePair.Create("opens accepted", _accepted), KeyValuePair.Create("opens refused", _refused), KeyValuePair.Create("damaged", _damaged),
    ]);

    public void Run(byte options, ReadOnlyMemory<byte> rest)
    {
        var model = SessionInput.Model(options);
        _space = new SequenceSpace(model);
        _delivered.Clear();
        _options = new ReceiverSessionOptions
        {
            Model = model,
            LocalNode = SampleCommands.DestinationNode,
            PeerNode = SampleCommands.SourceNode,
            ProcessId = SessionCorpus.ProcessId,
            MaxPayload = CommandChecks.MaxPayload,
            Digest = SessionInput.WantsDigest(options) ? FrameDigestKind.Md5 : FrameDigestKind.None,
        };
        var session = new ReceiverSession(_options);
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
            _handshake = new ReceiverHandshake(_options, static () => SessionCorpus.Nonce);
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
        if (_handshake is { } handshake)
        {
            return Introduce(session, handshake, frame.WireHeader);
        }

        if (!frame.IsControl)
        {
            return HandleFrame(session, in frame);
        }

        session.OnControl();
        Acknowledge(session, dry: false);
        return true;
    }

    private bool Introduce(ReceiverSession session, ReceiverHandshake handshake, CommandHeader header)
    {
        // A PROOF with an even nonce gets the MAC that fits, so that what is behind it is attacked, too.
        if (SessionMessage.TryRead(in header, out SessionProof proof) && proof.Nonce % 2 == 0)
        {
            var challenge = new SessionChallenge(SessionMessage.Version, _open.Features & _options.Supported, SessionCorpus.Nonce);
            var keys = new SessionKeys(default, _options.PeerNode, _options.LocalNode, in _open, in challenge, proof.Nonce);
            header = SessionMessage.Create(new SessionProof(keys.ProofMac, proof.Nonce), _options.PeerNode, _options.LocalNode, Now);
        }

        SessionOpen open = default;
        if (SessionMessage.Is(in header, SessionMessageType.Open) && SessionMessage.TryRead(in header, out open))
        {
            _open = open;
        }

        var state = session.ToString();
        var step = handshake.On(in header, Now);
        Oracle.Require(session.ToString() == state && !session.IsOpen, "a handshake changes no session");
        if (step.Introduction is { } introduction)
        {
            _handshake = null;
            Accept(session, introduction);
            return true;
        }

        var reply = step.Reply!.Value;
        Oracle.Require(reply.Command == CommandCode.None && reply.PayloadLength == 0);
        if (step.Problem is null)
        {
            Oracle.Require(SessionMessage.Is(in reply, SessionMessageType.Challenge));
            return true;
        }

        _refused++;
        Oracle.Require(step.Problem is { Length: > 0 and < 500 });
        Oracle.Require(SessionMessage.TryRead(in reply, out SessionRefuse refuse) && refuse.Describe().Length > 0);
        return false;
    }

    private void Accept(ReceiverSession session, SessionIntroduction introduction)
    {
        _accepted++;
        _open = introduction.Open;
        var reply = session.Accept(introduction, Now);
        Oracle.Require(SessionMessage.TryRead(in reply, out SessionAccept accept) && accept.ProcessId != 0);
        Oracle.Require(session.IsOpen == (accept.IsKnown || !_open.IsEstablished), "a session that was forgotten is not taken for new");
        if (accept.IsKnown)
        {
            Oracle.Require(_delivered.TryGetValue(_open.Id, out var delivered) && _space.Wrap(accept.Delivered) == delivered, "ACCEPT says what was delivered");
        }
        else if (session.IsOpen)
        {
            _delivered[_open.Id] = _space.Wrap(accept.Delivered);
        }
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
                Oracle.Require(_space.Distance(_delivered[_open.Id], frame.WireHeader.SendSequence) <= 0, "what is called a duplicate was delivered");
                break;
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
        session.OnGivenUp(frame.WireLength);
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
        Oracle.Require(session.IsOpen);
        Oracle.Require(sequence == _space.Next(_delivered[_open.Id]), "frames are delivered once, in order, without a gap");
        _delivered[_open.Id] = sequence;
        _hasDeliveredHere = true;
    }

    private void Acknowledge(ReceiverSession session, bool dry)
    {
        if (session.ShouldAcknowledge(dry))
        {
            var acknowledgement = session.CreateAcknowledgement(Now);
            Oracle.Require(SessionMessage.TryReadAcknowledgement(in acknowledgement, out var delivered));
            Oracle.Require(!_hasDeliveredHere || delivered == _delivered[_open.Id], "an acknowledgement says what was delivered");
            Oracle.Require(!session.ShouldAcknowledge(dry), "one acknowledgement is enough");
        }
    }
}
