namespace Dvs.Proxy.Transport.Abilities;

/// <summary>
/// An ability that a <see cref="ProxyConnection"/> may have: it tells, without blocking, how the connection stands. With it, a receiver never
/// waits for a sender to read acknowledgements while that sender waits for it, and a place that a dead process of the peer's node holds is given
/// to its living one at once; without it, an acknowledgement may block, and the dead process is found out by its silence.
/// </summary>
public interface IConnectionProbe
{
    /// <summary>False where a flush of a few hundred bytes might have to wait for the peer to read. Of a connection that has ended it says nothing:
    /// there, no flush waits. The writing thread only; never throws.</summary>
    bool CanWriteAtOnce { get; }

    /// <summary>True where it is known that the peer has closed its direction, or that the connection broke, though what came before may not have
    /// been read. Any thread that keeps the connection from being disposed of; never throws.</summary>
    bool HasPeerEnded { get; }
}
