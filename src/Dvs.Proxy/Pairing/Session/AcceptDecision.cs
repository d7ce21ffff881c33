namespace Dvs.Proxy.Pairing.Session;

/// <summary>What a sender does after an ACCEPT.</summary>
internal enum AcceptOutcome
{
    /// <summary>The session goes on: send what is unsent, the oldest first.</summary>
    Resume,

    /// <summary>The peer takes this session as a new one: send what is unsent, the oldest first.</summary>
    NewSession,

    /// <summary>
    /// The peer has lost the session. A new one was begun: send another OPEN on the same connection and wait for its ACCEPT.
    /// </summary>
    Reopen,

    /// <summary>No session can be had with this answer: close the connection.</summary>
    Fail,
}

/// <summary>What to do after an ACCEPT, and what there is to report.</summary>
internal readonly record struct AcceptDecision
{
    public AcceptOutcome Outcome { get; init; }

    /// <summary>Frames to be sent again: given to a connection before and not acknowledged.</summary>
    public FrameTotals Resent { get; init; }

    /// <summary>Frames dropped because nobody can know whether they were delivered.</summary>
    public FrameTotals UnknownFate { get; init; }

    /// <summary>Frames kept to be sent again although they may have been delivered: at-least-once.</summary>
    public FrameTotals PossiblyRepeated { get; init; }

    /// <summary>True where the peer was restarted since the session began.</summary>
    public bool PeerRestarted { get; init; }

    /// <summary>Where failed: why, in plain words.</summary>
    public string? Problem { get; init; }
}
