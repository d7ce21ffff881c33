using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Emulation.Clusters.Links;

/// <summary>
/// The links of a cluster, one per pair of nodes, and where each node listens for each other one. The ports that the proxies know are made of the two ids; the
/// transport's own are the system's choice, and kept here. Thread-safe.
/// </summary>
internal sealed class ClusterLinks
{
    /// <summary>The host of every node.</summary>
    public const string Host = "127.0.0.1";

    private const int FirstPort = 10_000;
    private const int MostNodes = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(int, int), ClusterLink> _links = [];
    private readonly Dictionary<int, TransportEndpoint> _places = [];

    public ClusterLinks(int nodes)
    {
        for (var a = 0; a < nodes; a++)
        {
            for (var b = a + 1; b < nodes; b++)
            {
                _links.Add((a, b), new ClusterLink());
            }
        }
    }

    /// <summary>Where a node listens for a peer, as the proxies know it.</summary>
    public static int PortOf(int listener, int peer) => FirstPort + (listener * MostNodes) + peer;

    /// <summary>The link between two nodes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is no node of the cluster, or they are the same.</exception>
    public ClusterLink Find(int node, int peer) => _links.TryGetValue((Math.Min(node, peer), Math.Max(node, peer)), out var link)
        ? link
        : throw new ArgumentOutOfRangeException(nameof(peer), peer, $"There is no link between node {node} and node {peer}: name two nodes of the cluster.");

    /// <summary>The link whose port this is.</summary>
    public ClusterLink FindByPort(int port) => Find((port - FirstPort) / MostNodes, (port - FirstPort) % MostNodes);

    /// <summary>Notes where the transport really listens.</summary>
    public void Listens(int port, TransportEndpoint place)
    {
        lock (_lock)
        {
            _places[port] = place;
        }
    }

    /// <summary>Where the transport really listens; null while nobody does.</summary>
    public TransportEndpoint? PlaceOf(int port)
    {
        lock (_lock)
        {
            return _places.TryGetValue(port, out var place) ? place : null;
        }
    }

    /// <summary>Nobody listens there any more.</summary>
    public void ListensNoMore(int port)
    {
        lock (_lock)
        {
            _places.Remove(port);
        }
    }

    /// <summary>Ends all faults, for good.</summary>
    public void EndFaults()
    {
        foreach (var link in _links.Values)
        {
            link.EndFaults();
        }
    }
}
