namespace Dvs.Proxy.Device;

/// <summary>
/// Faults of the driver as published that a driver is known not to have. Nothing in the driver tells: whoever opens it has to know. The proxy
/// keeps away from what a driver without the fix cannot bear; <c>docs/driver.md</c> says what that is and how to recognise the generations.
/// </summary>
[Flags]
public enum DvkFixes
{
    /// <summary>None: the driver as published.</summary>
    None = 0,

    /// <summary>A bound thread can end. As published the driver then deadlocks, and the process stays as a zombie until the machine is rebooted.</summary>
    ThreadExit = 1,

    /// <summary>
    /// A copy between two processes of this node that a third one asks for. As published it is a kernel BUG unless the main thread of the calling
    /// process is bound; a peer asks for one with COPYLCL_RQST.
    /// </summary>
    ThirdPartyCopy = 2,

    /// <summary>All of them.</summary>
    All = ThreadExit | ThirdPartyCopy,
}
