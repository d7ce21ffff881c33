using System.Collections.Concurrent;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>A driver of node 0 whose DCs and processes the test sets as a proxy before may have left them; nothing is to be sent or
/// delivered.</summary>
internal sealed class NodeDevice() : DelegatingDvkProxyCalls(new ScriptedProxyDevice(0)), IDvkAdministrationCalls
{
    public ConcurrentDictionary<int, DcInfo> Dcs { get; init; } = new();

    public Dictionary<(int DcId, int Number), ProcessInfo> Processes { get; } = [];

    /// <summary>What happens when the node is attached.</summary>
    public Action<NodeDevice>? AtNodeUp { get; set; }

    /// <summary>What add_node answers.</summary>
    public Func<DvkError> OnAdd { get; set; } = static () => DvkError.Ok;

    /// <summary>Calls of add_node.</summary>
    public ConcurrentQueue<string> Added { get; } = new();

    // Both answers of drivers for a DC that does not run are there: an error, and a record that says so.
    public override DcInfo GetDcInfo(int dcId) => Dcs.TryGetValue(dcId, out var dc) ? dc
        : dcId % 2 == 0 ? new DcInfo { DcId = dcId, Flags = DcFlags.Free }
        : throw new DvkException(DvkError.DcNotRunning, $"read DC {dcId}");

    public override ProcessInfo GetProcessInfo(int dcId, int number) =>
        Processes.GetValueOrDefault((dcId, number)) ?? new ProcessInfo { Number = number, Status = ProcessStatus.SlotFree, NodeId = -1 };

    public override void NodeUp(string name, int nodeId, int proxyId)
    {
        base.NodeUp(name, nodeId, proxyId);
        AtNodeUp?.Invoke(this);
    }

    public void AddNode(int dcId, int nodeId)
    {
        Added.Enqueue($"add {dcId} {nodeId}");
        DvkException.ThrowIfFailed(OnAdd(), $"add node {nodeId} to DC {dcId}");
        Dcs[dcId] = Dcs[dcId] with { Nodes = Dcs[dcId].Nodes | (1UL << nodeId) };
    }

    public override void UnbindProxies(int proxyId) => throw new NotSupportedException();

    public override void NodeDown(int nodeId) => throw new NotSupportedException();

    public void InitializeDvs(int nodeId, DvsInfo limits) => throw new NotSupportedException();

    public void EndDvs() => throw new NotSupportedException();

    public void StartDc(DcInfo dc) => throw new NotSupportedException();

    public void EndDc(int dcId) => throw new NotSupportedException();

    public void RemoveNode(int dcId, int nodeId) => throw new NotSupportedException();
}
