using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>A connection that has yet to show whose it is. Thread-safe.</summary>
/// <param name="connection">The connection.</param>
/// <param name="order">Goes up with every connection that the listener accepts.</param>
/// <param name="started">When it came, as a timestamp.</param>
/// <param name="cut">Ends it, with a reason, if it still waits.</param>
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
    public Socket? Pollable { get; } = connection.Pollable;

    /// <summary>True while it waits. Guarded by the admission.</summary>
    public bool IsPending { get; set; }

    /// <summary>True once it is left to the admission's threads. Guarded by the admission.</summary>
    public bool IsReady { get; set; }

    /// <summary>Bytes that have come. The look's only.</summary>
    public long Seen { get; set; }

    /// <summary>True while it is being looked at. Guarded by the admission.</summary>
    public bool IsLookedAt { get; set; }

    /// <summary>Why it was ended by us; null while it was not.</summary>
    public string? CutReason
    {
        get => _cutReason;
        set => _cutReason = value;
    }

    /// <summary>Ends it, if it still waits.</summary>
    public void Cut(string reason) => cut(this, reason);
}

/// <summary>What came out: a pair, or why there is none; and the connection, by now perhaps with TLS around it.</summary>
internal readonly record struct Identification(ProxyConnection Connection, ProxyPair? Pair, string? Refusal)
{
    /// <summary>With a session: the peer has proven itself.</summary>
    public SessionIntroduction? Introduction { get; init; }

    public static Identification Of(ProxyPair pair, ProxyConnection connection) => new(connection, pair, null);

    public static Identification Refuse(ProxyConnection connection, string reason) => new(connection, null, reason);
}
