using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Kernel.Records;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>The structs and numbers that go to the driver, held against what a C compiler makes of the driver's headers.</summary>
public class KernelLayoutTests
{
    // C type, C# type, and the C# fields in the order of the C fields.
    private static readonly (string Native, Type Managed, string Fields)[] Structs =
    [
        ("vcopy_t", typeof(CopyArguments<>), "SourceEndpoint DestinationEndpoint RequesterEndpoint SourceAddress DestinationAddress Length"),
        ("dvs_usr_t", typeof(DvsRecord<>), "Name MaxDcs MaxNodes MaxProcesses MaxTasks MaxSystemProcesses MaxCopyBuffer MaxCopyLength DebugLevel Version Flags ProcessSlotSize"),
        ("dc_usr_t", typeof(DcRecord<>), "DcId Flags MaxProcesses MaxTasks MaxSystemProcesses MaxNodes Nodes WarnEndpoint WarnMessageType ProcessId Name CpuMask"),
        ("node_usr_t", typeof(NodeRecord<>), "NodeId Flags ProxyId Dcs LastSent LastReceived CommandsSent CommandsReceived Name"),
        ("proc_usr_t", typeof(ProcessRecord<>), "Number Endpoint DcId Status LinuxProcessId VirtualProcessId NodeId NodeMap MiscFlags ReceivesFrom SendsTo WaitsForMigration WaitsForUnbind ProxyId LocalSent RemoteSent LocalCopies RemoteCopies Name CpuMask"),
        ("parm_rcvrqst_t", typeof(ReceiveRequestArguments<>), "Message Timeout"),
        ("parm_getdcinfo_t", typeof(GetRecordArguments<>), "Id Record"),
        ("parm_getnodeinfo_t", typeof(GetRecordArguments<>), "Id Record"),
        ("parm_relay_t", typeof(RelayArguments<>), "Endpoint Message"),
        ("parm_wakeup_t", typeof(WakeUpArguments), "DcId Endpoint"),
        ("parm_put2lcl_t", typeof(PutToLocalArguments<>), "Command Payload"),
        ("parm_dcnode_t", typeof(DcNodeArguments), "DcId NodeId"),
        ("parm_dvsinit_t", typeof(DvsInitArguments<>), "NodeId Dvs"),
        ("parm_pxconn_t", typeof(ProxyConnectionArguments), "ProxyId Status"),
        ("parm_wait4bind_t", typeof(WaitForBindArguments<>), "Kind Endpoint Timeout"),
        ("parm_unbind_t", typeof(UnbindArguments<>), "DcId Endpoint Timeout"),
        ("parm_ipc_t", typeof(IpcArguments<>), "Endpoint Message Timeout"),
        ("parm_notify_t", typeof(NotifyArguments), "SourceNumber Endpoint Value"),
        ("parm_get2rmt_t", typeof(GetToRemoteArguments<>), "Command Payload Timeout"),
        ("parm_nodeup_t", typeof(NodeUpArguments<>), "Name NodeId ProxyId"),
        ("parm_proxyinfo_t", typeof(GetProxyInfoArguments<>), "ProxyId Sender Receiver"),
        ("parm_bind_t", typeof(BindArguments), "Kind DcId ProcessIdOrName Endpoint NodeId"),
        ("parm_pxbind_t", typeof(ProxiesBindArguments<>), "Name ProxyId SenderThreadId ReceiverThreadId MaxPayload"),
        ("parm_procinfo_t", typeof(GetProcessInfoArguments<>), "DcId Number Process"),
    ];

    private static readonly Dictionary<string, uint> Calls = new()
    {
        ["DVK_IOCTDVSEND"] = DvkIoctl.DvsEnd,
        ["DVK_IOCSDCINIT"] = DvkIoctl.DcInit,
        ["DVK_IOCTDCEND"] = DvkIoctl.DcEnd,
        ["DVK_IOCQGETEP"] = DvkIoctl.GetEndpoint,
        ["DVK_IOCGGETDVSINFO"] = DvkIoctl.GetDvsInfo,
        ["DVK_IOCTNODEDOWN"] = DvkIoctl.NodeDown,
        ["DVK_IOCTPROXYUNBIND"] = DvkIoctl.ProxiesUnbind,
        ["DVK_IOCSRCVRQST"] = DvkIoctl.ReceiveRequest,
        ["DVK_IOCGGETDCINFO"] = DvkIoctl.GetDcInfo,
        ["DVK_IOCGGETNODEINFO"] = DvkIoctl.GetNodeInfo,
        ["DVK_IOCSRELAY"] = DvkIoctl.Relay,
        ["DVK_IOCSWAKEUP"] = DvkIoctl.WakeUp,
        ["DVK_IOCSPUT2LCL"] = DvkIoctl.PutToLocal,
        ["DVK_IOCSADDNODE"] = DvkIoctl.AddNode,
        ["DVK_IOCSDELNODE"] = DvkIoctl.RemoveNode,
        ["DVK_IOCSDVSINIT"] = DvkIoctl.DvsInit,
        ["DVK_IOCSPROXYCONN"] = DvkIoctl.ProxyConnection,
        ["DVK_IOCSWAIT4BIND"] = DvkIoctl.WaitForBind,
        ["DVK_IOCSUNBIND"] = DvkIoctl.Unbind,
        ["DVK_IOCSSEND"] = DvkIoctl.Send,
        ["DVK_IOCSRECEIVE"] = DvkIoctl.Receive,
        ["DVK_IOCSSENDREC"] = DvkIoctl.SendReceive,
        ["DVK_IOCSNOTIFY"] = DvkIoctl.Notify,
        ["DVK_IOCSREPLY"] = DvkIoctl.Reply,
        ["DVK_IOCSSETPRIV"] = DvkIoctl.SetPrivileges,
        ["DVK_IOCGGETPRIV"] = DvkIoctl.GetPrivileges,
        ["DVK_IOCGGET2RMT"] = DvkIoctl.GetToRemote,
        ["DVK_IOCGGETPXINFO"] = DvkIoctl.GetProxyInfo,
        ["DVK_IOCSNODEUP"] = DvkIoctl.NodeUp,
        ["DVK_IOCGGETPRINFO"] = DvkIoctl.GetProcessInfo,
        ["DVK_IOCSDVKBIND"] = DvkIoctl.Bind,
        ["DVK_IOCSPROXYBIND"] = DvkIoctl.ProxiesBind,
        ["DVK_IOCSMIGRATE"] = DvkIoctl.Migrate,
        ["DVK_IOCSVCOPY"] = DvkIoctl.VirtualCopy,
    };

