namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>Node 0 and node 1 as two processes on loopback, and what is done with both at once. One caller at a time. Disposing it kills both.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private const int MaxPortAttempts = 5;
    private const int ConnectTimeoutMilliseconds = 20_000;

    private readonly NodeProcess[] _nodes;
    private readonly string _device;
    private readonly bool _verbose;
    private readonly Action<string>? _log;
    private Combination _combination = Combination.All[0];

    private TwoNodes(string device, bool verbose, Action<string>? log)
    {
        _device = device;
        _verbose = verbose;
        _log = log;
        _nodes = [Start(0), Start(1)];
    }

    /// <summary>The process of node 0 or 1.</summary>
    public NodeProcess this[int nodeId] => _nodes[nodeId];

    /// <summary>The ports the nodes listen on.</summary>
    public (int First, int Second) Ports { get; private set; }

    /// <summary>Starts both processes.</summary>
    public static TwoNodes StartProcesses(string device, bool verbose, Action<string>? log) => new(device, verbose, log);

    /// <summary>
    /// Opens the drivers of both nodes, before anything is bound in one of them: one driver cannot be both, and a driver as published does not
    /// survive the end of a pair.
    /// </summary>
    /// <exception cref="NodeFailedException">A driver cannot be had, or is another node.</exception>
    public async Task OpenDriversAsync(CancellationToken cancellation)
    {
        await _nodes[0].DoAsync(new OpenDriver(0), cancellation);
        try
        {
            await _nodes[1].DoAsync(new OpenDriver(1), cancellation);
        }
        catch (NodeFailedException)
        {
            await _nodes[0].DoAsync(new CloseDriver(), cancellation);
            throw;
        }
    }

    /// <summary>Starts proxies and DCs and waits until they are connected.</summary>
    public async Task ConnectAsync(Combination combination, CancellationToken cancellation)
    {
        _combination = combination;
        for (var attempt = 1; !await TryStartBothAsync(isLast: attempt == MaxPortAttempts, cancellation); attempt++)
        {
            // Somebody took a port after it was found free: try with others.
        }

        await WaitConnectedAsync(cancellation);
    }

    /// <summary>Starts the proxy and the DC of one node.</summary>
    public Task StartNodeAsync(int nodeId, CancellationToken cancellation)
    {
        var (listen, peer) = nodeId == 0 ? Ports : (Ports.Second, Ports.First);
        return _nodes[nodeId].DoAsync(new StartNode(nodeId, 1 - nodeId, listen, peer, _combination), cancellation);
    }

    /// <summary>Waits until both nodes are connected in both directions.</summary>
    public Task WaitConnectedAsync(CancellationToken cancellation) =>
        BothAsync(node => node.DoAsync(new WaitConnected(ConnectTimeoutMilliseconds), cancellation));

    /// <summary>Runs a workload: its servers on one node, its clients on the other.</summary>
    public async Task<(WorkloadResult Server, WorkloadResult Client)> RunAsync(WorkloadPlan plan, CancellationToken cancellation, int serverNode = 0)
    {
        await PrepareAsync(plan, cancellation, serverNode);
        return await RunPreparedAsync(cancellation, serverNode);
    }

    /// <summary>Binds the processes of a workload on both nodes.</summary>
    public async Task PrepareAsync(WorkloadPlan plan, CancellationToken cancellation, int serverNode = 0)
    {
        var clientNode = 1 - serverNode;
        var bindClients = !_combination.AutoBind;
        await _nodes[serverNode].DoAsync(new PrepareWorkload(plan, WorkloadSide.Server, clientNode, bindClients), cancellation);
        await _nodes[clientNode].DoAsync(new PrepareWorkload(plan, WorkloadSide.Client, serverNode, bindClients), cancellation);
    }

    /// <summary>Lets the processes of the prepared workload go, and waits until all ended.</summary>
    public async Task<(WorkloadResult Server, WorkloadResult Client)> RunPreparedAsync(CancellationToken cancellation, int serverNode = 0)
    {
        await ReleaseAsync(cancellation);
        var server = _nodes[serverNode].AskAsync<WorkloadResult>(new JoinWorkload(), cancellation);
        var client = _nodes[1 - serverNode].AskAsync<WorkloadResult>(new JoinWorkload(), cancellation);
        await Task.WhenAll(server, client);
        return (await server, await client);
    }

    /// <summary>Lets the processes of the prepared workload go.</summary>
    public Task ReleaseAsync(CancellationToken cancellation) => BothAsync(node => node.DoAsync(new ReleaseWorkload(), cancellation));

    /// <summary>What both nodes see.</summary>
    public async Task<NodeReport[]> ReportAsync(CancellationToken cancellation) =>
        await Task.WhenAll(_nodes.Select(node => node.AskAsync<NodeReport>(new ReadReport(), cancellation)));

    /// <summary>Stops both proxies; the processes and their drivers live on.</summary>
    public async Task DisconnectAsync(CancellationToken cancellation)
    {
        await BothAsync(node => node.DoAsync(new ExpectPeerToStop(), cancellation));
        await BothAsync(node => node.DoAsync(new StopNode(), cancellation));
    }

    /// <summary>Makes a new process for a node whose process was killed.</summary>
    public async Task ReplaceProcessAsync(int nodeId)
    {
        await _nodes[nodeId].DisposeAsync();
        _nodes[nodeId] = Start(nodeId);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            node.Mute();
        }

        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task<bool> TryStartBothAsync(bool isLast, CancellationToken cancellation)
    {
        Ports = FreePorts.Find();
        var isFirstStarted = false;
        try
        {
            await StartNodeAsync(0, cancellation);
            isFirstStarted = true;
            await StartNodeAsync(1, cancellation);
            return true;
        }
        catch (NodeFailedException failure) when (failure.IsPortTaken && !isLast)
        {
            if (isFirstStarted)
            {
                await _nodes[0].DoAsync(new StopNode(), cancellation);
            }

            return false;
        }
    }

    private NodeProcess Start(int nodeId) => NodeProcess.Start($"node {nodeId}", _device, _verbose, _log);

    private Task BothAsync(Func<NodeProcess, Task> action) => Task.WhenAll(_nodes.Select(action));
}
