using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// One listening place and the pairs that share it. Finds out whose a new connection is: by the only pair there is, or by the source node of
/// its first frame, which is left in the pipe for the receiver.
/// </summary>
internal sealed class PeerListener : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IProxyListener _listener;
    private readonly IReadOnlyList<ProxyPair> _pairs;
    private readonly ProxyEnvironment _environment;
    private readonly ConnectionAdmission _admission;
    private readonly LogThrottle _refusalLog;
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;

    public PeerListener(IProxyListener listener, IReadOnlyList<ProxyPair> pairs, ProxyEnvironment environment, ConnectionAdmission admission)
    {
        _listener = listener;
        _pairs = pairs;
        _environment = environment;
        _admission = admission;
        _refusalLog = new LogThrottle(environment.Time);
    }

    /// <summary>Where it listens.</summary>
    public TransportEndpoint Endpoint => _listener.LocalEndpoint;

    /// <summary>Starts to accept.</summary>
    public void Start() => _accepting = Task.Run(AcceptAsync);

    /// <summary>Stops accepting and waits until the accept loop ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var connection = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                if (connection is null)
                {
                    return;
                }

                Place(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ProxyTransportException exception)
            {
                ProxyLog.ListenerFailed(_environment.Logger, Endpoint.ToString(), exception.Message, RetryDelay);
                await Task.Delay(RetryDelay, _environment.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Place(ProxyConnection connection)
    {
        var candidates = _pairs.Where(pair => pair.Accepts(connection.RemoteAddress)).ToList();
        if (candidates.Count == 0)
        {
            Refuse(connection, "its address is none that a peer of this port may come from (host or allow of the configuration)");
        }
        else if (_pairs.Count == 1 && !candidates[0].IsReceiverConnected)
        {
            candidates[0].Offer(connection);
        }
        else if (!_admission.TryAdmit(connection, header => FindPair(candidates, header), reason => Refuse(connection, reason)))
        {
            Refuse(connection, "too many connections have not yet said whose they are (MaxPendingConnections)");
        }
    }

    private ProxyPair? FindPair(List<ProxyPair> candidates, Protocol.CommandHeader header) =>
        header.DestinationNode == _environment.LocalNodeId ? candidates.Find(pair => pair.NodeId == header.SourceNode) : null;

    private void Refuse(ProxyConnection connection, string reason)
    {
        foreach (var pair in _pairs)
        {
            pair.CountRefusedConnection();
        }

        if (_refusalLog.TryEnter(out var suppressed))
        {
            ProxyLog.ConnectionRefused(_environment.Logger, Endpoint.ToString(), connection.RemoteName, reason, suppressed);
        }

        connection.Abort();
        _ = connection.DisposeAsync().AsTask();
    }
}
