using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Proxies;

/// <summary>A node of the cluster as this driver sees it. With the node's lock held.</summary>
internal sealed class NodeState(int id)
{
    private const string NameOfFree = "NONAME";

    public int Id { get; } = id;

    public string Name { get; set; } = NameOfFree;

    public bool IsLocal { get; private set; }

    /// <summary>The pair that serves the node, whether it is still bound or not; null while none was ever named for it.</summary>
    public DriverPair? Pair { get; private set; }

    public NodeFlags Flags { get; set; }

    public Timestamp LastSent { get; set; }

    public Timestamp LastReceived { get; set; }

    public ulong CommandsSent { get; set; }

    public ulong CommandsReceived { get; set; }

    /// <summary>The node is this one.</summary>
    public void BecomeLocal()
    {
        IsLocal = true;
        Name = Names.Cut($"node{Id}");
        Flags = NodeFlags.Attached | NodeFlags.SenderConnected;
    }

    /// <summary>A pair serves the node from now on.</summary>
    public void Attach(DriverPair pair, string name)
    {
        Name = name;
        Pair = pair;
        Flags = NodeFlags.Attached
            | (pair.SenderConnected ? NodeFlags.SenderConnected : 0)
            | (pair.ReceiverConnected ? NodeFlags.ReceiverConnected : 0);
    }
}
