namespace Dvs.Proxy.Transport.Abilities;

/// <summary>
/// An ability that a <see cref="ProxyConnection"/> may have: its transport knows more of the peer than its address, and may object to it. With an
/// objection the connection is turned away before a byte is read, counted and logged as others are; without the ability, the address and what the
/// peer says decide.
/// </summary>
public interface IPeerVetting
{
    /// <summary>Why the peer must not be let in, as the rest of a sentence that begins with the peer; null where it may. Any thread; never throws,
    /// and never changes.</summary>
    string? Objection { get; }
}
