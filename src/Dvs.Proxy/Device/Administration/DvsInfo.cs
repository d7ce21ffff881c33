namespace Dvs.Proxy.Device.Administration;

/// <summary>Limits and identity of the DVS on this node (classic <c>dvs_usr_t</c>). Every limit the proxy uses comes from here.
/// Immutable, for any thread.</summary>
public sealed record DvsInfo
{
    /// <summary>The driver version this library was written against (<c>DVS_VERSION</c>).</summary>
    public const int ReferenceVersion = 202202;

    /// <summary>Name of the cluster, at most 15 bytes.</summary>
    public string Name { get; init; } = "dvs";

    /// <summary>DCs a node can run (<c>d_nr_dcs</c>). Default 32, the most.</summary>
    public int MaxDcs { get; init; } = 32;

    /// <summary>Nodes of a cluster (<c>d_nr_nodes</c>); ids are 0..MaxNodes-1. Default 32, the most.</summary>
    public int MaxNodes { get; init; } = 32;

    /// <summary>Process slots of a DC without its tasks (<c>d_nr_procs</c>). Default 221, the most.</summary>
    public int MaxProcesses { get; init; } = 221;

    /// <summary>Task slots of a DC (<c>d_nr_tasks</c>); tasks have negative endpoints. Default 35, the most.</summary>
    public int MaxTasks { get; init; } = 35;

    /// <summary>Slots, tasks included, whose processes are system processes (<c>d_nr_sysprocs</c>). More than <see cref="MaxTasks"/>;
    /// default 64, the most.</summary>
    public int MaxSystemProcesses { get; init; } = 64;

    /// <summary>Largest payload of one command, in bytes (<c>d_max_copybuf</c>). Default 65,536, the most.</summary>
    public int MaxCopyBuffer { get; init; } = 65_536;

    /// <summary>Largest copy a process may ask for, in bytes (<c>d_max_copylen</c>). From <see cref="MaxCopyBuffer"/>; default 1,048,576, the
    /// most.</summary>
    public int MaxCopyLength { get; init; } = 1_048_576;

    /// <summary>Debug level bits (<c>d_dbglvl</c>).</summary>
    public ulong DebugLevel { get; init; }

    /// <summary>Version of the driver (<c>d_version</c>).</summary>
    public int Version { get; init; } = ReferenceVersion;

    /// <summary>Driver flags (<c>d_flags</c>).</summary>
    public ulong Flags { get; init; }

    /// <summary>Size of the driver's process slot, in bytes (<c>d_size_proc</c>).</summary>
    public int ProcessSlotSize { get; init; }

    /// <summary>The lowest process number that is a <em>user</em> process: below it are system processes (29 with the defaults).</summary>
    public int FirstUserProcess => MaxSystemProcesses - MaxTasks;
}
