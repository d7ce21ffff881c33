using System.Net.Sockets;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Diagnostics;

/// <summary>Why a connection ended, or could not be made: what a program can tell apart, and words for people.</summary>
/// <param name="Cause">What happened.</param>
/// <param name="Text">The same with particulars; one sentence or clause without full stop.</param>
internal sealed record ConnectionEnd(ConnectionEndCause Cause, string Text)
{
    /// <summary>The words, fit for logs and terminals wherever they came from.</summary>
    public string Text { get; } = ForeignText.Escape(Text);

    /// <summary>The peer closed the connection in order.</summary>
    public static readonly ConnectionEnd PeerClosed = new(ConnectionEndCause.PeerClosed, "the peer closed the connection");

    /// <summary>The pair ends.</summary>
    public static readonly ConnectionEnd Stopped = new(ConnectionEndCause.Stopped, "shutting down");

    /// <summary>The pair is parked.</summary>
    public static readonly ConnectionEnd Parked = new(ConnectionEndCause.Parked, "parking");

    /// <summary>A fault of ours ended it, and whoever saw the fault says which.</summary>
    public static readonly ConnectionEnd Faulted = new(ConnectionEndCause.Fault, "a fault of this proxy");

    /// <summary>What a writer knows whose connection was ended under it; whoever ended it knows better.</summary>
    public static readonly ConnectionEnd TakesNoMore = new(ConnectionEndCause.Broken, "the connection takes no more data");

    /// <summary>True where the text alone is no news: another thread may know more.</summary>
    public bool IsVague => ReferenceEquals(this, TakesNoMore) || ReferenceEquals(this, PeerClosed);

    /// <summary>What became of the connection, in a sentence about its end here.</summary>
    public string Verb => Cause is >= ConnectionEndCause.Replaced and <= ConnectionEndCause.ProtocolViolation ? "closed" : "lost";

    /// <summary>Reads the cause of a failed operation from its exception.</summary>
    public static ConnectionEnd Of(Exception exception)
    {
        for (var each = exception; each is not null; each = each.InnerException)
        {
            switch (each)
            {
                case ConnectionEndException { End: var end }:
                    return end;
                case CertificateRefusedException:
                    return new ConnectionEnd(ConnectionEndCause.CertificateRefused, exception.Message.TrimEnd('.'));
                case SocketException socket:
                    return new ConnectionEnd(OfSocket(socket.SocketErrorCode), exception.Message.TrimEnd('.'));
            }
        }

        return new ConnectionEnd(ConnectionEndCause.Broken, exception.Message.TrimEnd('.'));
    }

    /// <summary>The first of several threads' accounts of one end that says something; else the first there is.</summary>
    public static ConnectionEnd MostTelling(ConnectionEnd first, ConnectionEnd? second, ConnectionEnd? third = null) =>
        !first.IsVague ? first
        : second is { IsVague: false } ? second
        : third is { IsVague: false } ? third
        : second ?? third ?? first;

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static ConnectionEndCause OfSocket(SocketError error) => error switch
    {
        SocketError.Shutdown or SocketError.Disconnecting => ConnectionEndCause.PeerClosed,
        SocketError.ConnectionReset or SocketError.ConnectionAborted => ConnectionEndCause.PeerReset,
        SocketError.TimedOut => ConnectionEndCause.PeerVanished,
        SocketError.ConnectionRefused => ConnectionEndCause.ConnectionRefused,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown => ConnectionEndCause.Unreachable,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => ConnectionEndCause.UnknownHost,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => ConnectionEndCause.NoResources,
        _ => ConnectionEndCause.Broken,
    };
}

/// <summary>Ends the service of a connection, for a reason that is more than a failed operation.</summary>
internal sealed class ConnectionEndException(ConnectionEnd end) : IOException(end.Text)
{
    /// <summary>The reason.</summary>
    public ConnectionEnd End { get; } = end;
}
