using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// One listening place and the pairs that share it. Accepts connections, turns strangers away at once, and leaves it to the admission to find
/// out whose the others are.
/// </summary>
internal sealed class PeerListener : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IProxyListener _listener;
    private readonly IReadOnlyList<ProxyPair> _pairs;
    private readonly ProxyEnvironment _environment;
    private readonly ConnectionAdmission _admission;
    private readonly PeerIdentification _identification;
    private readonly LogThrottle _refusalLog;
    private readonly CancellationTokenSource _stop = new();

    // The accept loop's only.
    private long _accepted;
    private Task _accepting = Task.CompletedTask;

    /// <param name="listener">The transport's.</param>
    /// <param name="pairs">Whose connections come here.</param>
    /// <param name="environment">What all pairs share.</param>
    /// <param name="limits">Limits for connections that have yet to show whose they are.</param>
    /// <param name="accepted">What the listener before this one, at the same place, had accepted.</param>
    public PeerListener(IProxyListener listener, IReadOnlyList<ProxyPair> pairs, ProxyEnvironment environment, AdmissionLimits limits, long accepted)
    {
        _accepted = accepted;
        _listener = listener;
        _pairs = pairs;
        _environment = environment;
        _admission = new ConnectionAdmission(limits);
        _identification = new PeerIdentification(pairs, environment);
        _refusalLog = environment.CreateLogThrottle();
    }

    /// <summary>Where it listens.</summary>
    public TransportEndpoint Endpoint => _listener.LocalEndpoint;

    /// <summary>Connections accepted, those of listeners before this one included; once disposed.</summary>
    public long Accepted => _accepted;

    /// <summary>Starts to accept.</summary>
    public void Start() => _accepting = Task.Run(AcceptAsync);

    /// <summary>Stops accepting, ends the connections that have yet to show whose they are, and waits until the accept loop ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _admission.Stop();
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
        var address = connection.RemoteAddress;
        _accepted++;
        if (_identification.RefuseAddress(address) is { } stranger)
        {
            Refuse(connection, stranger);
        }
        else if (_identification.FindByAddress(address) is { } pair)
        {
            pair.Offer(connection, _accepted);
        }
        else
        {
            _admission.Admit(connection, _accepted, _identification.Identify, Refuse);
        }
    }

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
