using Dvs.Proxy.Pairing.Session.Window;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>What a sender does after an ACCEPT.</summary>
internal enum AcceptOutcome
{
    /// <summary>The session goes on: send what is unsent, the oldest first.</summary>
    Resume,

    /// <summary>The peer takes this session as a new one: send what is unsent, the oldest first.</summary>
    NewSession,

    /// <summary>The session ended, and the next has begun: close the connection, and open it on another one at once.</summary>
    Renew,

    /// <summary>The answer makes no sense, and changes nothing: close the connection.</summary>
    Fail,
}

/// <summary>Why a session ended before its sender did.</summary>
internal enum SessionLoss
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The peer's process is another one than that which accepted the session.</summary>
    PeerRestarted,

    /// <summary>The same process does not remember the session: too many others came.</summary>
    PeerForgot,

    /// <summary>What the peer says was delivered cannot be, after what it had acknowledged or we had sent.</summary>
    Contradiction,
}

/// <summary>What to do after an ACCEPT, and what there is to report.</summary>
internal readonly record struct AcceptDecision
{
    public AcceptOutcome Outcome { get; init; }

    /// <summary>Frames to be sent again: given to a connection before and not acknowledged.</summary>
    public FrameTotals Resent { get; init; }

    /// <summary>Frames that are gone because nobody can know whether they were delivered.</summary>
    public FrameTotals UnknownFate { get; init; }

    /// <summary>Frames kept to be sent again although they may have been delivered: at-least-once.</summary>
    public FrameTotals PossiblyRepeated { get; init; }

    /// <summary>Where the session ended: why.</summary>
    public SessionLoss Loss { get; init; }

    /// <summary>Where the connection has to be closed: why, in plain words.</summary>
    public string? Problem { get; init; }
}
