namespace Dvs.Proxy.Device;

/// <summary>Arguments of <see cref="IDvkProxyCalls.TryBind"/>.</summary>
/// <param name="Kind">Which kind of process is bound.</param>
/// <param name="DcId">The DC.</param>
/// <param name="Endpoint">The endpoint wished for.</param>
/// <param name="ProcessId">Linux pid or thread id for <see cref="BindKind.Local"/>; ignored for the others.</param>
/// <param name="NodeId">Node of a remote process; -1 for local kinds.</param>
/// <param name="Name">Name of the process, at most 15 bytes reach the driver. Required for <see cref="BindKind.Remote"/>; a local process is called as
/// its thread (comm), whatever stands here.</param>
public readonly record struct BindRequest(
    BindKind Kind, int DcId, int Endpoint, int ProcessId = -1, int NodeId = -1, string? Name = null)
{
    /// <summary>Binds the calling thread.</summary>
    public static BindRequest Self(int dcId, int endpoint, string? name = null) => new(BindKind.Self, dcId, endpoint, Name: name);

    /// <summary>Binds another thread or process of this node.</summary>
    public static BindRequest Local(int dcId, int endpoint, int processId, string? name = null) =>
        new(BindKind.Local, dcId, endpoint, processId, Name: name);

    /// <summary>Makes a process of another node known here.</summary>
    public static BindRequest Remote(int dcId, int endpoint, int nodeId, string name) =>
        new(BindKind.Remote, dcId, endpoint, NodeId: nodeId, Name: name);
}
