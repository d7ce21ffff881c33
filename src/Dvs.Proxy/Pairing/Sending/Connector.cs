using System.Globalization;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tcp;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// Makes the sender's connections, each open for its stream: tries until it works, waits longer after every failure, and says so once, not at
/// every try. Sender thread only. Behaviour: MultiNodeProxyTests, ReconnectBackoffTests, TlsPairTests.
/// </summary>
internal sealed class Connector(PairContext context, OutboundStream stream)
{
    // A connection that lived so long was a good one: the next failure starts from the shortest wait again.
    private static readonly TimeSpan GoodConnection = TimeSpan.FromSeconds(1);

    private ThreadOwner _owner;
    private readonly ReconnectBackoff _backoff = new(context.Peer.Options.BackoffMinimum, context.Peer.Options.BackoffMaximum);
    private long _connectedAt = -1;
    private ConnectionEndCause _loggedCause;

    /// <summary>Connects and opens the stream.</summary>
    /// <param name="limit">How long to try.</param>
    /// <param name="onEnded">What to do when the connection ended; called on another thread.</param>
    /// <returns>The connection, whose stream is open: to be closed. Null once the pair is not to serve, or the time is over.</returns>
    public ProxyConnection? Connect(TimeSpan limit, Action onEnded)
    {
        _owner.Check();
        var serving = context.Lifetime.Serving;
        var started = context.Environment.Time.GetTimestamp();
        AfterConnection(serving);
        var isRenewed = false;
        while (!serving.IsCancellationRequested)
        {
            context.SenderCounters.State = ProxyState.Connecting;
            var failure = TryConnect(onEnded, serving, out var connection);
            if (failure is { Cause: ConnectionEndCause.SessionLost } && !isRenewed)
            {
                // The next session has begun, and nothing speaks against it; once, so that no peer can make us hammer it.
                isRenewed = true;
                continue;
            }

            if (connection is not null)
            {
                _connectedAt = context.Environment.Time.GetTimestamp();
                _loggedCause = ConnectionEndCause.None;
                return connection;
            }

            context.SenderCounters.State = ProxyState.Waiting;
            if (serving.IsCancellationRequested)
            {
                break;
            }

            var delay = _backoff.Next();
            ReportFailure(failure!, delay);
            var remaining = limit - context.Environment.Time.GetElapsedTime(started);
            if (limit != Timeout.InfiniteTimeSpan && delay >= remaining)
            {
                serving.WaitHandle.WaitOne(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero);
                return null;
            }

            serving.WaitHandle.WaitOne(delay);
        }

        return null;
    }

    // A peer that accepts and closes at once must not be hammered without a pause; one that took our frames is tried again at once.
    private void AfterConnection(CancellationToken serving)
    {
        if (_connectedAt < 0)
        {
            return;
        }

        context.SenderCounters.State = ProxyState.Waiting;
        if (stream.HasProgressed || context.Environment.Time.GetElapsedTime(_connectedAt) >= GoodConnection)
        {
            _backoff.Reset();
        }
        else
        {
            serving.WaitHandle.WaitOne(_backoff.Next());
        }

        _connectedAt = -1;
    }

    private void ReportFailure(ConnectionEnd failure, TimeSpan delay)
    {
        context.SenderCounters.CountRefused();
        context.SenderCounters.LastEnd = failure;
        if (_loggedCause != failure.Cause)
        {
            _loggedCause = failure.Cause;
            ProxyLog.ConnectFailed(context.Logger, context.Name, context.Peer.Remote.ToString(), failure.Text, delay);
        }
    }

    private ConnectionEnd? TryConnect(Action onEnded, CancellationToken serving, out ProxyConnection? connection)
    {
        connection = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(serving);
        limit.CancelAfter(context.Peer.Options.ConnectTimeout);
        var stage = "no answer";
        ProxyConnection? plain = null;
        try
        {
            plain = context.Transport.ConnectAsync(context.Peer.Remote, limit.Token).WaitBlocking();
            stage = "connected, but the TLS handshake did not end";
            connection = context.Tls is { IsUsedToConnect: true } tls ? Secure(tls, plain, limit.Token) : plain;
            plain = null;
        }
        catch (OperationCanceledException canceled)
        {
            return new ConnectionEnd(
                plain is null ? ConnectionEndCause.ConnectTimeout : ConnectionEndCause.HandshakeTimeout,
                string.Create(CultureInfo.InvariantCulture,
                    $"{stage} within {context.Peer.Options.ConnectTimeout.TotalSeconds:0.###} s"
                    + $"{(canceled is ConnectCanceledException ? $": {canceled.Message}" : "")}"));
        }
        catch (ProxyTransportException exception)
        {
            var failure = ConnectionEnd.Of(exception);
            return plain is null ? failure : new ConnectionEnd(
                failure.Cause == ConnectionEndCause.CertificateRefused ? failure.Cause : ConnectionEndCause.TlsFailed,
                $"connected, but TLS failed: {failure.Text}");
        }
        finally
        {
            plain?.DisposeAsync().WaitBlocking();
        }

        ConnectionEnd? problem = null;
        var isGood = false;
        try
        {
            using (serving.Register(static state => ((ProxyConnection)state!).Abort(ConnectionEnd.Stopped), connection))
            {
                problem = stream.Open(connection, onEnded);
            }

            isGood = problem is null;
        }
        finally
        {
            if (!isGood)
            {
                connection.Abort(problem ?? ConnectionEnd.Stopped);
                connection.DisposeAsync().WaitBlocking();
                connection = null;
            }
        }

        return problem;
    }

    private TlsConnection Secure(PeerTls tls, ProxyConnection plain, CancellationToken cancellationToken)
    {
        var result = tls.Connect(plain, cancellationToken);
        ProxyLog.TlsEstablished(context.Logger, context.Name, plain.RemoteName, result.Protocol, result.PeerName, result.PeerExpires);
        return result.Connection;
    }
}
