namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>What an acknowledgement did.</summary>
internal enum AcknowledgeResult
{
    /// <summary>Applied; it may have been nothing new.</summary>
    Ok,

    /// <summary>Older than one that came before.</summary>
    Backwards,

    /// <summary>Of a frame that was not sent.</summary>
    BeyondSent,
}