    public static TheoryData<string> Models => new("lp64", "ilp32");

    [Theory]
    [MemberData(nameof(Models))]
    public void Structs_lie_as_the_compiler_lays_them(string model)
    {
        var word = model == "lp64" ? typeof(ulong) : typeof(uint);
        AssertLayout(LayoutTable.Load(model), type => type.IsGenericTypeDefinition ? type.MakeGenericType(word) : type);
    }

    [Fact]
    public void Structs_of_the_running_process_are_those_of_its_data_model() => AssertLayout(
        LayoutTable.Load(nint.Size == sizeof(long) ? "lp64" : "ilp32"),
        type => type.IsGenericTypeDefinition ? type.MakeGenericType(typeof(nint)) : type);

    [Fact]
    public void Behind_a_record_that_ends_with_a_cpu_mask_is_room_for_the_longest()
    {
        AssertRoom<DcRecord<nuint>>();
        AssertRoom<ProcessRecord<nuint>>();
    }

    [Fact]
    public void Every_argument_struct_of_the_table_is_there()
    {
        var table = LayoutTable.Load("lp64").Sizes.Keys.Where(name => name.StartsWith("parm_", StringComparison.Ordinal));
        Assert.Empty(table.Except(Structs.Select(entry => entry.Native)));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_numbers_are_those_of_the_compiler(string model)
    {
        var expected = LayoutTable.Load(model).Calls;
        Assert.Equal(expected.OrderBy(call => call.Key, StringComparer.Ordinal), Calls.OrderBy(call => call.Key, StringComparer.Ordinal));
    }

    private static void AssertLayout(LayoutTable table, Func<Type, Type> close)
    {
        foreach (var (native, definition, names) in Structs)
        {
            var type = close(definition);
            var fields = names.Split(' ');
            var expected = table.FieldsOf(native);
            Assert.Equal(expected.Length, fields.Length);
            Assert.Equal(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length, fields.Length);
            Assert.Equal((native, table.SizeOf(native)), (native, SizeOf(type)));
            var actual = fields.Select((name, index) => Describe(type, name, expected[index].Name)).ToArray();
            Assert.Equal(expected, actual);
        }
    }

    private static LayoutField Describe(Type type, string name, string nativeName)
    {
        var field = type.GetField(name, BindingFlags.Instance | BindingFlags.Public)
            ?? throw new InvalidOperationException($"{type} has no field {name}.");
        var method = new DynamicMethod("offset", typeof(int), [], typeof(KernelLayoutTests).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        code.DeclareLocal(type);
        code.Emit(OpCodes.Ldloca_S, (byte)0);
        code.Emit(OpCodes.Ldflda, field);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Ldloca_S, (byte)0);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Sub);
        code.Emit(OpCodes.Conv_I4);
        code.Emit(OpCodes.Ret);
        return new LayoutField(nativeName, ((Func<int>)method.CreateDelegate(typeof(Func<int>)))(), SizeOf(field.FieldType));
    }

    private static int SizeOf(Type type)
    {
        var method = new DynamicMethod("size", typeof(int), [], typeof(KernelLayoutTests).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Sizeof, type);
        code.Emit(OpCodes.Ret);
        return ((Func<int>)method.CreateDelegate(typeof(Func<int>)))();
    }

    private static void AssertRoom<TRecord>()
        where TRecord : unmanaged
    {
        WithCpuMaskRoom<TRecord> room = default;
        Assert.Equal(0, Unsafe.ByteOffset(ref Unsafe.As<WithCpuMaskRoom<TRecord>, byte>(ref room), ref Unsafe.As<TRecord, byte>(ref room.Record)));
        Assert.True(Unsafe.SizeOf<WithCpuMaskRoom<TRecord>>() >= Unsafe.SizeOf<TRecord>() + 1_024);
    }
}
