using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission.Identity;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>A peer for which connections are admitted: what admission needs of its pair, and no more. Thread-safe.</summary>
internal interface IAdmissionCandidate
{
    /// <summary>Id of the peer's node.</summary>
    int NodeId { get; }

    /// <summary>Name of the peer.</summary>
    string Name { get; }

    /// <summary>The log, with limits for this peer alone.</summary>
    ProxyLogger Logger { get; }

    /// <summary>Where connections of the peer may come from.</summary>
    PeerAddresses Addresses { get; }

    /// <summary>TLS with the peer; null for none.</summary>
    PeerTls? Tls { get; }

    /// <summary>True where the peer is a classic proxy, or is spoken to as one.</summary>
    bool IsClassic { get; }

    /// <summary>True while the pair has no connection of the peer, nor one on offer.</summary>
    bool IsFree { get; }

    /// <summary>Has the peer at a connection prove itself, and find no other living process of its node in its place. Blocks.</summary>
    Identification Introduce(ProxyConnection connection);

    /// <summary>Gives the pair a connection, which is the pair's from here on.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="order">Goes up with every connection that the listener accepts.</param>
    /// <param name="introduction">In a session: who the peer has proven to be.</param>
    void Offer(ProxyConnection connection, long order, SessionIntroduction? introduction = null);

    /// <summary>Counts a connection that was turned away where the peer's come in.</summary>
    void CountTurnedAway();
}
