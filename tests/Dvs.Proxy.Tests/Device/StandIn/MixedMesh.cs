using System.Collections.Concurrent;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>
/// Nodes of either kind, kernel device on the stand-in (<c>k</c>) and emulation (<c>e</c>), with one DC, joined by the simplest proxy there can be: for each
/// direction a thread that fetches here and puts there.
/// </summary>
internal sealed class MixedMesh : IDisposable
{
    public const int Dc = 0;

    private readonly List<DriverThread> _threads = [];
    private readonly List<Thread> _pumps = [];
    private volatile bool _stop;

    /// <param name="kinds">One letter for each node.</param>
    public MixedMesh(string kinds)
    {
        Nodes = [.. kinds.Select((kind, id) => kind == 'k' ? StandInNode.Create(id) : (IDvkDevice)EmulatedDvk.StartNode(id))];
        foreach (var node in Nodes)
        {
            node.StartDc(new DcInfo { DcId = Dc });
        }

        for (var a = 0; a < Nodes.Length; a++)
        {
            for (var b = a + 1; b < Nodes.Length; b++)
            {
                Join(a, b);
            }
        }
    }

    public IDvkDevice[] Nodes { get; }

    /// <summary>Commands a driver did not take.</summary>
    public ConcurrentQueue<(CommandHeader Header, DvkError Error)> Refused { get; } = new();

    /// <summary>A process of one node, known on all the others.</summary>
    public DriverThread Process(int node, int endpoint)
    {
        var process = new DriverThread(Nodes[node], $"process{endpoint}");
        _threads.Add(process);
        Assert.Equal(DvkError.Ok, process.Call(() => Nodes[node].TryBind(BindRequest.Self(Dc, endpoint, "process"), out _)));
        for (var other = 0; other < Nodes.Length; other++)
        {
            if (other != node)
            {
                Assert.Equal(DvkError.Ok, Nodes[other].TryBind(BindRequest.Remote(Dc, endpoint, node, "remote"), out _));
            }
        }

        return process;
    }

    public void Dispose()
    {
        _threads.ForEach(thread => thread.Dispose());
        _stop = true;
        Assert.All(_pumps, pump => Assert.True(pump.Join(DriverThread.Limit), "a pump does not end"));
        foreach (var node in Nodes)
        {
            node.Dispose();
        }
    }

    private void Join(int a, int b)
    {
        // Not disposed: a pump that lost its core may come to the wait when this method is long over.
#pragma warning disable CA2000
        var go = new ManualResetEventSlim();
#pragma warning restore CA2000
        var (forth, back) = (StartPump(Nodes[a], Nodes[b], go), StartPump(Nodes[b], Nodes[a], go));
        Nodes[a].BindProxies($"node{b}", b, forth, back, 65_536);
        Nodes[b].BindProxies($"node{a}", a, back, forth, 65_536);
        foreach (var (node, peer) in new[] { (Nodes[a], b), (Nodes[b], a) })
        {
            node.NodeUp($"node{peer}", peer, peer);
            Assert.Equal(DvkError.Ok, node.SetProxyConnection(peer, ProxyConnectionChange.SenderConnected));
            Assert.Equal(DvkError.Ok, node.SetProxyConnection(peer, ProxyConnectionChange.ReceiverConnected));
            node.AddNode(Dc, peer);
        }

        go.Set();
    }

    private int StartPump(IDvkDevice from, IDvkDevice to, ManualResetEventSlim go)
    {
        var id = new TaskCompletionSource<int>();
        var thread = new Thread(() =>
        {
            id.SetResult(from.CurrentThreadId);
            go.Wait();
            var payload = new byte[65_536];
            while (!_stop)
            {
                if (from.GetToRemote(out var header, payload, 200) != DvkError.Ok)
                {
                    continue;
                }

                if (CopyInRequest.NeedsRepair(header))
                {
                    CopyInRequest.Repair(ref header);
                }

                if (to.PutToLocal(header, payload.AsSpan(0, header.PayloadLength)) is var error and not DvkError.Ok)
                {
                    Refused.Enqueue((header, error));
                }
            }

            from.OnThreadExit();
            to.OnThreadExit();
        })
        { IsBackground = true, Name = "pump" };
        thread.Start();
        _pumps.Add(thread);
        return id.Task.Result;
    }
}
