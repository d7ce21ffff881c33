using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Makes the sender's connections: tries until it works, waits longer after every failure, and says so once, not at every try. Sender thread
/// only, but for <see cref="Stop"/>.
/// </summary>
internal sealed class SenderConnector(PairContext context) : IDisposable
{
    // A connection that lived so long was a good one: the next failure starts from the shortest wait again.
    private static readonly TimeSpan GoodConnection = TimeSpan.FromSeconds(1);

    private readonly ReconnectBackoff _backoff = new(context.Peer.BackoffMinimum, context.Peer.BackoffMaximum);
    private readonly CancellationTokenSource _stop = new();
    private long _connectedAt = -1;

    /// <summary>A connection, or null once <see cref="Stop"/> was called.</summary>
    public ProxyConnection? Connect()
    {
        AfterConnection();
        var failureLogged = false;
        while (!_stop.IsCancellationRequested)
        {
            context.Sender.State = ProxyState.Connecting;
            var failure = TryConnect(out var connection);
            if (connection is not null)
            {
                _connectedAt = context.Environment.Time.GetTimestamp();
                return connection;
            }

            context.Sender.State = ProxyState.Waiting;
            if (_stop.IsCancellationRequested)
            {
                break;
            }

            context.Sender.CountRefused();
            context.Sender.LastError = failure;
            var delay = _backoff.Next();
            if (!failureLogged)
            {
                failureLogged = true;
                ProxyLog.ConnectFailed(context.Logger, context.Name, context.Peer.Remote.ToString(), failure!, delay);
            }

            _stop.Token.WaitHandle.WaitOne(delay);
        }

        return null;
    }

    /// <summary>Ends a wait or an attempt in progress; no further connection is made. Any thread.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    // A peer that accepts and closes at once must not be hammered without a pause.
    private void AfterConnection()
    {
        if (_connectedAt < 0)
        {
            return;
        }

        if (context.Environment.Time.GetElapsedTime(_connectedAt) >= GoodConnection)
        {
            _backoff.Reset();
        }

        context.Sender.State = ProxyState.Waiting;
        _stop.Token.WaitHandle.WaitOne(_backoff.Next());
    }

    private string? TryConnect(out ProxyConnection? connection)
    {
        connection = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(context.Peer.ConnectTimeout);
        var stage = "no answer";
        ProxyConnection? plain = null;
        try
        {
            plain = ProxyPipes.WaitBlocking(context.Transport.ConnectAsync(context.Peer.Remote, limit.Token));
            stage = "connected, but the TLS handshake did not end";
            connection = context.Tls is { IsUsedToConnect: true } tls ? Secure(tls, plain, limit.Token) : plain;
            plain = null;
            return null;
        }
        catch (OperationCanceledException)
        {
            return $"{stage} within {context.Peer.ConnectTimeout.TotalSeconds:0.###} s";
        }
        catch (ProxyTransportException exception)
        {
            return plain is null ? exception.Message.TrimEnd('.') : $"connected, but TLS failed: {exception.Message.TrimEnd('.')}";
        }
        finally
        {
            plain?.DisposeAsync().WaitBlocking();
        }
    }

    private TlsConnection Secure(PeerTls tls, ProxyConnection plain, CancellationToken cancellationToken)
    {
        var result = tls.Connect(plain, cancellationToken);
        ProxyLog.TlsEstablished(context.Logger, context.Name, plain.RemoteName, result.Protocol, result.PeerName, result.PeerExpires);
        return result.Connection;
    }
}
