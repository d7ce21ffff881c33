using System.Runtime.CompilerServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// The least a driver can be: it knows which thread belongs to which pair, and gives each to its <see cref="PairFlow"/>. What it costs is what
/// a driver that has everything ready must cost.
/// </summary>
internal sealed class BenchmarkDevice(int nodeId, IReadOnlyList<PairFlow> flows) : IDvkProxyCalls
{
    // A kernel finds the caller's slot by the thread it runs on, which costs it one load. A thread is known here by where its stack is: threads that
    // live share no 64 KiB of it, and a thread that goes takes its entry along. Thread-local storage costs a tenth of what is measured.
    private const int StackBlockShift = 16;
    private const int ThreadSlots = 4096;
    private readonly ThreadSlot?[] _slots = new ThreadSlot?[ThreadSlots];

    private readonly Dictionary<int, PairFlow> _byThread = [];
    private readonly Dictionary<int, (int Sender, int Receiver)> _threads = [];

    public DvkFixes Fixes => DvkFixes.All;

    public int CurrentThreadId => Environment.CurrentManagedThreadId;

    public int LocalNodeId => nodeId;

    public DvsInfo GetDvsInfo() => new();

    public DcInfo GetDcInfo(int dcId) => new() { DcId = dcId };

    public NodeInfo GetNodeInfo(int nodeId) => new() { NodeId = nodeId };

    public ProcessInfo GetProcessInfo(int dcId, int number) => new() { DcId = dcId, Number = number };

    public DvkError GetProcessId(int dcId, int number, out int processId)
    {
        processId = 1;
        return DvkError.Ok;
    }

    public ProxyInfo GetProxyInfo(int proxyId)
    {
        lock (_byThread)
        {
            var (sender, receiver) = _threads.GetValueOrDefault(proxyId, (-1, -1));
            return new ProxyInfo(proxyId, new ProcessInfo { LinuxProcessId = sender }, new ProcessInfo { LinuxProcessId = receiver });
        }
    }

    public void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload)
    {
        lock (_byThread)
        {
            _threads[proxyId] = (senderThreadId, receiverThreadId);
            _byThread[senderThreadId] = _byThread[receiverThreadId] = Find(proxyId);
        }
    }

    public void UnbindProxies(int proxyId)
    {
    }

    public void NodeUp(string name, int nodeId, int proxyId)
    {
    }

    public void NodeDown(int nodeId)
    {
    }

    public DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change)
    {
        var flow = Find(proxyId);
        switch (change)
        {
            case ProxyConnectionChange.SenderConnected or ProxyConnectionChange.SenderDisconnected:
                flow.IsSenderConnected = change == ProxyConnectionChange.SenderConnected;
                break;
            default:
                flow.IsReceiverConnected = change == ProxyConnectionChange.ReceiverConnected;
                break;
        }

        return DvkError.Ok;
    }

    public DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds) =>
        FindFlow().Get(out header, payload, timeoutMilliseconds);

    public DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload) => FindFlow().Put(in header, payload);

    public DvkError TryBind(in BindRequest request, out int endpoint)
    {
        endpoint = 0;
        return DvkError.BindType;
    }

    public DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds) => DvkError.NotBind;

    public void Interrupt(int threadId)
    {
        lock (_byThread)
        {
            if (_byThread.TryGetValue(threadId, out var flow))
            {
                flow.Interrupt();
            }
        }
    }

    public void OnThreadExit()
    {
        lock (_byThread)
        {
            var thread = CurrentThreadId;
            for (var index = 0; index < ThreadSlots; index++)
            {
                if (_slots[index]?.ThreadId == thread)
                {
                    _slots[index] = null;
                }
            }
        }
    }

    public void Dispose()
    {
    }

    private PairFlow Find(int proxyId) => flows.First(flow => flow.PeerNode == proxyId);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe PairFlow FindFlow()
    {
        byte local;
        var block = (nuint)(&local) >> StackBlockShift;
        return _slots[block & (ThreadSlots - 1)] is { } slot && slot.StackBlock == block ? slot.Flow : FindByThread(block);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private PairFlow FindByThread(nuint block)
    {
        lock (_byThread)
        {
            var flow = _byThread[CurrentThreadId];
            _slots[block & (ThreadSlots - 1)] = new ThreadSlot(block, CurrentThreadId, flow);
            return flow;
        }
    }

    private sealed record ThreadSlot(nuint StackBlock, int ThreadId, PairFlow Flow);
}
