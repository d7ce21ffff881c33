namespace Dvs.Proxy.Device;

/// <summary>How a process is bound to an endpoint (classic <c>parm_cmd</c> of bind).</summary>
public enum BindKind
{
    /// <summary>The calling thread (<c>SELF_BIND</c>).</summary>
    Self = 0,

    /// <summary>Another local process, by pid (<c>LCL_BIND</c>).</summary>
    Local = 1,

    /// <summary>A process of another node, by name (<c>RMT_BIND</c>).</summary>
    Remote = 2,

    /// <summary>A backup of a remote process (<c>BKUP_BIND</c>).</summary>
    Backup = 3,

    /// <summary>A replica (<c>REPLICA_BIND</c>).</summary>
    Replica = 4,

    /// <summary>A user-mode process (<c>USER_BIND</c>).</summary>
    UserMode = 5,
}
