using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Administration;

/// <summary>A node as this node's driver sees it (classic <c>node_usr_t</c>). Immutable, for any thread.</summary>
public sealed class NodeInfo
{
    /// <summary>Id (<c>n_nodeid</c>).</summary>
    public int NodeId { get; init; }

    /// <summary>State (<c>n_flags</c>).</summary>
    public NodeFlags Flags { get; init; }

    /// <summary>Proxy pair that serves the node; -1 for none (<c>n_proxies</c>).</summary>
    public int ProxyId { get; init; } = -1;

    /// <summary>Bitmap of the DCs that extend to the node; bit n is DC n (<c>n_dcs</c>).</summary>
    public ulong Dcs { get; init; }

    /// <summary>When the last command was sent to the node (<c>n_stimestamp</c>).</summary>
    public Timestamp LastSent { get; init; }

    /// <summary>When the last command came from the node (<c>n_rtimestamp</c>).</summary>
    public Timestamp LastReceived { get; init; }

    /// <summary>Commands handed to the sender proxy (<c>n_pxsent</c>).</summary>
    public ulong CommandsSent { get; init; }

    /// <summary>Commands taken from the receiver proxy (<c>n_pxrcvd</c>).</summary>
    public ulong CommandsReceived { get; init; }

    /// <summary>Name, at most 15 bytes (<c>n_name</c>).</summary>
    public string Name { get; init; } = "";
}

/// <summary>State of a node (classic <c>n_flags</c>).</summary>
[Flags]
public enum NodeFlags : ulong
{
    /// <summary>Not in use.</summary>
    Free = 0,

    /// <summary>Attached: a proxy pair serves the node, or it is the local one.</summary>
    Attached = 2,

    /// <summary>The sender proxy is connected.</summary>
    SenderConnected = 4,

    /// <summary>The receiver proxy is connected.</summary>
    ReceiverConnected = 8,
}
