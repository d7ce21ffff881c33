using System.Collections.Concurrent;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>A driver of node 0 whose DCs and processes the test sets as a proxy before may have left them; nothing is to be sent or
/// delivered.</summary>
internal sealed class NodeDevice : IDvkProxyCalls, IDvkAdministrationCalls
{
    private readonly ScriptedProxyDevice _inner = new(0);

    public ConcurrentDictionary<int, DcInfo> Dcs { get; init; } = new();

    public Dictionary<(int DcId, int Number), ProcessInfo> Processes { get; } = [];

    /// <summary>What happens when the node is attached.</summary>
    public Action<NodeDevice>? AtNodeUp { get; set; }

    /// <summary>What add_node answers.</summary>
    public Func<DvkError> OnAdd { get; set; } = static () => DvkError.Ok;

    /// <summary>Calls of add_node.</summary>
    public ConcurrentQueue<string> Added { get; } = new();

    public int CurrentThreadId => _inner.CurrentThreadId;

    public DvkFixes Fixes => _inner.Fixes;

    public int LocalNodeId => _inner.LocalNodeId;

    public DvsInfo GetDvsInfo() => _inner.GetDvsInfo();

    // Both answers of drivers for a DC that does not run are there: an error, and a record that says so.
    public DcInfo GetDcInfo(int dcId) => Dcs.TryGetValue(dcId, out var dc) ? dc
        : dcId % 2 == 0 ? new DcInfo { DcId = dcId, Flags = DcFlags.Free }
        : throw new DvkException(DvkError.DcNotRunning, $"read DC {dcId}");

    public ProcessInfo GetProcessInfo(int dcId, int number) =>
        Processes.GetValueOrDefault((dcId, number)) ?? new ProcessInfo { Number = number, Status = ProcessStatus.SlotFree, NodeId = -1 };

    public NodeInfo GetNodeInfo(int nodeId) => _inner.GetNodeInfo(nodeId);

    public void NodeUp(string name, int nodeId, int proxyId)
    {
        _inner.NodeUp(name, nodeId, proxyId);
        AtNodeUp?.Invoke(this);
    }

    public void AddNode(int dcId, int nodeId)
    {
        Added.Enqueue($"add {dcId} {nodeId}");
        DvkException.ThrowIfFailed(OnAdd(), $"add node {nodeId} to DC {dcId}");
        Dcs[dcId] = Dcs[dcId] with { Nodes = Dcs[dcId].Nodes | (1UL << nodeId) };
    }

    public DvkError GetProcessId(int dcId, int number, out int processId) => _inner.GetProcessId(dcId, number, out processId);

    public ProxyInfo GetProxyInfo(int proxyId) => _inner.GetProxyInfo(proxyId);

    public void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload) =>
        _inner.BindProxies(name, proxyId, senderThreadId, receiverThreadId, maxPayload);

    public DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change) => _inner.SetProxyConnection(proxyId, change);

    public DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds) =>
        _inner.GetToRemote(out header, payload, timeoutMilliseconds);

    public DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload) => _inner.PutToLocal(in header, payload);

    public DvkError TryBind(in BindRequest request, out int endpoint) => _inner.TryBind(in request, out endpoint);

    public DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds) => _inner.TryUnbind(dcId, endpoint, timeoutMilliseconds);

    public void Interrupt(int threadId) => _inner.Interrupt(threadId);

    public void OnThreadExit() => _inner.OnThreadExit();

    public void UnbindProxies(int proxyId) => throw new NotSupportedException();

    public void NodeDown(int nodeId) => throw new NotSupportedException();

    public void InitializeDvs(int nodeId, DvsInfo limits) => throw new NotSupportedException();

    public void EndDvs() => throw new NotSupportedException();

    public void StartDc(DcInfo dc) => throw new NotSupportedException();

    public void EndDc(int dcId) => throw new NotSupportedException();

    public void RemoveNode(int dcId, int nodeId) => throw new NotSupportedException();

    public void Dispose() => _inner.Dispose();
}
