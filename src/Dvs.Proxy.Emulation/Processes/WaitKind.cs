namespace Dvs.Proxy.Emulation.Processes;

/// <summary>The call a process is blocked in.</summary>
internal enum WaitKind
{
    None,
    Send,
    SendReceive,
    Receive,
    ReceiveRequest,
    Reply,
    Notify,
    Copy,
}
