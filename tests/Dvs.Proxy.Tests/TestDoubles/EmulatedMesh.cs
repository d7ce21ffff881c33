using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tests.TestDoubles.Logging;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>
/// A full mesh of nodes in this process: each has its own emulated driver and its own multi-node proxy, joined over TCP on loopback. Every
/// node listens at one port for all its peers, as the field notes' last design has it.
/// </summary>
internal sealed class EmulatedMesh : IAsyncDisposable
{
    private readonly List<EmulatedDvk> _devices = [];
    private readonly List<MultiNodeProxy> _proxies = [];
    private bool _stopped;

    private EmulatedMesh()
    {
    }

    public IReadOnlyList<EmulatedDvk> Devices => _devices;

    public IReadOnlyList<MultiNodeProxy> Proxies => _proxies;

    /// <summary>What each node's proxy was told.</summary>
    public List<ProxyOptions> Options { get; } = [];

    public CapturingLoggerFactory Log { get; } = new();

    /// <summary>Starts all nodes, waits until all are connected, and lets DC 0 extend to all of them.</summary>
    /// <param name="nodes">How many.</param>
    /// <param name="configure">Changes the options of each peer.</param>
    /// <param name="wrap">What a node's proxy sees in place of its driver.</param>
    public static async Task<EmulatedMesh> StartAsync(int nodes, Action<PeerOptions>? configure = null, Func<EmulatedDvk, IDvkProxyCalls>? wrap = null)
    {
        var mesh = new EmulatedMesh();
        var addresses = Enumerable.Range(0, nodes).Select(_ => LoopbackPort.NewAddress()).ToList();
        var ports = addresses.Select(LoopbackPort.Reserve).ToList();
        for (var node = 0; node < nodes; node++)
        {
            var device = EmulatedDvk.StartNode(node);
            mesh._devices.Add(device);
            mesh.Options.Add(OptionsOf(node, addresses, ports, configure));
            mesh._proxies.Add(new MultiNodeProxy(
                wrap?.Invoke(device) ?? device, Microsoft.Extensions.Options.Options.Create(mesh.Options[node]), loggerFactory: mesh.Log));
        }

        foreach (var proxy in mesh._proxies)
        {
            await proxy.StartAsync(CancellationToken.None);
        }

        Eventually.True(
            () => mesh._proxies.TrueForAll(proxy => proxy.GetStatus().Pairs.All(pair => pair.IsConnected)), "all pairs are connected", () => mesh._proxies[0].GetStatus().ToString(), TimeSpan.FromMinutes(2));
        mesh.StartDc(0);
        return mesh;
    }

    /// <summary>Starts a DC on every node and lets it extend to all.</summary>
    public void StartDc(int dcId)
    {
        for (var node = 0; node < _devices.Count; node++)
        {
            _devices[node].StartDc(new DcInfo { DcId = dcId, Name = $"DC{dcId}", Nodes = 1UL << node });
            for (var peer = 0; peer < _devices.Count; peer++)
            {
                if (peer != node)
                {
                    AddNode(_devices[node], dcId, peer);
                }
            }
        }
    }

    /// <summary>Makes a process known on all other nodes.</summary>
    public void BindRemotely(int dcId, int endpoint, int nodeId, string name)
    {
        for (var node = 0; node < _devices.Count; node++)
        {
            if (node != nodeId)
            {
                DvkException.ThrowIfFailed(_devices[node].TryBind(BindRequest.Remote(dcId, endpoint, nodeId, name), out _), $"bind {name} on node {node}");
            }
        }
    }

    public async Task StopAsync()
    {
        _stopped = true;
        await Task.WhenAll(_proxies.Select(proxy => proxy.StopAsync(CancellationToken.None)));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await StopAsync();
        }

        _proxies.ForEach(static proxy => proxy.Dispose());
        _devices.ForEach(static device => device.Dispose());
    }

    private static void AddNode(EmulatedDvk device, int dcId, int nodeId)
    {
        try
        {
            device.AddNode(dcId, nodeId);
        }
        catch (DvkException exception) when (exception.Error == DvkError.NodeInDc)
        {
            // The node's proxy is told to do it, too, and was quicker.
        }
    }

    private static ProxyOptions OptionsOf(int node, List<string> addresses, List<int> ports, Action<PeerOptions>? configure)
    {
        var options = new ProxyOptions { NodeId = node, MaxPendingConnections = 64, ShutdownTimeout = TimeSpan.FromMinutes(1) };
        for (var peer = 0; peer < addresses.Count; peer++)
        {
            if (peer == node)
            {
                continue;
            }

            var peerOptions = new PeerOptions
            {
                Name = $"node{peer}",
                Host = addresses[peer],
                ProxyId = peer,
                ConnectPort = ports[peer],
                ListenPort = ports[node],
                ListenHost = addresses[node],
                BackoffMinimum = TimeSpan.FromMilliseconds(10),
                BackoffMaximum = TimeSpan.FromMilliseconds(200),
            };
            configure?.Invoke(peerOptions);
            options.Peers.Add(peerOptions);
        }

        return options;
    }
}
