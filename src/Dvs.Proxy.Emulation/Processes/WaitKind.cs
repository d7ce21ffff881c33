namespace Dvs.Proxy.Emulation.Processes;

/// <summary>The call a process is blocked in.</summary>
internal enum WaitKind
{
    None,
    Send,
    SendReceive,
    Receive,
    Reply,
    Notify,
    Copy,

    /// <summary>In a call that never returns; see <see cref="EmulatedDvkOptions.StrictlyAsReal"/>.</summary>
    Stuck,
}
