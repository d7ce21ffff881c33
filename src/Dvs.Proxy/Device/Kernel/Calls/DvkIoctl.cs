namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>
/// Numbers of the driver's calls, put together as the kernel's <c>_IO</c>, <c>_IOR</c> and <c>_IOW</c> macros do: direction in bits 30..31, size of
/// the argument in 16..29, type in 8..15, call number in 0..7. The driver declares every argument as an <c>int</c>, so the size is 4 also
/// where the argument is a pointer to a struct. The library makes no call with <see cref="GetPrivileges"/>, <see cref="SetPrivileges"/> and
/// <see cref="Migrate"/>; they are kept on purpose: with them the table is the driver's whole one, which KernelLayoutTests compares with the
/// driver's header, so that no other call can take their numbers by mistake.
/// </summary>
internal static class DvkIoctl
{
    internal const uint DvsEnd = None | Type | 25;

    internal const uint DcInit = Write | 1;
    internal const uint Send = Write | 2;
    internal const uint Receive = Write | 3;
    internal const uint Notify = Write | 4;
    internal const uint SendReceive = Write | 5;
    internal const uint ReceiveRequest = Write | 6;
    internal const uint Reply = Write | 7;
    internal const uint DcEnd = Write | 8;
    internal const uint Bind = Write | 9;
    internal const uint Unbind = Write | 10;
    internal const uint GetPrivileges = Read | 11;
    internal const uint SetPrivileges = Write | 12;
    internal const uint VirtualCopy = Write | 13;
    internal const uint GetDcInfo = Read | 14;
    internal const uint GetProcessInfo = Read | 15;
    internal const uint Relay = Write | 16;
    internal const uint ProxiesBind = Write | 17;
    internal const uint ProxiesUnbind = Write | 18;
    internal const uint GetNodeInfo = Read | 19;
    internal const uint PutToLocal = Write | 20;
    internal const uint GetToRemote = Read | 21;
    internal const uint AddNode = Write | 22;
    internal const uint RemoveNode = Write | 23;
    internal const uint DvsInit = Write | 24;
    internal const uint GetEndpoint = Read | 26;
    internal const uint GetDvsInfo = Read | 27;
    internal const uint ProxyConnection = Write | 28;
    internal const uint WaitForBind = Write | 29;
    internal const uint Migrate = Write | 30;
    internal const uint NodeUp = Write | 31;
    internal const uint NodeDown = Write | 32;
    internal const uint GetProxyInfo = Read | 33;
    internal const uint WakeUp = Write | 34;

    private const int SizeShift = 16;
    private const int DirectionShift = 30;
    private const uint Type = 0xE3u << 8;
    private const uint ArgumentSize = sizeof(int) << SizeShift;
    private const uint None = 0u << DirectionShift;
    private const uint Write = (1u << DirectionShift) | ArgumentSize | Type;
    private const uint Read = (2u << DirectionShift) | ArgumentSize | Type;
}
