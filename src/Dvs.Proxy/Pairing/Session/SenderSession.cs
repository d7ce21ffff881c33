using System.Globalization;
using System.Security.Cryptography;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>
/// The sender's end of the reliable session with one peer, across all its connections: when to open, what an answer means, what is sent
/// again. No I/O of its own; one owner, the sender thread.
/// </summary>
/// <remarks>
/// A session is <em>established</em> once the peer accepted it as new; only then are frames sent in it. The peer knows a session from the
/// first frame it got of it. So a peer that does not know an established session has either lost it (another process number: frames of
/// unknown fate) or never got a frame of it (the same process number, nothing acknowledged: all are sent again, and nothing is lost).
/// </remarks>
internal sealed class SenderSession : IDisposable
{
    private readonly SenderSessionOptions _options;
    private readonly SequenceSpace _space;
    private readonly Func<ulong> _newSessionId;
    private ulong _peerProcess;
    private ulong _sessionStart;
    private bool _isEstablished;
    private bool _isAcknowledged;
    private bool _awaitsAnswer;

    public SenderSession(SenderSessionOptions options, Func<ulong>? newSessionId = null, RetransmitWindow? window = null)
    {
        _options = options;
        _space = new SequenceSpace(options.Model);
        _newSessionId = newSessionId ?? RandomId;
        Window = window ?? new RetransmitWindow(options.Model, options.Window);
        _sessionStart = Window.OldestSequence;
        SessionId = NewSessionId();
    }

    /// <summary>The frames that are not acknowledged yet; the frame writer's output.</summary>
    public RetransmitWindow Window { get; }

    /// <summary>The present session.</summary>
    public ulong SessionId { get; private set; }

    /// <summary>True while the present connection has a session, so that frames may be sent.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Features agreed for the present connection.</summary>
    public SessionFeatures Features { get; private set; }

    /// <summary>Times that the session went on after a connection was lost.</summary>
    public long Resumes { get; private set; }

    /// <summary>Times that the peer had lost the session.</summary>
    public long PeerRestarts { get; private set; }

    /// <summary>All that was dropped because nobody can know whether it was delivered.</summary>
    public FrameTotals UnknownFate { get; private set; }

    /// <summary>All that was sent again although it may have been delivered.</summary>
    public FrameTotals PossiblyRepeated { get; private set; }

