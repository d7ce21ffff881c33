using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>A receiver's answer to an OPEN.</summary>
internal readonly record struct OpenDecision
{
    /// <summary>ACCEPT or REFUSE, to be sent at once.</summary>
    public CommandHeader Reply { get; init; }

    /// <summary>Why it was refused; <see cref="SessionRefuseReason.None"/>: it was accepted.</summary>
    public SessionRefuseReason Reason { get; init; }

    /// <summary>Where refused: plain words for our own log. Close the connection after the reply.</summary>
    public string? Problem { get; init; }

    /// <summary>Where accepted: true if the session was known and goes on.</summary>
    public bool IsResumed { get; init; }

    public bool IsAccepted => Reason == SessionRefuseReason.None;
}

/// <summary>What to do with a command frame.</summary>
internal enum FrameVerdict
{
    /// <summary>It is the next one: deliver its commands, then say so with <see cref="ReceiverSession.OnDelivered"/>.</summary>
    Deliver,

    /// <summary>It was delivered before: drop it.</summary>
    Duplicate,

    /// <summary>Frames before it are missing: close the connection, the sender resumes from the last acknowledged.</summary>
    Gap,

    /// <summary>A command frame without a number: close the connection.</summary>
    Unsequenced,

    /// <summary>No session was opened on this connection: refuse with <see cref="ReceiverSession.RefuseClassic"/> and close it.</summary>
    NoSession,
}

/// <summary>What to do about a frame whose payload arrived damaged.</summary>
internal enum ContentFailureVerdict
{
    /// <summary>Close the connection; the sender sends the frame again.</summary>
    CloseAndRetry,

    /// <summary>
    /// It never arrives intact: skip it, answer its commands with errors, and say so with <see cref="ReceiverSession.OnRefused"/>.
    /// </summary>
    RefuseFrame,
}
