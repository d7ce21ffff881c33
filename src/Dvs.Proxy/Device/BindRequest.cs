namespace Dvs.Proxy.Device;

/// <summary>Arguments of <see cref="IDvkProxyCalls.TryBind"/>.</summary>
/// <param name="kind">Which kind of process is bound.</param>
/// <param name="dcId">The DC.</param>
/// <param name="endpoint">The endpoint wished for.</param>
/// <param name="processId">Linux pid or thread id for <see cref="BindKind.Local"/>; ignored for the others.</param>
/// <param name="nodeId">Node of a remote process; -1 for local kinds.</param>
/// <param name="name">Name of the process.</param>
public readonly struct BindRequest(BindKind kind, int dcId, int endpoint, int processId = -1, int nodeId = -1, string? name = null)
{
    /// <summary>Which kind of process is bound.</summary>
    public BindKind Kind { get; } = kind;

    /// <summary>The DC.</summary>
    public int DcId { get; } = dcId;

    /// <summary>The endpoint wished for.</summary>
    public int Endpoint { get; } = endpoint;

    /// <summary>Linux pid or thread id for <see cref="BindKind.Local"/>; ignored for the others.</summary>
    public int ProcessId { get; } = processId;

    /// <summary>Node of a remote process; -1 for local kinds.</summary>
    public int NodeId { get; } = nodeId;

    /// <summary>
    /// Name of the process, at most 15 bytes reach the driver. Required for <see cref="BindKind.Remote"/>; the driver calls a local process as its thread
    /// (comm), whatever stands here.
    /// </summary>
    public string? Name { get; } = name;

    /// <summary>Binds the calling thread.</summary>
    public static BindRequest Self(int dcId, int endpoint, string? name = null) => new(BindKind.Self, dcId, endpoint, name: name);

    /// <summary>Binds another thread or process of this node.</summary>
    public static BindRequest Local(int dcId, int endpoint, int processId, string? name = null) =>
        new(BindKind.Local, dcId, endpoint, processId, name: name);

    /// <summary>Makes a process of another node known here.</summary>
    public static BindRequest Remote(int dcId, int endpoint, int nodeId, string name) =>
        new(BindKind.Remote, dcId, endpoint, nodeId: nodeId, name: name);
}
