using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>One attempt to connect that came to nothing.</summary>
/// <param name="Address">Where.</param>
/// <param name="Failure">Why; null where no answer had come when it was given up.</param>
internal readonly record struct ConnectAttempt(IPAddress Address, SocketException? Failure);

/// <summary>No address of a host could be connected to.</summary>
/// <param name="attempts">What was tried; at least one, and no longer changed.</param>
/// <param name="isCanceled">The caller gave up.</param>
internal sealed class ConnectFailedException(IReadOnlyList<ConnectAttempt> attempts, bool isCanceled)
    : Exception(null, attempts.Select(static attempt => attempt.Failure).LastOrDefault(static failure => failure is not null))
{
    internal bool IsCanceled => isCanceled;

    /// <summary>Each address with its reason: <c>10.0.0.1: no answer; 10.0.0.2: connection refused</c>; a reason alone where the host is given
    /// as its address.</summary>
    internal string Describe(string host) => string.Join("; ", attempts.Select(attempt => Describe(attempt, host)));

    /// <summary>Whether the host is given as the one address that was tried.</summary>
    internal bool IsOf(string host) => attempts.Count == 1 && attempts[0].Address.ToString() == host;

    private string Describe(ConnectAttempt attempt, string host)
    {
        var reason = attempt.Failure is { } failure ? SocketErrorText.Of(failure.SocketErrorCode) : "no answer";
        return IsOf(host) ? reason : $"{attempt.Address}: {reason}";
    }
}

/// <summary>The caller gave up before there was a connection; the message says how far it had come: <c>10.0.0.1: no answer</c>.</summary>
internal sealed class ConnectCanceledException(string progress, CancellationToken cancellationToken) : OperationCanceledException(progress, cancellationToken);
