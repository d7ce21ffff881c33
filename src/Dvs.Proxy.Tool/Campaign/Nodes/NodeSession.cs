using System.Diagnostics;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tool.Campaign.Processes;
using Dvs.Proxy.Tool.Commands;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>A node: a driver for as long as the process lives, and a proxy from <see cref="StartNode"/> to <see cref="StopNode"/>. One
/// request at a time.</summary>
internal sealed class NodeSession(string deviceName, bool verbose) : IDisposable
{
    private const string Loopback = "127.0.0.1";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);
    private static readonly string[] ViewNames = ["nodes", "proxies/info", "proxies/procs", "DC0/procs"];

    private readonly NodeLogging _logging = new(verbose);
    private readonly NodeDriver _driver = new(deviceName);
    private MultiNodeProxy? _proxy;
    private Workload? _workload;

    /// <exception cref="HostException">The request does not fit, or what it asks for did not happen.</exception>
    /// <exception cref="DvkException">The driver refused something.</exception>
    public async Task<NodeAnswer> HandleAsync(NodeRequest request) => request switch
    {
        OpenDriver open => Open(open.NodeId),
        CloseDriver => Close(),
        StartNode start => await StartAsync(start),
        WaitConnected wait => await WaitConnectedAsync(TimeSpan.FromMilliseconds(wait.TimeoutMilliseconds)),
        PrepareWorkload prepare => Prepare(prepare),
        ReleaseWorkload => Release(),
        JoinWorkload => await JoinAsync(),
        ReadReport => Report(),
        ExpectPeerToStop => ExpectPeer(),
        StopNode => await StopAsync(),
        _ => throw new HostException($"a node does not know the request {request.GetType().Name}"),
    };

    public void Dispose()
    {
        _workload?.Dispose();
        _proxy?.Dispose();
        _driver.Dispose();
        _logging.Dispose();
    }

    private MultiNodeProxy Proxy => _proxy ?? throw new HostException("the node is not started");

    private Workload PreparedWorkload => _workload ?? throw new HostException("no workload is prepared");

    private IDvkDevice Device => _driver.Device;

    private async Task<NodeAnswer> StartAsync(StartNode start)
    {
        if (_proxy is not null)
        {
            throw new HostException("the node is started already");
        }

        // The first of two nodes cannot reach the other yet, and need not say so.
        _logging.IsPeerComingOrGoing = true;
        _driver.Open(start.NodeId);
        var proxy = new MultiNodeProxy(Device, Options.Create(CreateOptions(start)), loggerFactory: _logging.Factory);
        try
        {
            await proxy.StartAsync(CancellationToken.None);
        }
        catch
        {
            proxy.Dispose();
            throw;
        }

        _proxy = proxy;
        Device.StartDc(new DcInfo { DcId = Endpoints.Dc, Name = "DC0" });
        Device.AddNode(Endpoints.Dc, start.PeerNodeId);
        return new Done();
    }

    private Done Open(int nodeId)
    {
        _driver.Open(nodeId);
        return new Done();
    }

    private Done Close()
    {
        _driver.Close();
        return new Done();
    }

    private static ProxyOptions CreateOptions(StartNode start) => new()
    {
        NodeId = start.NodeId,
        NodeName = $"node{start.NodeId}",
        Peers =
        {
            new PeerOptions
            {
                Name = $"node{start.PeerNodeId}",
                Host = Loopback,
                ProxyId = start.PeerNodeId,
                ListenHost = Loopback,
                ListenPort = start.ListenPort,
                ConnectPort = start.PeerPort,
                Compress = start.Options.Compress ? PayloadCompression.On : PayloadCompression.Off,
                Batch = start.Options.Batch,
                AutoBind = start.Options.AutoBind,

                // The classic bytes: the ratio compares what is sent with nothing else on the wire, and what a lost connection loses shows.
                UseSession = false,
                BackoffMinimum = TimeSpan.FromMilliseconds(10),
                BackoffMaximum = TimeSpan.FromMilliseconds(200),
            },
        },
    };

    private async Task<NodeAnswer> WaitConnectedAsync(TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (!Proxy.GetStatus().Pairs.All(static pair => pair.IsConnected))
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw new HostException($"no connection within {limit.TotalSeconds} s:\n{Proxy.GetStatus()}");
            }

            await Task.Delay(PollInterval);
        }

        _logging.IsPeerComingOrGoing = false;
        return new Done();
    }

    private Done Prepare(PrepareWorkload prepare)
    {
        _workload?.Dispose();
        _workload = new Workload(Device, prepare.Plan, prepare.Side);
        _workload.Prepare(prepare.Side, prepare.PeerNodeId, prepare.BindClients);
        return new Done();
    }

    private Done Release()
    {
        PreparedWorkload.Release();
        return new Done();
    }

    private async Task<NodeAnswer> JoinAsync()
    {
        using (var workload = PreparedWorkload)
        {
            _workload = null;
            return await Task.Factory.StartNew(workload.Join, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private NodeReport Report() => new()
    {
        NodeId = Device.LocalNodeId,
        ProcessId = Environment.ProcessId,
        Proxy = Proxy.GetStatus(),
        Views = ViewNames.ToDictionary(static name => name, Device.ReadView),
    };

    private Done ExpectPeer()
    {
        _logging.IsPeerComingOrGoing = true;
        return new Done();
    }

    private async Task<NodeAnswer> StopAsync()
    {
        var peers = Proxy.GetStatus().Pairs;
        await Proxy.StopAsync(CancellationToken.None);
        Proxy.Dispose();
        _proxy = null;
        foreach (var peer in peers)
        {
            await _driver.WaitUntilReleasedAsync(peer);
        }

        Device.EndDc(Endpoints.Dc);
        return new Done();
    }
}
