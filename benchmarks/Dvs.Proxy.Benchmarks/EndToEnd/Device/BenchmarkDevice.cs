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
    // A kernel finds the caller's slot by the thread it runs on; this is the same.
    [ThreadStatic]
    private static PairFlow? _flow;

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
        (_flow ?? FindByThread()).Get(out header, payload, timeoutMilliseconds);

    public DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload) => (_flow ?? FindByThread()).Put(in header, payload);

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

    public void OnThreadExit() => _flow = null;

    public void Dispose()
    {
    }

    private PairFlow Find(int proxyId) => flows.First(flow => flow.PeerNode == proxyId);

    private PairFlow FindByThread()
    {
        lock (_byThread)
        {
            return _flow = _byThread[CurrentThreadId];
        }
    }
}
