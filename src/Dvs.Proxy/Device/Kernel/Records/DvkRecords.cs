using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Device.Kernel.Records;

// The records the driver fills in, as C lays them out. TWord as in DvkArguments.cs.

/// <summary><c>char name[16]</c>: at most 15 bytes and a NUL.</summary>
[InlineArray(Size)]
internal struct DvkName
{
    public const int Size = 16;

    private byte _first;
}

/// <summary>
/// <c>cpumask</c> as user space declares it: 1,024 bits, aligned as a long. Nothing here looks into it. What goes to the driver has
/// <see cref="WithCpuMaskRoom{TRecord}"/> around it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct CpuMask<TWord>
    where TWord : unmanaged
{
    public TWord First;
}

/// <summary>
/// A record that ends with a CPU mask, and room behind it. The driver's mask is as long as the kernel's, NR_CPUS bits, and not as user space declares it:
/// a kernel for 8,192 processors fills in, and reads, 1,024 bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WithCpuMaskRoom<TRecord>
    where TRecord : unmanaged
{
    public TRecord Record;
    public CpuMaskRoom Room;
}

/// <summary>Behind a record that ends with a CPU mask: as long as the longest mask that a kernel can be built with.</summary>
[InlineArray(Length)]
internal struct CpuMaskRoom
{
    public const int Length = 1024;

    private byte _first;
}

/// <summary><c>struct timespec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimespecRecord<TWord>
    where TWord : unmanaged
{
    public TWord Seconds;
    public TWord Nanoseconds;
}

/// <summary><c>dvs_usr_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DvsRecord<TWord>
    where TWord : unmanaged
{
    public DvkName Name;
    public int MaxDcs;
    public int MaxNodes;
    public int MaxProcesses;
    public int MaxTasks;
    public int MaxSystemProcesses;
    public int MaxCopyBuffer;
    public int MaxCopyLength;
    public TWord DebugLevel;
    public int Version;
    public TWord Flags;
    public int ProcessSlotSize;
}

/// <summary><c>dc_usr_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DcRecord<TWord>
    where TWord : unmanaged
{
    public int DcId;
    public int Flags;
    public int MaxProcesses;
    public int MaxTasks;
    public int MaxSystemProcesses;
    public int MaxNodes;
    public TWord Nodes;
    public int WarnEndpoint;
    public int WarnMessageType;
    public int ProcessId;
    public DvkName Name;
    public CpuMask<TWord> CpuMask;
}

/// <summary><c>node_usr_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NodeRecord<TWord>
    where TWord : unmanaged
{
    public int NodeId;
    public TWord Flags;
    public int ProxyId;
    public TWord Dcs;
    public TimespecRecord<TWord> LastSent;
    public TimespecRecord<TWord> LastReceived;
    public TWord CommandsSent;
    public TWord CommandsReceived;
    public DvkName Name;
}

/// <summary><c>proc_usr_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProcessRecord<TWord>
    where TWord : unmanaged
{
    public int Number;
    public int Endpoint;
    public int DcId;
    public TWord Status;
    public int LinuxProcessId;
    public int VirtualProcessId;
    public int NodeId;
    public TWord NodeMap;
    public TWord MiscFlags;
    public int ReceivesFrom;
    public int SendsTo;
    public int WaitsForMigration;
    public int WaitsForUnbind;
    public int ProxyId;
    public TWord LocalSent;
    public TWord RemoteSent;
    public TWord LocalCopies;
    public TWord RemoteCopies;
    public DvkName Name;
    public CpuMask<TWord> CpuMask;
}
