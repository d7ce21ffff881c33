using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Proxies;

/// <summary>A node of the cluster as this driver sees it. With the node's lock held.</summary>
internal sealed class NodeState(int id)
{
    public int Id { get; } = id;

    public string Name { get; set; } = "";

    public bool IsLocal { get; set; }

    /// <summary>The pair that serves the node; null while none does.</summary>
    public ProxyPair? Pair { get; set; }

    public Timestamp LastSent { get; set; }

    public Timestamp LastReceived { get; set; }

    public ulong CommandsSent { get; set; }

    public ulong CommandsReceived { get; set; }

    public NodeFlags Flags => this switch
    {
        { IsLocal: true } => NodeFlags.Attached | NodeFlags.SenderConnected,
        { Pair: null } => NodeFlags.Free,
        { Pair: var pair } => NodeFlags.Attached
            | (pair.SenderConnected ? NodeFlags.SenderConnected : 0)
            | (pair.ReceiverConnected ? NodeFlags.ReceiverConnected : 0),
    };
}
