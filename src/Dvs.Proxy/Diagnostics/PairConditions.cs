namespace Dvs.Proxy.Diagnostics;

/// <summary>What is wrong with a peer that is only half there: connected, as it seems, and yet nothing gets through.</summary>
[Flags]
public enum PairConditions
{
    /// <summary>Nothing of the kind.</summary>
    None = 0,

    /// <summary>The peer takes our connection and has read nothing from it for 30 s, though we have something to send.</summary>
    PeerReadsNothing = 1,

    /// <summary>The peer takes our connection and has made none to us for three hello periods.</summary>
    PeerDoesNotConnect = 2,
}
