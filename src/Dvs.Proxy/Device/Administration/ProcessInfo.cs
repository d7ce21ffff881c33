using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Administration;

/// <summary>A process slot of a DC, or one of the two threads of a proxy pair (classic <c>proc_usr_t</c>). Immutable, for any thread.</summary>
public sealed class ProcessInfo
{
    /// <summary>Slot number, -MaxTasks..MaxProcesses-1 (<c>p_nr</c>).</summary>
    public int Number { get; init; }

    /// <summary>Endpoint (<c>p_endpoint</c>).</summary>
    public int Endpoint { get; init; } = WellKnownEndpoint.None;

    /// <summary>DC; -1 for a proxy (<c>p_dcid</c>).</summary>
    public int DcId { get; init; } = -1;

    /// <summary>What it waits for (<c>p_rts_flags</c>).</summary>
    public ProcessStatus Status { get; init; }

    /// <summary>Linux pid (thread id); -1 for a remote process (<c>p_lpid</c>).</summary>
    public int LinuxProcessId { get; init; } = -1;

    /// <summary>Pid within the DC's namespace (<c>p_vpid</c>).</summary>
    public int VirtualProcessId { get; init; } = -1;

    /// <summary>Node it lives on (<c>p_nodeid</c>).</summary>
    public int NodeId { get; init; }

    /// <summary>Nodes that know it (<c>p_nodemap</c>).</summary>
    public ulong NodeMap { get; init; }

    /// <summary>Further state (<c>p_misc_flags</c>).</summary>
    public ProcessMiscFlags MiscFlags { get; init; }

    /// <summary>Endpoint it receives from (<c>p_getfrom</c>).</summary>
    public int ReceivesFrom { get; init; } = WellKnownEndpoint.None;

    /// <summary>Endpoint it sends to (<c>p_sendto</c>).</summary>
    public int SendsTo { get; init; } = WellKnownEndpoint.None;

    /// <summary>Endpoint whose migration it waits for (<c>p_waitmigr</c>).</summary>
    public int WaitsForMigration { get; init; } = WellKnownEndpoint.None;

    /// <summary>Endpoint whose unbind it waits for (<c>p_waitunbind</c>).</summary>
    public int WaitsForUnbind { get; init; } = WellKnownEndpoint.None;

    /// <summary>
    /// Proxy pair in whose queue the process's operation waits to be fetched; <see cref="WellKnownEndpoint.None"/> otherwise (<c>p_proxy</c>).
    /// </summary>
    public int ProxyId { get; init; } = WellKnownEndpoint.None;

    /// <summary>Local messages sent (<c>p_lclsent</c>).</summary>
    public ulong LocalSent { get; init; }

    /// <summary>Remote messages sent (<c>p_rmtsent</c>).</summary>
    public ulong RemoteSent { get; init; }

    /// <summary>Local copies (<c>p_lclcopy</c>).</summary>
    public ulong LocalCopies { get; init; }

    /// <summary>Remote copies (<c>p_rmtcopy</c>).</summary>
    public ulong RemoteCopies { get; init; }

    /// <summary>Name, at most 15 bytes (<c>p_name</c>).</summary>
    public string Name { get; init; } = "";
}

/// <summary>What a process waits for (classic <c>p_rts_flags</c>); 0 is runnable.</summary>
[Flags]
public enum ProcessStatus : ulong
{
    /// <summary>Runs.</summary>
    Runnable = 0,

    /// <summary>The slot is free.</summary>
    SlotFree = 1,

    /// <summary>Blocked sending.</summary>
    Sending = 4,

    /// <summary>Blocked receiving.</summary>
    Receiving = 8,

    /// <summary>Takes part in a copy.</summary>
    OnCopy = 0x400,

    /// <summary>Migrates.</summary>
    Migrating = 0x800,

    /// <summary>Lives on another node.</summary>
    Remote = 0x1000,

    /// <summary>Waits for the answer of a remote operation.</summary>
    RemoteOperation = 0x2000,
}

/// <summary>Further state of a process (classic <c>p_misc_flags</c>).</summary>
[Flags]
public enum ProcessMiscFlags : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A thread of a proxy pair.</summary>
    Proxy = 1,

    /// <summary>A proxy thread that is connected.</summary>
    Connected = 2,

    /// <summary>A notification is pending.</summary>
    NotifyPending = 4,

    /// <summary>A backup of a process that lives on another node (bind kind <see cref="BindKind.Backup"/>).</summary>
    Backup = 0x10,

    /// <summary>The main thread of its process.</summary>
    GroupLeader = 0x20,

    /// <summary>A replica (bind kind <see cref="BindKind.Replica"/>).</summary>
    Replica = 0x80,

    /// <summary>Its thread has ended, and it waits for the DC's warn endpoint to answer (<see cref="DcInfo.WarnEndpoint"/>).</summary>
    Ending = 0x100,

    /// <summary>A user-mode process (bind kind <see cref="BindKind.UserMode"/>).</summary>
    UserMode = 0x400,

    /// <summary>In a sendrec. A remote process keeps the mark after the reply.</summary>
    SendReceive = 0x2000,
}
