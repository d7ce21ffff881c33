using System.Runtime.InteropServices;
using Dvs.Proxy.Device.Kernel.Records;

namespace Dvs.Proxy.Device.Kernel.Calls;

// Arguments of the driver's calls as C lays them out. TWord is C's long and pointer: nuint is the running process's own data model, which
// is what goes to the driver; ulong and uint are LP64 and ILP32, which the tests hold against the compiler's tables. Names in C are in
// the comment of each struct.

/// <summary><c>parm_rcvrqst_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReceiveRequestArguments<TWord>
    where TWord : unmanaged
{
    public TWord Message;
    public TWord Timeout;
}

/// <summary><c>parm_getdcinfo_t</c> and <c>parm_getnodeinfo_t</c>: an id and where the record goes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetRecordArguments<TWord>
    where TWord : unmanaged
{
    public int Id;
    public TWord Record;
}

/// <summary><c>parm_relay_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RelayArguments<TWord>
    where TWord : unmanaged
{
    public int Endpoint;
    public TWord Message;
}

/// <summary><c>parm_wakeup_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WakeUpArguments
{
    public int DcId;
    public int Endpoint;
}

/// <summary><c>parm_put2lcl_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PutToLocalArguments<TWord>
    where TWord : unmanaged
{
    public TWord Command;
    public TWord Payload;
}

/// <summary><c>parm_get2rmt_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetToRemoteArguments<TWord>
    where TWord : unmanaged
{
    public TWord Command;
    public TWord Payload;
    public TWord Timeout;
}

/// <summary><c>parm_dcnode_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DcNodeArguments
{
    public int DcId;
    public int NodeId;
}

/// <summary><c>parm_dvsinit_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DvsInitArguments<TWord>
    where TWord : unmanaged
{
    public int NodeId;
    public TWord Dvs;
}

/// <summary><c>parm_pxconn_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProxyConnectionArguments
{
    public int ProxyId;
    public int Status;
}

/// <summary><c>parm_wait4bind_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WaitForBindArguments<TWord>
    where TWord : unmanaged
{
    public int Kind;
    public int Endpoint;
    public TWord Timeout;
}

/// <summary><c>parm_unbind_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UnbindArguments<TWord>
    where TWord : unmanaged
{
    public int DcId;
    public int Endpoint;
    public TWord Timeout;
}

/// <summary><c>parm_ipc_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IpcArguments<TWord>
    where TWord : unmanaged
{
    public int Endpoint;
    public TWord Message;
    public TWord Timeout;
}

/// <summary><c>parm_notify_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NotifyArguments
{
    public int SourceNumber;
    public int Endpoint;
    public int Value;
}

/// <summary><c>parm_nodeup_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NodeUpArguments<TWord>
    where TWord : unmanaged
{
    public TWord Name;
    public int NodeId;
    public int ProxyId;
}

/// <summary><c>parm_proxyinfo_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetProxyInfoArguments<TWord>
    where TWord : unmanaged
{
    public int ProxyId;
    public TWord Sender;
    public TWord Receiver;
}

/// <summary><c>parm_bind_t</c>. For a remote bind <see cref="ProcessIdOrName"/> is the address of the name, see <see cref="LowMemoryNames"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BindArguments
{
    public int Kind;
    public int DcId;
    public int ProcessIdOrName;
    public int Endpoint;
    public int NodeId;
}

/// <summary><c>parm_pxbind_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProxiesBindArguments<TWord>
    where TWord : unmanaged
{
    public TWord Name;
    public int ProxyId;
    public int SenderThreadId;
    public int ReceiverThreadId;
    public int MaxPayload;
}

/// <summary><c>parm_procinfo_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GetProcessInfoArguments<TWord>
    where TWord : unmanaged
{
    public int DcId;
    public int Number;
    public TWord Process;
}

/// <summary><c>vcopy_t</c>, the argument of vcopy; <see cref="Protocol.CopyDescriptor"/> is its LP64 form.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CopyArguments<TWord>
    where TWord : unmanaged
{
    public int SourceEndpoint;
    public int DestinationEndpoint;
    public int RequesterEndpoint;
    public TWord SourceAddress;
    public TWord DestinationAddress;
    public int Length;
}
