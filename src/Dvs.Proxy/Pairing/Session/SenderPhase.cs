namespace Dvs.Proxy.Pairing.Session;

/// <summary>How far a sender's present connection has got with its session.</summary>
internal enum SenderPhase
{
    /// <summary>There is no connection, or it has not been opened.</summary>
    Closed,

    /// <summary>OPEN was sent; the peer has not accepted.</summary>
    Opening,

    /// <summary>The peer has accepted: frames may be sent.</summary>
    Open,
}
