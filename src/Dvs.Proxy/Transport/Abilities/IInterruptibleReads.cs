namespace Dvs.Proxy.Transport.Abilities;

/// <summary>
/// An ability that a <see cref="ProxyConnection"/> may have: a blocked read can be ended without ending the connection. With it, a planned stop
/// lets the receiver finish what it has begun and tell the peer so; without it, a stop aborts the connection, and the peer sends again what was
/// not acknowledged.
/// </summary>
public interface IInterruptibleReads
{
    /// <summary>Prepares for <see cref="InterruptReads"/>. The reading thread only, before it reads.</summary>
    void AllowInterrupt();

    /// <summary>Ends, within a second, the read that blocks, or else the next one that would: it completes with what there is, marked as canceled,
    /// or as at the end of the stream. Later reads may end so, too. Any thread, at any time until the connection is disposed of; never throws.</summary>
    void InterruptReads();
}
