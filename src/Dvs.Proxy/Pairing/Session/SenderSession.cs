using System.Globalization;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>
/// The sender's end of the reliable session with one peer, across all its connections: when to open, what an answer means, what is sent
/// again. No I/O of its own, no clock. Sender thread only. Behaviour: SenderSessionTests, SessionExplorationTests.
/// </summary>
/// <remarks>
/// A session is <em>established</em> once the peer accepted it; only then are frames sent in it. Where the peer does not know an established
/// session any more, or contradicts it, that session is over: what nobody can know is counted, and another begins with what is left. No answer
/// leads to a state in which the next handshake cannot succeed.
/// </remarks>
internal sealed class SenderSession : IDisposable
{
    private readonly SenderSessionOptions _options;
    private readonly SequenceSpace _space;
    private readonly Func<ulong> _newRandom;
    private ThreadOwner _owner;
    private SenderHandshake? _handshake;
    private ulong _peerProcess;
    private ulong _sessionStart;
    private bool _isEstablished;
    private SessionFeatures _agreed;

    public SenderSession(SenderSessionOptions options, Func<ulong>? newRandom = null, RetransmitWindow? window = null)
    {
        _options = options;
        _space = new SequenceSpace(options.Model);
        _newRandom = newRandom ?? SessionId.CreatePart;
        Window = window ?? new RetransmitWindow(options.Model, options.Window);
        _sessionStart = Window.OldestSequence;
        Id = new SessionId(_newRandom(), _newRandom());
    }

    /// <summary>The frames that are not acknowledged yet; the frame writer's output.</summary>
    public RetransmitWindow Window { get; }

    /// <summary>The present session.</summary>
    public SessionId Id { get; private set; }

    /// <summary>How far the present connection has got.</summary>
    public SenderPhase Phase { get; private set; }

    /// <summary>True while the present connection has a session, so that frames may be sent.</summary>
    public bool IsOpen => Phase == SenderPhase.Open;

    /// <summary>Features agreed for the present connection, once it is open.</summary>
    public SessionFeatures Features => _handshake?.Features ?? SessionFeatures.None;

    /// <summary>The keys of the present connection, once it is open.</summary>
    public SessionKeys? Keys => _handshake?.Keys;

    /// <summary>The OPEN for the present connection; its first frame.</summary>
    public CommandHeader CreateOpen(Timestamp now)
    {
        MoveTo(SenderPhase.Opening);
        Window.Rewind();
        var open = new SessionOpen(
            SessionMessage.Version,
            _options.Offered,
            Id,
            (uint)_options.MaxPayload,
            (uint)Math.Min(_options.Window.MaxBytes, uint.MaxValue),
            _isEstablished ? Window.NextNumber : Window.OldestNumber,
            _isEstablished);
        _handshake = new SenderHandshake(_options, _options.Required | OfKeptFrames, open, _newRandom);
        return _handshake.CreateOpen(now);
    }

    /// <summary>Takes the peer's CHALLENGE.</summary>
    /// <returns>Null if <paramref name="proof"/> is to be sent; otherwise why the connection has to be closed.</returns>
    public string? OnChallenge(in CommandHeader header, Timestamp now, out CommandHeader proof)
    {
        proof = default;
        return _handshake is { } handshake
            ? handshake.OnChallenge(in header, now, out proof)
            : "the peer challenges before we have opened a session";
    }

    /// <summary>The peer's ACCEPT.</summary>
    public AcceptDecision OnAccept(in CommandHeader header)
    {
        SessionAccept accept = default;
        var problem = _handshake is { } handshake ? handshake.OnAccept(in header, out accept) : "the peer accepts a session that was not opened";
        if (problem is not null)
        {
            OnDisconnected();
            return new AcceptDecision { Outcome = AcceptOutcome.Fail, Problem = problem };
        }

        return (accept.IsKnown, _isEstablished) switch
        {
            (false, false) => Establish(in accept),
            (false, true) => Renew(in accept, accept.ProcessId == _peerProcess ? SessionLoss.PeerForgot : SessionLoss.PeerRestarted),

            // A process that took over cannot know what the one before has delivered.
            (true, true) when accept.ProcessId != _peerProcess => Renew(in accept, SessionLoss.PeerRestarted),
            _ => Resume(in accept),
        };
    }

    /// <summary>The peer's REFUSE, in plain words. Changes nothing, so that any thread may ask.</summary>
    public string DescribeRefusal(SessionRefuse refuse) => $"node {_options.PeerNode} refuses the session: {refuse.Describe()}";

    /// <summary>Takes an acknowledgement of the present connection.</summary>
    /// <returns>False if the peer breaks the protocol, so that the connection has to be closed.</returns>
    public bool TryAcknowledge(ulong sequence, out string? problem)
    {
        problem = IsOpen ? Explain(Window.Acknowledge(sequence), sequence) : "the peer acknowledges frames before it accepted the session";
        return problem is null;
    }

    /// <summary>
    /// The peer has closed the connection, and said what it has delivered: after that was acknowledged. What is kept has not been delivered, so
    /// its fate is known, whatever becomes of the peer.
    /// </summary>
    public void OnPeerClosed()
    {
        if (_isEstablished)
        {
            Window.MarkUndelivered();
        }
    }

    /// <summary>The connection ended. What is not acknowledged stays, to be sent again.</summary>
    public void OnDisconnected()
    {
        MoveTo(SenderPhase.Closed);
        _handshake = null;
        Window.Rewind();
    }

    /// <summary>Drops all that is kept, for when the pair ends for good.</summary>
    /// <returns>What was sent, so that its fate is unknown, and what was never sent, which is lost for certain.</returns>
    public (FrameTotals UnknownFate, FrameTotals Lost) Abandon()
    {
        _owner.Check();
        var unknown = Window.DropSent();
        return (unknown, Window.DropAll());
    }

