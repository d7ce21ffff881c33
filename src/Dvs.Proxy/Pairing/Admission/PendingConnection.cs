using System.Net;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>How far a connection has come with its admission.</summary>
internal enum PendingPhase
{
    /// <summary>Not yet taken over.</summary>
    New,

    /// <summary>It waits to be looked at, and costs no thread.</summary>
    Waiting,

    /// <summary>A look reads what has come.</summary>
    LookedAt,

    /// <summary>Enough has come, or only a thread can find out: it is left to the admission's threads.</summary>
    Ready,

    /// <summary>It is over: admitted, or cut.</summary>
    Over,
}

/// <summary>
/// A connection that has yet to show whose it is, and how far it has come: owned by the listener's <see cref="PendingConnections"/>.
/// Thread-safe, but for what its lock guards.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="order">Goes up with every connection that the listener accepts.</param>
/// <param name="started">When it came, as a timestamp.</param>
/// <param name="cut">Ends it, with a reason, if it is not over.</param>
internal sealed class PendingConnection(ProxyConnection connection, long order, long started, Action<PendingConnection, string> cut)
{
    private volatile string? _cutReason;

    public ProxyConnection Connection => connection;

    /// <summary>Goes up with every connection that the listener accepts.</summary>
    public long Order => order;

    /// <summary>When it came, as a timestamp.</summary>
    public long Started => started;

    /// <summary>Where it comes from; null where the transport has no addresses.</summary>
    public IPAddress? Address { get; } = connection.RemoteAddress;

    /// <summary>What tells without waiting whether there is something to read; null where only a thread can find out.</summary>
    public IPolledReads? Reads { get; } = connection.GetAbility<IPolledReads>();

    /// <summary>How far it has come. Guarded by the lock of <see cref="PendingConnections"/>.</summary>
    public PendingPhase Phase { get; private set; }

    /// <summary>Bytes that have come. The look's only.</summary>
    public long Seen { get; set; }

    /// <summary>Why it was ended by us; null while it was not.</summary>
    public string? CutReason
    {
        get => _cutReason;
        set => _cutReason = value;
    }

    /// <summary>Ends it, if it is not over.</summary>
    public void Cut(string reason) => cut(this, reason);

    /// <summary>It goes on. Under the lock of <see cref="PendingConnections"/>.</summary>
    public void MoveTo(PendingPhase phase)
    {
        Invariant.Require(
            phase switch
            {
                PendingPhase.Waiting => Phase is PendingPhase.New or PendingPhase.LookedAt,
                PendingPhase.LookedAt => Phase == PendingPhase.Waiting,
                PendingPhase.Ready => Phase is PendingPhase.Waiting,
                _ => Phase is not (PendingPhase.New or PendingPhase.Over),
            },
            "A pending connection's phases are out of order.");
        Phase = phase;
    }
}