    /// <summary>The OPEN for the present connection; its first frame.</summary>
    public CommandHeader CreateOpen(Timestamp now)
    {
        IsOpen = false;
        _awaitsAnswer = true;
        Window.Rewind();
        var open = new SessionOpen(
            SessionMessage.Version,
            _options.Offered,
            SessionId,
            (uint)_options.MaxPayload,
            (uint)Math.Min(_options.Window.MaxBytes, uint.MaxValue),
            _isEstablished ? Window.NextSequence : Window.OldestSequence);
        return SessionMessage.Create(in open, _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>The peer's ACCEPT.</summary>
    public AcceptDecision OnAccept(in CommandHeader header)
    {
        if (!TryCheckAccept(in header, out var accept, out var problem))
        {
            return Fail(problem);
        }

        _awaitsAnswer = false;
        Features = accept.Features;
        if (accept.KnownSessionId == SessionId)
        {
            return Resume(in accept);
        }

        if (_isEstablished)
        {
            return BeginAnew(in accept);
        }

        Establish(in accept);
        return new AcceptDecision { Outcome = AcceptOutcome.NewSession, Resent = Window.SentAndKept };
    }

    /// <summary>
    /// The peer's REFUSE, in plain words; <see cref="OnDisconnected"/> follows. Changes nothing, so that any thread may ask.
    /// </summary>
    public string OnRefuse(in CommandHeader header) => SessionMessage.TryRead(in header, out SessionRefuse refuse)
        ? $"node {_options.PeerNode} refuses the session: {refuse.Describe()}"
        : $"node {_options.PeerNode} refuses the session in a way that cannot be read";

    /// <summary>An acknowledgement of the present connection. A problem: the peer breaks the protocol, close the connection.</summary>
    public bool TryAcknowledge(ulong sequence, out string? problem)
    {
        problem = IsOpen ? Explain(Window.Acknowledge(sequence), sequence) : "the peer acknowledges frames before it accepted the session";
        _isAcknowledged |= problem is null && _space.Compare(sequence, _sessionStart) >= 0;
        return problem is null;
    }

    /// <summary>
    /// An acknowledgement that was read from a connection and not applied before <see cref="OnDisconnected"/>. What it names has been delivered
    /// all the same, so its fate is known. One that makes no sense is ignored: the connection that it would have closed is gone.
    /// </summary>
    /// <returns>False where it makes no sense.</returns>
    public bool AcknowledgeLate(ulong sequence)
    {
        if (!_isEstablished || Window.Resume(sequence) != AcknowledgeResult.Ok)
        {
            return false;
        }

        _isAcknowledged |= _space.Compare(sequence, _sessionStart) >= 0;
        return true;
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
        IsOpen = false;
        _awaitsAnswer = false;
        Window.Rewind();
    }

    /// <summary>Drops all that is kept, for when the pair ends for good.</summary>
    /// <returns>What was sent, so that its fate is unknown, and what was never sent, which is lost for certain.</returns>
    public (FrameTotals UnknownFate, FrameTotals Lost) Abandon()
    {
        var unknown = Window.DropSent();
        UnknownFate += unknown;
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
        $"session {SessionId:x}{(_isEstablished ? " established" : "")}{(_isAcknowledged ? " acknowledged" : "")}"
        + $"{(_awaitsAnswer ? " opening" : "")}{(IsOpen ? " open" : "")} with {_peerProcess:x}, from {_sessionStart}, {Window}");

    public void Dispose() => Window.Dispose();

    private AcceptDecision Resume(in SessionAccept accept)
    {
        if (Explain(Window.Resume(accept.Delivered), accept.Delivered) is { } problem)
        {
            return Fail(problem);
        }

        _isAcknowledged |= _space.Compare(accept.Delivered, _sessionStart) >= 0;
        _isEstablished = true;
        _peerProcess = accept.ProcessId;
        IsOpen = true;
        Resumes++;
        return new AcceptDecision { Outcome = AcceptOutcome.Resume, Resent = Window.SentAndKept };
    }

    private void Establish(in SessionAccept accept)
    {
        _isEstablished = true;
        _isAcknowledged = false;
        _peerProcess = accept.ProcessId;
        _sessionStart = Window.OldestSequence;
        Window.StartSession();
        IsOpen = true;
    }

    private AcceptDecision BeginAnew(in SessionAccept accept)
    {
        // The same process and nothing acknowledged: it never got a frame of this session, else it would know it. All can be sent again.
        var nothingArrived = accept.ProcessId == _peerProcess && !_isAcknowledged;
        var decision = new AcceptDecision { Outcome = AcceptOutcome.Reopen, PeerRestarted = !nothingArrived };
        if (!nothingArrived)
        {
            PeerRestarts++;
            if (_options.AtLeastOnce)
            {
                decision = decision with { PossiblyRepeated = Window.SentAndKept };
                PossiblyRepeated += decision.PossiblyRepeated;
            }
            else
            {
                decision = decision with { UnknownFate = Window.DropSent() };
                UnknownFate += decision.UnknownFate;
            }
        }

        SessionId = NewSessionId();
        _isEstablished = false;
        _isAcknowledged = false;
        Window.StartSession();
        return decision with { Resent = Window.SentAndKept };
    }

    private bool TryCheckAccept(in CommandHeader header, out SessionAccept accept, out string problem)
    {
        problem = "";
        if (!SessionMessage.TryRead(in header, out accept))
        {
            problem = "the peer's answer to the OPEN is no ACCEPT";
        }
        else if (!_awaitsAnswer)
        {
            problem = "the peer accepts a session that was not opened";
        }
        else if (header.SourceNode != _options.PeerNode || header.DestinationNode != _options.LocalNode)
        {
            problem = $"the ACCEPT goes from node {header.SourceNode} to node {header.DestinationNode}, "
                + $"but the peer is {_options.PeerNode} and this is {_options.LocalNode}";
        }
        else if (accept.Version != SessionMessage.Version)
        {
            problem = $"the peer accepts version {accept.Version} of the session protocol, we offered {SessionMessage.Version}";
        }
        else if ((accept.Features & ~_options.Offered) != 0 || (accept.Features & SessionFeatures.Sequence) == 0)
        {
            problem = $"the peer agrees to the features {accept.Features}, we offered {_options.Offered} and need {SessionFeatures.Sequence}";
        }
        else if (accept.ProcessId == 0)
        {
            problem = "the ACCEPT does not name the peer's process";
        }

        return problem.Length == 0;
    }

    private string? Explain(AcknowledgeResult result, ulong sequence) => result switch
    {
        AcknowledgeResult.Ok => null,
        AcknowledgeResult.Backwards => $"the peer acknowledges frame {sequence}, but has acknowledged {Window.Acknowledged} before",
        _ => $"the peer acknowledges frame {sequence}, which was not sent (the next one is {Window.NextSequence})",
    };

    private AcceptDecision Fail(string problem)
    {
        IsOpen = false;
        _awaitsAnswer = false;
        return new AcceptDecision { Outcome = AcceptOutcome.Fail, Problem = problem };
    }

    // Zero means no session; the present one again would be taken for known.
    private ulong NewSessionId()
    {
        ulong id;
        do
        {
            id = _newSessionId();
        }
        while (id == 0 || id == SessionId);

        return id;
    }

    private static ulong RandomId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        var id = BitConverter.ToUInt64(bytes);
        return id == 0 ? 1 : id;
    }
}
