namespace Dvs.Proxy.Pairing.Session;

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

    /// <summary>The connection has no session, or one that we do not know: close it.</summary>
    NoSession,
}

/// <summary>What to do about a frame that is not fit for the driver.</summary>
internal enum ContentFailureVerdict
{
    /// <summary>Close the connection; the sender sends the frame again.</summary>
    CloseAndRetry,

    /// <summary>
    /// It never arrives fit: skip it, answer its commands with errors, and say so with <see cref="ReceiverSession.OnGivenUp"/>.
    /// </summary>
    GiveUp,
}
