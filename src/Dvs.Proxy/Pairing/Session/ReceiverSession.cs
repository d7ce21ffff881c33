using System.Globalization;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>
/// The receiver's end of the reliable session with one peer, across all its connections: what to answer to an OPEN, which frames to
/// deliver, when to acknowledge. No I/O of its own; one owner, the receiver thread.
/// </summary>
/// <remarks>
/// An OPEN of an unknown session changes nothing but the present connection: the session becomes the known one with its first frame. Until
/// then the peer may not have seen the ACCEPT, may decide to begin anew, or may not even be there: an OPEN that arrives late must not make
/// the receiver forget a session in use, nor claim as delivered what never came.
/// </remarks>
internal sealed class ReceiverSession
{
    private readonly ReceiverSessionOptions _options;
    private readonly SequenceSpace _space;
    private ulong _knownSession;
    private ulong _delivered;
    private ulong _openSession;
    private ulong _expected;
    private bool _isOpen;
    private bool _hasFrames;
    private bool _wantsAcknowledgement;
    private bool _isAsked;
    private long _unacknowledgedBytes;
    private long _acknowledgeAfter;
    private ulong _failedSequence;
    private int _failures;

    public ReceiverSession(ReceiverSessionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.ProcessId);
        _options = options;
        _space = new SequenceSpace(options.Model);
    }

    /// <summary>True while the present connection has a session.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>The last session of which a frame came; 0 for none.</summary>
    public ulong KnownSessionId => _knownSession;

    /// <summary>Features agreed for the present connection.</summary>
    public SessionFeatures Features { get; private set; }

    /// <summary>Times that a known session went on with a new connection.</summary>
    public long Resumes { get; private set; }

    /// <summary>
    /// Times that the first frame of another session came than the one known: the sender was restarted (or has begun anew).
    /// </summary>
    public long SenderRestarts { get; private set; }

    /// <summary>Frames dropped because they had been delivered before.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Frames that came before others that were missing.</summary>
    public long Gaps { get; private set; }

    /// <summary>Frames whose payload arrived damaged.</summary>
    public long ContentFailures { get; private set; }

    /// <summary>Frames that were given up because they never arrived intact.</summary>
    public long RefusedFrames { get; private set; }

    /// <summary>A new connection: nothing is open on it. Call it before its first frame.</summary>
    public void OnConnected()
    {
        _isOpen = false;
        _hasFrames = false;
        _wantsAcknowledgement = false;
        _isAsked = false;
        _unacknowledgedBytes = 0;
    }

    /// <summary>The peer's OPEN.</summary>
    public OpenDecision OnOpen(in CommandHeader header, Timestamp now)
    {
        var reason = CheckOpen(in header, out var open, out var detail);
        if (reason != SessionRefuseReason.None)
        {
            _isOpen = false;
            return new OpenDecision
            {
                Reason = reason,
                Problem = DescribeRefusal(reason, in header, in open),
                Reply = CreateRefuse(reason, detail, now),
            };
        }

        var isKnown = open.SessionId == _knownSession;
        _isOpen = true;
        _openSession = open.SessionId;
        _expected = isKnown ? _space.Next(_delivered) : _space.Wrap(open.NextSequence);
        _acknowledgeAfter = Math.Max(open.WindowBytes / 4, 1);
        Features = open.Features & (SessionFeatures.Sequence | SessionFeatures.Digest);
        Resumes += isKnown ? 1 : 0;
        var accept = new SessionAccept(SessionMessage.Version, Features, _options.ProcessId, _knownSession, _delivered);
        return new OpenDecision
        {
            IsResumed = isKnown,
            Reply = SessionMessage.Create(in accept, _options.LocalNode, _options.PeerNode, now),
        };
    }

    /// <summary>A command frame, by the header it had on the wire.</summary>
    public FrameVerdict OnFrame(in CommandHeader wireHeader) => OnFrame(wireHeader.Flags, wireHeader.SendSequence);

    /// <summary>A command frame, by the flags and the number it had on the wire.</summary>
    public FrameVerdict OnFrame(CommandFlags wireFlags, ulong sequence)
    {
        if (!_isOpen)
        {
            return FrameVerdict.NoSession;
        }

        if ((wireFlags & CommandFlags.Sequenced) == 0)
        {
            return FrameVerdict.Unsequenced;
        }

        var distance = _space.Distance(_expected, sequence);
        if (distance == 0)
        {
            Adopt();
            return FrameVerdict.Deliver;
        }

        // Before the first frame of a session there is nothing that could have been delivered of it.
        if (distance > 0 || _openSession != _knownSession)
        {
            Gaps++;
            return FrameVerdict.Gap;
        }

        Duplicates++;
        _hasFrames = true;
        _wantsAcknowledgement = true;
        _isAsked = true;
        return FrameVerdict.Duplicate;
    }

    /// <summary>The commands of the frame were handed to the driver, whatever it said to them.</summary>
    /// <param name="wireBytes">Bytes of the frame, header included.</param>
    public void OnDelivered(int wireBytes)
    {
        _delivered = _expected;
        _expected = _space.Next(_expected);
        _unacknowledgedBytes += wireBytes;
        _wantsAcknowledgement = true;
        _failures = 0;
    }

    /// <summary>
    /// A control message came: it is answered with an acknowledgement, so that one that got lost is made up for and the peer sees that we
    /// live.
    /// </summary>
    public void OnControl() => _wantsAcknowledgement = _isAsked = _isOpen;

    /// <summary>
    /// A frame came whose header is valid, but whose payload is not (<see cref="FrameFaultKind.DigestMismatch"/>, a corrupt compression,
    /// …). Nothing of it may be delivered.
    /// </summary>
    public ContentFailureVerdict OnContentFailure(in CommandHeader wireHeader)
    {
        ContentFailures++;
        if (!_isOpen || (wireHeader.Flags & CommandFlags.Sequenced) == 0 || _space.Wrap(wireHeader.SendSequence) != _expected)
        {
            return ContentFailureVerdict.CloseAndRetry;
        }

        Adopt();
        _failures = _failures > 0 && _failedSequence == _expected ? _failures + 1 : 1;
        _failedSequence = _expected;
        return _failures >= _options.MaxContentFailures ? ContentFailureVerdict.RefuseFrame : ContentFailureVerdict.CloseAndRetry;
    }

    /// <summary>The damaged frame was skipped for good: it counts as handled, so that the sender goes on behind it.</summary>
    public void OnRefused(int wireBytes)
    {
        OnDelivered(wireBytes);
        RefusedFrames++;
    }

    /// <summary>True when an acknowledgement should go out now.</summary>
    /// <param name="inputDry">There is no whole frame left in the input.</param>
    public bool ShouldAcknowledge(bool inputDry) =>
        _isOpen && ((inputDry && _wantsAcknowledgement) || OwesMuch);

    /// <summary>False where the acknowledgement that <see cref="ShouldAcknowledge"/> wants may wait a little for more to acknowledge.</summary>
    public bool IsUrgent => _isAsked || OwesMuch;

    /// <summary>The acknowledgement of all that was delivered, to be sent at once.</summary>
    public CommandHeader CreateAcknowledgement(Timestamp now)
    {
        _wantsAcknowledgement = false;
        _isAsked = false;
        _unacknowledgedBytes = 0;
        return SessionMessage.CreateAcknowledgement(_space.Previous(_expected), _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>The CLOSE of a connection that has a session: all that was delivered, and nothing else is going to be. The connection ends with it.</summary>
    public CommandHeader CreateClose(SessionCloseCause cause, Timestamp now)
    {
        _isOpen = false;
        return SessionMessage.Create(new SessionClose(cause, _space.Previous(_expected)), _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>The REFUSE for a sender whose first frame is no OPEN, and the words for our log.</summary>
    public OpenDecision RefuseClassic(string peer, Timestamp now) => new()
    {
        Reason = SessionRefuseReason.OpenExpected,
        Reply = CreateRefuse(SessionRefuseReason.OpenExpected, 0, now),
        Problem = "the first frame does not open a session, so the peer seems to be a classic proxy, or has sessions switched off. "
            + $"Set sequence NO for proxy {peer} here, or sequence YES on the peer",
    };

    /// <summary>A REFUSE for a reason that the session itself cannot see.</summary>
    public CommandHeader CreateRefuse(SessionRefuseReason reason, ulong detail, Timestamp now) =>
        SessionMessage.Create(new SessionRefuse(SessionMessage.Version, reason, detail), _options.LocalNode, _options.PeerNode, now);

    /// <summary>The whole state in one line, for logs and for exploring the state space.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"session {_knownSession:x} delivered to {_delivered}{(_isOpen ? $", {_openSession:x} open, expects {_expected}" : "")}"
        + $"{(_hasFrames ? " has frames" : "")}{(_wantsAcknowledgement ? " wants to acknowledge" : "")}, failed {_failures} times at {_failedSequence}");

    private bool OwesMuch => _unacknowledgedBytes >= _acknowledgeAfter;

    private void Adopt()
    {
        _hasFrames = true;
        if (_openSession == _knownSession)
        {
            return;
        }

        SenderRestarts += _knownSession == 0 ? 0 : 1;
        _knownSession = _openSession;
        _delivered = _space.Previous(_expected);
        _failures = 0;
    }

    private SessionRefuseReason CheckOpen(in CommandHeader header, out SessionOpen open, out ulong detail)
    {
        detail = 0;
        if (!SessionMessage.TryRead(in header, out open))
        {
            return SessionRefuseReason.OpenExpected;
        }

        if (header.SourceNode != _options.PeerNode || header.DestinationNode != _options.LocalNode)
        {
            detail = (ulong)(header.SourceNode != _options.PeerNode ? header.SourceNode : header.DestinationNode);
            return SessionRefuseReason.WrongNode;
        }

        if (open.Version != SessionMessage.Version)
        {
            detail = SessionMessage.Version;
            return SessionRefuseReason.WrongVersion;
        }

        if (open.MaxPayload > (uint)_options.MaxPayload)
        {
            detail = (uint)_options.MaxPayload;
            return SessionRefuseReason.PayloadTooLarge;
        }

        if ((open.Features & _options.Required) != _options.Required)
        {
            detail = (ulong)_options.Required;
            return SessionRefuseReason.FeatureMismatch;
        }

        // Its next sequence is no evidence: an OPEN may arrive late, on a connection that the sender has left, and be older than what
        // came since.
        return open.SessionId == 0 || _hasFrames ? SessionRefuseReason.ProtocolViolation : SessionRefuseReason.None;
    }

    private string DescribeRefusal(SessionRefuseReason reason, in CommandHeader header, in SessionOpen open) => reason switch
    {
        SessionRefuseReason.WrongNode =>
            $"its OPEN goes from node {header.SourceNode} to node {header.DestinationNode}, "
            + $"but the peer is {_options.PeerNode} and this is {_options.LocalNode}",
        SessionRefuseReason.WrongVersion =>
            $"it speaks version {open.Version} of the session protocol, we speak {SessionMessage.Version}. Update the older side",
        SessionRefuseReason.PayloadTooLarge =>
            $"its payloads may have {open.MaxPayload} bytes, we take {_options.MaxPayload}. Give both drivers the same max_copybuf",
        SessionRefuseReason.FeatureMismatch =>
            $"it offers {open.Features}, we insist on {_options.Required}. Set the same sequence and md5 for this proxy on both nodes",
        SessionRefuseReason.OpenExpected => "it was to open a session, and sent something else",
        _ => _hasFrames ? "it opens a session in the middle of another" : "it opens a session without a number",
    };
}
