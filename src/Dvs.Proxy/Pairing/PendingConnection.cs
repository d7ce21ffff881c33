using System.Net;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>A connection that has yet to show whose it is. Thread-safe.</summary>
internal sealed class PendingConnection(ProxyConnection connection, long order)
{
    private volatile string? _cutReason;

    public ProxyConnection Connection => connection;

    /// <summary>Goes up with every connection that the listener accepts.</summary>
    public long Order => order;

    /// <summary>Where it comes from; null where the transport has no addresses.</summary>
    public IPAddress? Address { get; } = connection.RemoteAddress;

    /// <summary>Why it was ended by us; null while it was not.</summary>
    public string? CutReason => _cutReason;

    /// <summary>Ends it.</summary>
    public void Cut(string reason)
    {
        _cutReason ??= reason;
        connection.Abort();
    }
}

/// <summary>What came out: a pair, or why there is none; and the connection, by now perhaps with TLS around it.</summary>
internal readonly record struct Identification(ProxyConnection Connection, ProxyPair? Pair, string? Refusal)
{
    /// <summary>With a session: the peer has proven itself.</summary>
    public SessionIntroduction? Introduction { get; init; }

    public static Identification Of(ProxyPair pair, ProxyConnection connection) => new(connection, pair, null);

    public static Identification Refuse(ProxyConnection connection, string reason) => new(connection, null, reason);
}
