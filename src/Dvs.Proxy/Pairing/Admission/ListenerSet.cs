using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>
/// The places where a multi-node proxy listens: closed and opened again with the network. A port that the system chose stays the same for
/// as long as the set lives. Owns the listeners that are open. Open and close come from one thread at a time; the rest is thread-safe.
/// Behaviour: MultiNodeProxyTests, ParkTests.
/// </summary>
internal sealed class ListenerSet
{
    private readonly ProxyEnvironment _environment;
    private readonly AdmissionLimits _limits;
    private readonly Place[] _places;
    private volatile PeerListener[] _open = [];

    public ListenerSet(
        IEnumerable<(ResolvedPeer Peer, IAdmissionCandidate Candidate)> peers, ProxyEnvironment environment, AdmissionLimits limits)
    {
        _environment = environment;
        _limits = limits;

        // Port 0 asks for a port of its own for each peer; every other place is opened once for all that name it.
        _places = [.. peers
            .GroupBy(static item => (item.Peer.Options.Transport, item.Peer.Listen, Own: item.Peer.Listen is { Port: 0, Path: null } ? item.Peer.ProxyId : -1))
            .Select(group => new Place(
                environment.Transports.Get(group.Key.Transport), group.Key.Listen, [.. group.Select(static item => item.Candidate)]))];
    }

    /// <summary>Where it listens, with the ports that the system chose; empty while it is closed.</summary>
    public IReadOnlyList<TransportEndpoint> Endpoints => [.. _open.Select(static listener => listener.Endpoint)];

    /// <summary>Opens all places; nobody is accepted before <see cref="Start"/>.</summary>
    /// <exception cref="ProxyTransportException">One could not be opened; none is open.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        List<PeerListener> open = [];
        try
        {
            foreach (var place in _places)
            {
                var listener = await place.Transport.ListenAsync(place.Endpoint, cancellationToken).ConfigureAwait(false);
                place.Endpoint = place.Endpoint with { Port = listener.LocalEndpoint.Port };
                open.Add(new PeerListener(listener, place.Candidates, _environment, _limits, place.Accepted));
                ProxyLog.Listening(
                    _environment.Logger, listener.LocalEndpoint.ToString(), place.Transport.Name,
                    string.Join(", ", place.Candidates.Select(static peer => peer.Name)));
            }
        }
        catch
        {
            await DisposeAllAsync(open).ConfigureAwait(false);
            throw;
        }

        _open = [.. open];
    }

    /// <summary>Starts to accept.</summary>
    public void Start()
    {
        foreach (var listener in _open)
        {
            listener.Start();
        }
    }

    /// <summary>Closes all places, and the connections that have yet to show whose they are.</summary>
    public async Task CloseAsync()
    {
        var open = _open;
        _open = [];
        await DisposeAllAsync(open).ConfigureAwait(false);
        for (var index = 0; index < open.Length; index++)
        {
            _places[index].Accepted = open[index].Accepted;
        }
    }

    private static async Task DisposeAllAsync(IEnumerable<PeerListener> listeners)
    {
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }
    }

    private sealed class Place(IProxyTransport transport, TransportEndpoint endpoint, IReadOnlyList<IAdmissionCandidate> candidates)
    {
        public IProxyTransport Transport { get; } = transport;

        public TransportEndpoint Endpoint { get; set; } = endpoint;

        public IReadOnlyList<IAdmissionCandidate> Candidates { get; } = candidates;

        /// <summary>Connections accepted here so far: a later one replaces an earlier one, whichever listener took it.</summary>
        public long Accepted { get; set; }
    }
}