    /// <summary>What to say of a peer that has not answered the OPEN within the handshake limit.</summary>
    public static string DescribeNoAnswer(string peer, TimeSpan limit) => string.Create(
        CultureInfo.InvariantCulture,
        $"no answer to the session's OPEN within {limit.TotalSeconds:0.###} s: the peer seems to be a classic proxy, or has sessions "
        + $"switched off. Set sequence NO for proxy {peer} here, or sequence YES on the peer");

    /// <summary>The whole state in one line, for logs and for exploring the state space.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"session {Id.Process:x}.{Id.Number:x}{(_isEstablished ? " established" : "")}"
        + $"{(IsOpen ? " open" : _handshake is null ? "" : _handshake.Keys is null ? " opening" : " proving")} with {_peerProcess:x}, "
            + $"from {_sessionStart}, {Window}");

    public void Dispose()
    {
        _owner.Release();
        Window.Dispose();
    }

    // A frame is sent again as it was made, so a peer that has agreed to compact ones has to go on reading them.
    private SessionFeatures OfKeptFrames => Window.IsEmpty ? SessionFeatures.None : _agreed & SessionFeatures.CompactBatches;

    private AcceptDecision Establish(in SessionAccept accept)
    {
        Window.StartSession();
        _sessionStart = Window.OldestSequence;
        if (accept.Delivered != _space.Previous(_sessionStart))
        {
            return Renew(in accept, SessionLoss.Contradiction);
        }

        Open(in accept);
        return new AcceptDecision { Outcome = AcceptOutcome.NewSession, Resent = Window.SentAndKept };
    }

    private AcceptDecision Resume(in SessionAccept accept)
    {
        if (Window.Resume(accept.Delivered) != AcknowledgeResult.Ok)
        {
            return Renew(in accept, SessionLoss.Contradiction);
        }

        var outcome = _isEstablished ? AcceptOutcome.Resume : AcceptOutcome.NewSession;
        Open(in accept);
        return new AcceptDecision { Outcome = outcome, Resent = Window.SentAndKept };
    }

    private void Open(in SessionAccept accept)
    {
        _isEstablished = true;
        _agreed |= Features;
        _peerProcess = accept.ProcessId;
        MoveTo(SenderPhase.Open);
    }

    private void MoveTo(SenderPhase next)
    {
        _owner.Check();
        Invariant.Require(
            next == SenderPhase.Closed || (Phase, next) is (SenderPhase.Closed, SenderPhase.Opening) or (SenderPhase.Opening, SenderPhase.Open),
            "A session opens on a connection once, and is open only when the peer has accepted it.");
        Phase = next;
    }

    private AcceptDecision Renew(in SessionAccept accept, SessionLoss loss)
    {
        var decision = new AcceptDecision { Outcome = AcceptOutcome.Renew, Loss = loss };
        var missing = loss == SessionLoss.Contradiction ? CountMissing(accept.Delivered) : 0;
        if (missing > 0)
        {
            // It says of what is kept that it has not got it. Gone is what it had acknowledged, or what had looked like it: a command each, at least.
            decision = decision with { UnknownFate = new FrameTotals(missing, missing, 0) };
            decision = decision with { Problem = DescribeContradiction(accept.Delivered) };
            Window.MarkUndelivered();
        }
        else if (_options.AtLeastOnce)
        {
            decision = decision with { PossiblyRepeated = Window.SentAndKept, Problem = DescribeLoss(loss, accept.Delivered) };
        }
        else
        {
            decision = decision with { Problem = DescribeLoss(loss, accept.Delivered), UnknownFate = Window.DropSent() };
        }

        Id = new SessionId(Id.Process, NewNumber());
        _isEstablished = false;
        _peerProcess = 0;
        OnDisconnected();
        Window.StartSession();
        _sessionStart = Window.OldestSequence;
        return decision with { Resent = Window.SentAndKept };
    }

    // Frames that were acknowledged and that the peer says it has not delivered; none were before the session's first.
    private long CountMissing(ulong delivered)
    {
        var ofSession = _space.Distance(_sessionStart, Window.OldestSequence);
        return Math.Clamp(_space.Distance(delivered, Window.Acknowledged), 0, Math.Max(ofSession, 0));
    }

    private string DescribeLoss(SessionLoss loss, ulong delivered) => loss switch
    {
        SessionLoss.PeerRestarted => "the peer's proxy was restarted and does not know the session; a new one begins",
        SessionLoss.PeerForgot => "the peer's proxy does not remember the session, too many others came in between; a new one begins",
        _ => DescribeContradiction(delivered),
    };

    private string DescribeContradiction(ulong delivered) => string.Create(
        CultureInfo.InvariantCulture,
        $"the peer says that frame {delivered} is the last it delivered, but frames up to {Window.Acknowledged} were acknowledged and up to "
        + $"{_space.Previous(Window.NextSequence)} made; an acknowledgement was damaged or forged on the way. A new session begins");

    private string? Explain(AcknowledgeResult result, ulong sequence) => result switch
    {
        AcknowledgeResult.Ok => null,
        AcknowledgeResult.Backwards => $"the peer acknowledges frame {sequence}, but has acknowledged {Window.Acknowledged} before",
        _ => $"the peer acknowledges frame {sequence}, which was not sent (the next one is {Window.NextSequence})",
    };

    // The present one again would be taken for known.
    private ulong NewNumber()
    {
        ulong number;
        do
        {
            number = _newRandom();
        }
        while (number == 0 || number == Id.Number);

        return number;
    }
}
