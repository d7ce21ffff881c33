using System.Collections.Concurrent;
using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation.Clusters.Links;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Emulation.Clusters;

/// <summary>
/// A whole DVS cluster in this process, for the tests of a tool: nodes with emulated drivers, the real proxies between all of them, processes, and faults on
/// demand. Make one, start processes on its nodes, see that they do what they are to do, and dispose of it.
/// </summary>
/// <remarks>Thread-safe, but for starting or stopping the proxy of one node twice at the same time. Behaviour: EmulatedClusterTests.</remarks>
/// <example>
/// <code>
/// await using var cluster = await EmulatedCluster.StartAsync(nodes: 3);
/// cluster.StartProcess(node: 1, endpoint: 5, "server", server =>
/// {
///     var request = server.ReceiveRequest();
///     server.Reply(request.Source, new Message { Type = request.Type + 1 });
/// });
/// cluster.StartProcess(node: 0, endpoint: 10, "client", client =>
/// {
///     var message = new Message { Type = 41 };
///     client.SendReceive(5, ref message);
///     Assert.Equal(42, message.Type);
/// });
/// await cluster.WaitForProcessesAsync();
/// </code>
/// </example>
public sealed class EmulatedCluster : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private readonly EmulatedClusterOptions _options;
    private readonly ClusterLinks _links;
    private readonly List<EmulatedNode> _nodes = [];
    private readonly ConcurrentQueue<DvkProcessHandle> _processes = new();
    private volatile bool _isEnding;

    private EmulatedCluster(EmulatedClusterOptions options, int nodes)
    {
        _options = options;
        _links = new ClusterLinks(nodes);
    }

    /// <summary>The nodes, by id.</summary>
    public IReadOnlyList<EmulatedNode> Nodes => _nodes;

    /// <summary>A node.</summary>
    /// <param name="node">Its id, 0 to the number of nodes minus 1.</param>
    public EmulatedNode this[int node] => _nodes[node];

    internal ILoggerFactory LoggerFactory => _options.LoggerFactory;

    internal IDvkProxyCalls Decorate(EmulatedDvk device) => _options.DecorateDevice?.Invoke(device) ?? device;

    /// <summary>Starts a cluster and waits until all nodes are connected and every DC extends to all of them.</summary>
    /// <param name="nodes">How many, 1 to the node limit of the driver (32).</param>
    /// <param name="options">How it is built; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">Not all are connected after <see cref="EmulatedClusterOptions.ConnectTimeout"/>; the message says
    /// which not.</exception>
    public static async Task<EmulatedCluster> StartAsync(
        int nodes, EmulatedClusterOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmulatedClusterOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nodes, (options.Limits ?? new DvsInfo()).MaxNodes);
        var cluster = new EmulatedCluster(options, nodes);
        try
        {
            for (var id = 0; id < nodes; id++)
            {
                cluster.AddNode(id, nodes);
            }

            foreach (var node in cluster._nodes)
            {
                await node.RunProxyAsync(cancellationToken).ConfigureAwait(false);
            }

            await cluster.WaitUntilConnectedAsync(cancellationToken).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Runs a process on a node, on a thread of its own, and makes it known on all other nodes before it begins. When it has ended another one may take its
    /// endpoint, on any node.
    /// </summary>
    /// <param name="node">Where it lives.</param>
    /// <param name="endpoint">Its endpoint: with the default limits -35 to 28 for system processes, which may do everything, 29 to 220 for user processes,
    /// which may make requests and nothing else.</param>
    /// <param name="name">Its name, of which the driver keeps 15 bytes.</param>
    /// <param name="body">What it does; see <see cref="DvkProcess.Start"/>. A failure is written to the standard error at once, and thrown by
    /// <see cref="WaitForProcessesAsync"/>.</param>
    /// <param name="dcId">The DC it lives in.</param>
    /// <exception cref="DvkException">The driver refused: the endpoint is in use, or out of the DC's range.</exception>
    public DvkProcessHandle StartProcess(int node, int endpoint, string name, Action<DvkProcess> body, int dcId = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var home = _nodes[node];
        foreach (var any in _nodes)
        {
            RequireFree(any, dcId, endpoint, name);
        }

        foreach (var any in _nodes)
        {
            Forget(any, dcId, endpoint);
            if (any != home)
            {
                any.Device.BindRemote(dcId, endpoint, node, name);
            }
        }

        var process = DvkProcess.Start(home.Device, dcId, endpoint, name, body, failure => Report(name, endpoint, home, failure));
        _processes.Enqueue(process);
        return process;
    }

    /// <summary>
    /// Waits until every process started so far has ended. The first one that fails ends the wait, with its exception: the others may be waiting for it.
    /// </summary>
    /// <param name="timeout">How long, more than 0; null for 60 s.</param>
    /// <exception cref="TimeoutException">Some still run; the message says which, and what their driver says they wait for.</exception>
    public async Task WaitForProcessesAsync(TimeSpan? timeout = null)
    {
        using var limit = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(60));
        var running = _processes.Select(static process => process.Completion).ToList();
        try
        {
            while (running.Count > 0)
            {
                var ended = await Task.WhenAny(running).WaitAsync(limit.Token).ConfigureAwait(false);
                running.Remove(ended);
                await ended.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new TimeoutException($"Not all processes have ended: {DescribeProcesses()}.");
        }
    }

    /// <summary>Breaks the connections between two nodes, both ways, once; the proxies connect again at once.</summary>
    /// <param name="node">One node.</param>
    /// <param name="peer">The other one.</param>
    public void Cut(int node, int peer) => _links.Find(node, peer).Cut();

    /// <summary>
    /// Lets nothing pass between two nodes while the connections stay: what is written from now on arrives when the result is disposed of. That is what a
    /// network that has gone silent looks like.
    /// </summary>
    /// <param name="node">One node.</param>
    /// <param name="peer">The other one.</param>
    /// <returns>Ends the fault when disposed of. Several at once end with the last.</returns>
    public IDisposable Stall(int node, int peer) => _links.Find(node, peer).Stall();

    /// <summary>Breaks the connections between two nodes and refuses new ones, both ways, until the result is disposed of.</summary>
    /// <param name="node">One node.</param>
    /// <param name="peer">The other one.</param>
    /// <returns>Ends the fault when disposed of. Several at once end with the last.</returns>
    public IDisposable Disconnect(int node, int peer) => _links.Find(node, peer).Disconnect();

    /// <summary>
    /// Waits until the nodes whose proxy runs are all connected, and every DC of the cluster extends to them: after a <see cref="Cut"/>, for example, or the
    /// end of a fault.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">Not all are connected after <see cref="EmulatedClusterOptions.ConnectTimeout"/>; the message says
    /// which not.</exception>
    public async Task WaitUntilConnectedAsync(CancellationToken cancellationToken = default)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (DescribeDisconnected() is { } missing)
        {
            if (TimeProvider.System.GetElapsedTime(started) > _options.ConnectTimeout)
            {
                throw new TimeoutException($"After {_options.ConnectTimeout.TotalSeconds:0.#} s not all nodes are connected: {missing}.");
            }

            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Ends processes, proxies and drivers. A process that is in a call of the driver gets an error from it; its failure is no longer reported. A body that
    /// calls its driver no more and goes on all the same is left behind after 10 s.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        _links.EndFaults();
        foreach (var process in _processes.Where(static process => process.IsRunning))
        {
            process.Interrupt();
        }

        await Task.WhenAll(_nodes.Select(static node => node.StopProxyAsync())).ConfigureAwait(false);
        foreach (var node in _nodes)
        {
            node.Device.Dispose();
        }

        var ends = Task.WhenAll(_processes.Select(static process => process.Completion));
        await Task.WhenAny(ends, Task.Delay(TimeSpan.FromSeconds(10))).ConfigureAwait(false);
        _ = ends.Exception;
    }

    // A process that takes the interrupt for an answer goes on, and fails when its driver has gone.
    private void Report(string name, int endpoint, EmulatedNode node, Exception failure)
    {
        if (!_isEnding)
        {
            Console.Error.WriteLine($"Process '{name}' (endpoint {endpoint}, {node}) failed: {failure}");
        }
    }

    private void AddNode(int id, int count)
    {
        var device = EmulatedDvk.StartNode(id, _options.Limits, _options.Device);
        var node = new EmulatedNode(this, id, device, MakeProxyOptions(id, count), new ClusterTransport(_options.Transport, _links));
        _nodes.Add(node);
        foreach (var dc in _options.Dcs)
        {
            node.StartDc(dc);
        }
    }

    private ProxyOptions MakeProxyOptions(int id, int count)
    {
        var options = new ProxyOptions { NodeId = id, NodeName = NameOf(id), DataModel = _options.Device.DataModel };
        for (var peer = 0; peer < count; peer++)
        {
            if (peer != id)
            {
                options.Peers.Add(new PeerOptions
                {
                    Name = NameOf(peer),
                    ProxyId = peer,
                    BackoffMinimum = TimeSpan.FromMilliseconds(5),
                    BackoffMaximum = TimeSpan.FromMilliseconds(100),
                });
            }
        }

        _options.ConfigureProxy?.Invoke(id, options);
        foreach (var peer in options.Peers)
        {
            peer.Transport = _options.Transport.Name;
            (peer.Host, peer.ListenHost) = (ClusterLinks.Host, ClusterLinks.Host);
            (peer.ListenPort, peer.ConnectPort) = (ClusterLinks.PortOf(id, peer.ProxyId), ClusterLinks.PortOf(peer.ProxyId, id));
            foreach (var dc in _options.Dcs.Where(dc => !peer.Dcs.Contains(dc.DcId)))
            {
                peer.Dcs.Add(dc.DcId);
            }
        }

        return options;
    }

    // Before anything is changed. One that is known as another node's may have ended there; one that lives here has not.
    private static void RequireFree(EmulatedNode node, int dcId, int endpoint, string name)
    {
        var known = node.Device.GetProcessInfo(dcId, endpoint);
        if ((known.Status & (ProcessStatus.SlotFree | ProcessStatus.Remote)) == 0)
        {
            throw new DvkException(
                DvkError.SlotUsed,
                string.Create(CultureInfo.InvariantCulture, $"start process '{name}' at endpoint {endpoint} of DC {dcId}"),
                string.Create(CultureInfo.InvariantCulture, $"'{known.Name}' has this endpoint on {node}, and has not ended."));
        }
    }

    // A process that has ended at home, or moved away, is still known elsewhere: drivers forget remote processes only when told.
    private static void Forget(EmulatedNode node, int dcId, int endpoint)
    {
        if ((node.Device.GetProcessInfo(dcId, endpoint).Status & (ProcessStatus.SlotFree | ProcessStatus.Remote)) == ProcessStatus.Remote)
        {
            node.Device.TryUnbind(dcId, endpoint, timeoutMilliseconds: 0);
        }
    }

    private string? DescribeDisconnected()
    {
        List<string> missing = [];
        foreach (var node in _nodes.Where(static node => node.IsProxyRunning))
        {
            foreach (var pair in node.Proxy.GetStatus().Pairs.Where(pair => _nodes[pair.NodeId].IsProxyRunning))
            {
                if (!pair.IsConnected)
                {
                    missing.Add($"{node} with node {pair.NodeId} (sender {pair.Sender.State}, receiver {pair.Receiver.State})");
                }
                else if (_options.Dcs.FirstOrDefault(dc => (node.Device.GetDcInfo(dc.DcId).Nodes & (1UL << pair.NodeId)) == 0) is { } dc)
                {
                    missing.Add($"DC {dc.DcId} of {node} does not extend to node {pair.NodeId}");
                }
            }
        }

        return missing.Count == 0 ? null : string.Join("; ", missing);
    }

    private string DescribeProcesses() => string.Join(
        "; ",
        from process in _processes
        where process.IsRunning
        from node in _nodes
        let slot = node.Device.GetProcessInfo(process.DcId, process.Endpoint)
        where (slot.Status & (ProcessStatus.SlotFree | ProcessStatus.Remote)) == 0
        select $"'{process.Name}' (endpoint {process.Endpoint}, {node}) is {slot.Status}");

    private static string NameOf(int id) => string.Create(CultureInfo.InvariantCulture, $"node{id}");
}
