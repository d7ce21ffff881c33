using System.Collections.Concurrent;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Emulation;

/// <summary>Emulated nodes 0..n-1 with one DC, joined by the simplest proxy there can be: a thread per direction that fetches here and puts there.</summary>
internal sealed class PumpedCluster : IDisposable
{
    public const int Dc = 0;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly List<Thread> _pumps = [];
    private readonly ManualResetEventSlim _allBound = new();
    private volatile bool _stop;

    public PumpedCluster(int nodes, EmulatedDvkOptions? options = null, DvsInfo? limits = null, int maxPayload = 65_536)
    {
        Nodes = [.. Enumerable.Range(0, nodes).Select(id => EmulatedDvk.StartNode(id, limits, options))];
        foreach (var node in Nodes)
        {
            node.StartDc(new DcInfo { DcId = Dc });
        }

        for (var a = 0; a < nodes; a++)
        {
            for (var b = a + 1; b < nodes; b++)
            {
                Join(a, b, maxPayload);
            }
        }
    }

    public EmulatedDvk[] Nodes { get; }

    /// <summary>What put2lcl answered where it was not OK.</summary>
    public ConcurrentQueue<(CommandHeader Header, DvkError Error)> Refused { get; } = new();

    public ConcurrentQueue<CommandHeader> Carried { get; } = new();

    public bool KeepsHeaders { get; set; } = true;

    /// <summary>Lets the processes go, now that all are bound, and waits for their ends. The first that fails ends the others.</summary>
    public void Run(params DvkProcessHandle[] processes)
    {
        _allBound.Set();
        var deadline = DateTime.UtcNow + Limit;
        while (processes.Any(p => p.IsRunning) && !processes.Any(p => p.Exception is not null) && DateTime.UtcNow < deadline)
        {
            processes.FirstOrDefault(p => p.IsRunning)?.Join(TimeSpan.FromMilliseconds(50));
        }

        var laggards = processes.Where(p => p.IsRunning).Select(p => p.Endpoint).ToArray();
        foreach (var process in processes.Where(p => p.IsRunning))
        {
            process.Interrupt();
        }

        foreach (var process in processes.OrderBy(p => p.IsRunning))
        {
            Assert.True(process.Join(Limit), $"process {process.Endpoint} did not end");
        }

        Assert.Empty(laggards);
    }

    /// <summary>Binds a process on a node and makes it known on all others; its body waits for <see cref="Run"/>.</summary>
    public DvkProcessHandle Start(int node, int endpoint, Action<DvkProcess> body)
    {
        for (var other = 0; other < Nodes.Length; other++)
        {
            if (other != node)
            {
                DvkException.ThrowIfFailed(
                    Nodes[other].TryBind(BindRequest.Remote(Dc, endpoint, node, $"remote{endpoint}"), out _), $"bind {endpoint} on {other}");
            }
        }

        return DvkProcess.Start(Nodes[node], Dc, endpoint, $"process{endpoint}", process =>
        {
            _allBound.Wait();
            body(process);
        });
    }

    public void Dispose()
    {
        _stop = true;
        foreach (var node in Nodes)
        {
            node.Dispose();
        }

        foreach (var pump in _pumps)
        {
            Assert.True(pump.Join(TimeSpan.FromSeconds(30)), "a pump thread did not end");
        }
    }

    private void Join(int a, int b, int maxPayload)
    {
        // Not disposed: a pump that lost its core may come to the wait when this method is long over.
#pragma warning disable CA2000
        var go = new ManualResetEventSlim();
#pragma warning restore CA2000
        var forth = StartPump(Nodes[a], Nodes[b], go, out var forthId);
        var back = StartPump(Nodes[b], Nodes[a], go, out var backId);
        Nodes[a].BindProxies($"node{b}", b, forthId, backId, maxPayload);
        Nodes[b].BindProxies($"node{a}", a, backId, forthId, maxPayload);
        Nodes[a].NodeUp($"node{b}", b, b);
        Nodes[b].NodeUp($"node{a}", a, a);
        foreach (var (node, peer) in new[] { (Nodes[a], b), (Nodes[b], a) })
        {
            Assert.Equal(DvkError.Ok, node.SetProxyConnection(peer, ProxyConnectionChange.SenderConnected));
            Assert.Equal(DvkError.Ok, node.SetProxyConnection(peer, ProxyConnectionChange.ReceiverConnected));
            node.AddNode(Dc, peer);
        }

        go.Set();
        _pumps.Add(forth);
        _pumps.Add(back);
    }

    private Thread StartPump(EmulatedDvk from, EmulatedDvk to, ManualResetEventSlim go, out int threadId)
    {
        var id = new TaskCompletionSource<int>();
        var thread = new Thread(() =>
        {
            id.SetResult(from.CurrentThreadId);
            go.Wait();
            Pump(from, to);
            from.OnThreadExit();
            to.OnThreadExit();
        })
        { IsBackground = true, Name = "pump" };
        thread.Start();
        threadId = id.Task.Result;
        return thread;
    }

    private void Pump(EmulatedDvk from, EmulatedDvk to)
    {
        var payload = new byte[65_536];
        while (!_stop)
        {
            switch (from.GetToRemote(out var header, payload, 1_000))
            {
                case DvkError.Ok:
                    if (CopyInRequest.NeedsRepair(header))
                    {
                        CopyInRequest.Repair(ref header);
                    }

                    if (KeepsHeaders)
                    {
                        Carried.Enqueue(header);
                    }

                    var error = to.PutToLocal(header, payload.AsSpan(0, header.PayloadLength));
                    if (error != DvkError.Ok)
                    {
                        Refused.Enqueue((header, error));
                    }

                    break;
                case DvkError.NotConnected or DvkError.Shutdown or DvkError.DvsNotInitialised or DvkError.NotBind:
                    return;
            }
        }
    }
}
