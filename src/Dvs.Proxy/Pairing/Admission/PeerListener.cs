using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission.Identity;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>
/// One listening place and the peers that share it: owns the transport's listener and its accept loop. Turns strangers away at once, and
/// leaves it to the admission to find out whose the others are. Start and dispose come from one thread at a time; the accept loop is its
/// own. Behaviour: AdmissionTests, HostileConnectionTests.
/// </summary>
internal sealed class PeerListener : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IProxyListener _listener;
    private readonly IReadOnlyList<IAdmissionCandidate> _peers;
    private readonly ProxyEnvironment _environment;
    private readonly ConnectionAdmission _admission;
    private readonly PeerIdentification _identification;
    private readonly ProxyLogger _logger;
    private readonly CancellationTokenSource _stop = new();

    // The accept loop's only.
    private long _accepted;
    private Task _accepting = Task.CompletedTask;

    /// <param name="listener">The transport's.</param>
    /// <param name="peers">Whose connections come here.</param>
    /// <param name="environment">What all pairs share.</param>
    /// <param name="limits">Limits for connections that have yet to show whose they are.</param>
    /// <param name="accepted">What the listener before this one, at the same place, had accepted.</param>
    public PeerListener(
        IProxyListener listener, IReadOnlyList<IAdmissionCandidate> peers, ProxyEnvironment environment, AdmissionLimits limits, long accepted)
    {
        _accepted = accepted;
        _listener = listener;
        _peers = peers;
        _environment = environment;
        _logger = environment.Logger.ForSource();
        _identification = new PeerIdentification(peers, environment);
        _admission = new ConnectionAdmission(limits, environment, _identification, TurnAway);
    }

    /// <summary>Where it listens.</summary>
    public TransportEndpoint Endpoint => _listener.LocalEndpoint;

    /// <summary>Connections accepted, those of listeners before this one included; once disposed.</summary>
    public long Accepted => _accepted;

    /// <summary>Starts to accept.</summary>
    public void Start() => _accepting = Task.Run(AcceptAsync);

    /// <summary>Stops accepting, ends the connections that have yet to show whose they are, and waits until the accept loop
    /// ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _admission.Stop();
        await _stop.CancelAsync().ConfigureAwait(false);
        await FaultBarrier.RunAsync(_logger, "closing a listener", () => _listener.DisposeAsync().AsTask()).ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _admission.Dispose();
        _stop.Dispose();
    }

    // Ends when it is asked to, and by nothing else: a node that accepts no more is deaf.
    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false) is { } connection)
                {
                    Place(connection);
                }
                else if (!_stop.IsCancellationRequested)
                {
                    throw new ProxyTransportException("It was closed, but not by this proxy.");
                }
            }
#pragma warning disable CA1031 // Whatever it is, the next connection is accepted.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!_stop.IsCancellationRequested)
                {
                    ProxyLog.ListenerFailed(_logger, Endpoint.ToString(), exception.Message.TrimEnd('.'), RetryDelay);
                    await Task.Delay(RetryDelay, _environment.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }

    // One connection that cannot be placed makes no other wait.
    private void Place(ProxyConnection connection)
    {
        if (!FaultBarrier.Run(_logger, "placing a connection", () => PlaceByAddress(connection)))
        {
            connection.Abort(new ConnectionEnd(ConnectionEndCause.Fault, "a fault of this proxy"));
            FaultBarrier.Run(_logger, "closing a connection", () => _ = connection.DisposeAsync().AsTask());
        }
    }

    private void PlaceByAddress(ProxyConnection connection)
    {
        var address = connection.RemoteAddress;
        _accepted++;
        if ((connection.GetAbility<IPeerVetting>()?.Objection ?? _identification.DescribeStrangeAddress(address)) is { } stranger)
        {
            TurnAway(connection, stranger);
        }
        else if (_identification.FindByAddress(address) is { } peer)
        {
            peer.Offer(connection, _accepted);
        }
        else
        {
            _admission.Admit(connection, _accepted);
        }
    }

    private void TurnAway(ProxyConnection connection, string reason)
    {
        foreach (var peer in _peers)
        {
            peer.CountTurnedAway();
        }

        ProxyLog.ConnectionTurnedAway(_logger, Endpoint.ToString(), connection.RemoteName, reason);
        connection.Abort(new ConnectionEnd(ConnectionEndCause.SessionRefused, reason));
        FaultBarrier.Run(_logger, "closing a connection", () => _ = connection.DisposeAsync().AsTask());
    }
}
