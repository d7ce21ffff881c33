using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Administration;

/// <summary>A distributed container on this node (classic <c>dc_usr_t</c>). Immutable, for any thread.</summary>
public sealed record DcInfo
{
    /// <summary>Id, 0..MaxDcs-1 (<c>dc_dcid</c>).</summary>
    public int DcId { get; init; }

    /// <summary>State (<c>dc_flags</c>).</summary>
    public DcFlags Flags { get; init; }

    /// <summary>
    /// Whether the DC runs on this node. The driver also answers for one that does not: all else is then zero, or what it was the last time.
    /// </summary>
    public bool IsRunning => (Flags & DcFlags.Free) == 0;

    /// <summary>Process slots without tasks (<c>dc_nr_procs</c>). Default 221.</summary>
    public int MaxProcesses { get; init; } = 221;

    /// <summary>Task slots (<c>dc_nr_tasks</c>). Default 35.</summary>
    public int MaxTasks { get; init; } = 35;

    /// <summary>Slots, tasks included, of system processes (<c>dc_nr_sysprocs</c>). More than <see cref="MaxTasks"/>; default 64.</summary>
    public int MaxSystemProcesses { get; init; } = 64;

    /// <summary>Nodes the DC may extend to (<c>dc_nr_nodes</c>). 1..32; default 32.</summary>
    public int MaxNodes { get; init; } = 32;

    /// <summary>Bitmap of the nodes the DC extends to; bit n is node n (<c>dc_nodes</c>).</summary>
    public ulong Nodes { get; init; }

    /// <summary>
    /// Endpoint told of every process that ends (<c>dc_warn2proc</c>); <see cref="WellKnownEndpoint.None"/>, the default, for nobody. The driver
    /// lets an ending process wait until that endpoint has answered its message.
    /// </summary>
    public int WarnEndpoint { get; init; } = WellKnownEndpoint.None;

    /// <summary>Type of the warning message (<c>dc_warnmsg</c>).</summary>
    public int WarnMessageType { get; init; }

    /// <summary>Linux pid of the DC's init process (<c>dc_pid</c>).</summary>
    public int ProcessId { get; init; }

    /// <summary>Name, at most 15 bytes (<c>dc_name</c>).</summary>
    public string Name { get; init; } = "";

    /// <summary>The lowest process number that is a user process (29 with the defaults).</summary>
    public int FirstUserProcess => MaxSystemProcesses - MaxTasks;
}

/// <summary>State of a DC (classic <c>dc_flags</c>); 0 is running.</summary>
[Flags]
public enum DcFlags
{
    /// <summary>Runs on this node.</summary>
    Running = 0,

    /// <summary>Does not run on this node.</summary>
    Free = 2,
}
