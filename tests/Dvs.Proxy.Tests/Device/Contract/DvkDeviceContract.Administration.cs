using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Device.Contract;

public abstract partial class DvkDeviceContract
{
    [Fact]
    public void Info_gives_the_limits_and_the_local_node()
    {
        var info = Device.GetDvsInfo();
        Assert.Equal(LocalNode, Device.LocalNodeId);
        Assert.Equal((32, 32, 221, 35, 64), (info.MaxDcs, info.MaxNodes, info.MaxProcesses, info.MaxTasks, info.MaxSystemProcesses));
        Assert.Equal((65_536, 1_048_576), (info.MaxCopyBuffer, info.MaxCopyLength));
        Assert.Equal(DvsInfo.ReferenceVersion, info.Version);
    }

    [Fact]
    public void The_dvs_is_initialised_once_and_not_after_its_end()
    {
        Refused(() => Device.InitializeDvs(LocalNode, new DvsInfo()));
        Device.EndDvs();
        Assert.True(Device.LocalNodeId < 0);
        Refused(DvkError.DvsNotInitialised, () => Device.GetDvsInfo());
        Refused(DvkError.DvsNotInitialised, StartDc);
        Refused(DvkError.DvsNotInitialised, () => Device.AddNode(Dc, PeerNode));
        Refused(DvkError.DvsNotInitialised, () => Device.BindProxies("node1", PeerNode, Sender.Id, Receiver.Id, 65_536));
        Assert.Equal(DvkError.DvsNotInitialised, Device.TryBind(BindRequest.Self(Dc, Alice), out _));
        Refused(DvkError.BadNodeId, () => Device.InitializeDvs(32, new DvsInfo()));
        Refused(DvkError.BadRange, () => Device.InitializeDvs(LocalNode, new DvsInfo { MaxTasks = 36 }));
        Refused(DvkError.BadRange, () => Device.InitializeDvs(LocalNode, new DvsInfo { MaxProcesses = 222 }));
        Refused(DvkError.BadRange, () => Device.InitializeDvs(LocalNode, new DvsInfo { MaxSystemProcesses = 35 }));
        Refused(DvkError.BadValue, () => Device.InitializeDvs(LocalNode, new DvsInfo { MaxCopyBuffer = 65_537 }));
        Refused(DvkError.BadValue, () => Device.InitializeDvs(LocalNode, new DvsInfo { MaxCopyLength = 4_096 }));
        Device.InitializeDvs(LocalNode, new DvsInfo { MaxNodes = 4 });
        Assert.Equal(4, Device.GetDvsInfo().MaxNodes);
    }

    [Fact]
    public void A_dc_runs_from_init_to_end()
    {
        Assert.False(Device.GetDcInfo(Dc).IsRunning);
        Refused(DvkError.BadDcId, () => Device.GetDcInfo(32));
        Refused(DvkError.DcNotRunning, () => Device.EndDc(Dc));
        Refused(DvkError.BadRange, () => Device.StartDc(new DcInfo { DcId = 32 }));
        Refused(DvkError.BadDcId, () => Device.EndDc(32));
        Refused(DvkError.Fault, () => Device.EndDc(-1));
        Device.StartDc(new DcInfo { DcId = Dc, Name = "first" });
        Refused(DvkError.ResourceBusy, StartDc);
        Refused(DvkError.ResourceBusy, () => Device.StartDc(new DcInfo { DcId = Dc + 1, Name = "first" }));
        Refused(DvkError.BadRange, () => Device.StartDc(new DcInfo { DcId = Dc + 1, Name = "second", MaxSystemProcesses = 35 }));
        var info = Device.GetDcInfo(Dc);
        Assert.True(info.IsRunning);
        Assert.Equal((Dc, "first", 221, 35, 64), (info.DcId, info.Name, info.MaxProcesses, info.MaxTasks, info.MaxSystemProcesses));
        Assert.Equal(1UL << LocalNode, info.Nodes);
        Assert.Equal(29, info.FirstUserProcess);
        Assert.Equal((WellKnownEndpoint.None, Device.CurrentThreadId), (info.WarnEndpoint, info.ProcessId));
        Device.EndDc(Dc);
        info = Device.GetDcInfo(Dc);
        Assert.Equal((false, "first", 0UL), (info.IsRunning, info.Name, info.Nodes));
        Refused(DvkError.DcNotRunning, () => Device.GetProcessInfo(Dc, Alice));
    }

    [Fact]
    public void A_process_that_ends_tells_the_warn_endpoint_and_waits_for_its_answer()
    {
        Device.StartDc(new DcInfo { DcId = Dc, Name = "DC0", WarnEndpoint = Alice, WarnMessageType = 77 });
        var (alice, bob) = (Local(Alice), Local(Bob));
        var warning = StartReceive(Device, alice);
        AwaitReceiving(Alice);
        bob.Dispose();
        var (error, message) = DriverThread.Finish(warning);
        Assert.Equal((DvkError.Ok, Bob, 77), (error, message.Source, message.Type));
        Assert.Equal((0, -1), (BitConverter.ToInt32(message.Body.ReadOnlyBytes), BitConverter.ToInt32(message.Body.ReadOnlyBytes[4..])));
        var ending = Device.GetProcessInfo(Dc, Bob);
        Assert.Equal(
            (ProcessStatus.Receiving, ProcessMiscFlags.Ending, Alice, bob.Id), (ending.Status, ending.MiscFlags, ending.ReceivesFrom, ending.LinuxProcessId));
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Reply(Bob, default, 0)));
        Eventually.True(() => Device.GetProcessInfo(Dc, Bob).Status == ProcessStatus.SlotFree, "the process goes");
    }

    [Fact]
    public void A_node_joins_a_dc_only_while_a_proxy_serves_it()
    {
        Refused(DvkError.DcNotRunning, () => Device.AddNode(Dc, PeerNode));
        StartDc();
        Refused(DvkError.BadNodeId, () => Device.AddNode(Dc, LocalNode));
        Refused(DvkError.NodeFree, () => Device.AddNode(Dc, PeerNode));
        BindPair();
        Refused(DvkError.NodeInDc, () => Device.RemoveNode(Dc, PeerNode));
        Device.AddNode(Dc, PeerNode);
        Refused(DvkError.NodeInDc, () => Device.AddNode(Dc, PeerNode));
        Assert.Equal(0b11UL, Device.GetDcInfo(Dc).Nodes);
        Assert.Equal(1UL << Dc, Device.GetNodeInfo(PeerNode).Dcs);
        Device.RemoveNode(Dc, PeerNode);
        Assert.Equal(0b01UL, Device.GetDcInfo(Dc).Nodes);
    }

    [Fact]
    public void A_full_dc_takes_no_more_nodes()
    {
        Device.StartDc(new DcInfo { DcId = Dc, MaxNodes = 1 });
        BindPair();
        Refused(DvkError.ResourceBusy, () => Device.AddNode(Dc, PeerNode));
    }

    [Fact]
    public void Node_up_and_down_attach_and_detach()
    {
        Assert.Equal(NodeFlags.Free, Device.GetNodeInfo(PeerNode).Flags);
        Assert.Equal(NodeFlags.Attached | NodeFlags.SenderConnected, Device.GetNodeInfo(LocalNode).Flags);
        Refused(DvkError.ProxyFree, () => Device.NodeUp("node1", PeerNode, PeerNode));
        Device.BindProxies("node1", PeerNode, Sender.Id, Receiver.Id, 65_536);
        Refused(DvkError.BadNodeId, () => Device.NodeUp("node32", 32, PeerNode));
        Refused(DvkError.ProxyId, () => Device.NodeUp("node1", PeerNode, 32));
        Device.NodeDown(PeerNode);
        Device.NodeUp("node1", PeerNode, PeerNode);
        Device.NodeUp("node1", PeerNode, PeerNode);
        var node = Device.GetNodeInfo(PeerNode);
        Assert.Equal((NodeFlags.Attached, PeerNode, "node1"), (node.Flags, node.ProxyId, node.Name));
    }

    [Fact]
    public void Node_down_leaves_the_node_attached_and_in_its_dcs()
    {
        Connect();
        Device.NodeDown(PeerNode);
        Device.NodeDown(PeerNode);
        Refused(DvkError.Fault, () => Device.NodeDown(-1));
        Refused(DvkError.BadNodeId, () => Device.NodeDown(32));
        var node = Device.GetNodeInfo(PeerNode);
        Assert.Equal((NodeFlags.Attached, PeerNode, 1UL << Dc), (node.Flags, node.ProxyId, node.Dcs));
    }

    [Fact]
    public void Bind_says_what_is_wrong()
    {
        Assert.Equal(DvkError.DcNotRunning, Device.TryBind(BindRequest.Remote(Dc, Peer, PeerNode, "p"), out _));
        Assert.Equal(DvkError.BadDcId, Device.TryBind(BindRequest.Remote(32, Peer, PeerNode, "p"), out _));
        StartDc();
        Assert.Equal(DvkError.NodeNotInDc, Device.TryBind(BindRequest.Remote(Dc, Peer, PeerNode, "p"), out _));
        Assert.Equal(DvkError.BadNodeId, Device.TryBind(BindRequest.Remote(Dc, Peer, LocalNode, "p"), out _));
        Assert.Equal(DvkError.BadNodeId, Device.TryBind(BindRequest.Remote(Dc, Peer, 32, "p"), out _));
        Assert.Equal(DvkError.BadDcId, Device.TryBind(BindRequest.Remote(Dc, WellKnownEndpoint.Any, PeerNode, "p"), out _));
        Assert.Equal(DvkError.BindType, Device.TryBind(new BindRequest((BindKind)9, Dc, Peer), out _));
        Assert.Equal(DvkError.BadPid, Device.TryBind(BindRequest.Local(Dc, Bob, int.MaxValue - 3), out _));
        BindPair();
        Device.AddNode(Dc, PeerNode);
        Local(Alice);
        Assert.Equal(DvkError.SlotUsed, Device.TryBind(BindRequest.Remote(Dc, Alice, PeerNode, "p"), out _));
        Remote(Peer);
        Assert.Equal(DvkError.SlotUsed, Device.TryBind(BindRequest.Remote(Dc, Peer, PeerNode, "p"), out _));
    }

    [Fact]
    public void A_thread_is_one_process()
    {
        StartDc();
        var alice = Local(Alice);
        Assert.Equal(DvkError.SlotUsed, alice.Call(() => Device.TryBind(BindRequest.Self(Dc, Bob), out _)));
        Assert.Equal(DvkError.SlotUsed, Device.TryBind(BindRequest.Local(Dc, Bob, alice.Id), out _));
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.TryUnbind(Dc, Alice, 0)));
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.TryBind(BindRequest.Self(Dc, Bob), out _)));
    }

    [Fact]
    public void Processes_are_found_by_number_and_by_thread()
    {
        Connect();
        var alice = Local(Alice);
        Remote(Peer);
        var local = Device.GetProcessInfo(Dc, Alice);
        Assert.Equal((Alice, Alice, alice.Id, LocalNode), (local.Number, local.Endpoint, local.LinuxProcessId, local.NodeId));
        Assert.Equal((WellKnownEndpoint.None, WellKnownEndpoint.None), (local.ReceivesFrom, local.SendsTo));
        Assert.Equal($"process{Alice}", local.Name);
        var remote = Device.GetProcessInfo(Dc, Peer);
        Assert.Equal((Peer, PeerNode, WellKnownEndpoint.None, "remote"), (remote.Endpoint, remote.NodeId, remote.ProxyId, remote.Name));
        Assert.True((remote.Status & ProcessStatus.Remote) != 0);
        var free = Device.GetProcessInfo(Dc, Bob);
        Assert.Equal((ProcessStatus.SlotFree, Bob, -1, "$noname"), (free.Status, free.Endpoint, free.NodeId, free.Name));
        Refused(DvkError.BadProcess, () => Device.GetProcessInfo(Dc, 221));
        Assert.Equal(DvkError.Ok, Device.GetProcessId(Dc, Alice, out var pid));
        Assert.Equal(alice.Id, pid);
        Assert.Equal((DvkError.Ok, Alice), alice.Call(() => (Device.GetEndpoint(alice.Id, out var endpoint), endpoint)));
        Assert.Equal(DvkError.NotBind, Device.GetEndpoint(alice.Id, out _));
        Assert.Equal(DvkError.BadRange, alice.Call(() => Device.GetEndpoint(int.MaxValue - 3, out _)));
    }

    [Fact]
    public void Endpoints_of_tasks_are_negative_and_there_are_no_generations()
    {
        Connect();
        const int Task = -35;
        Local(Task);
        Assert.Equal(Task, Device.GetProcessInfo(Dc, Task).Endpoint);
        var next = EndpointNumber.ToEndpoint(Peer, 1, 35);
        Assert.Equal(DvkError.Ok, Device.TryBind(BindRequest.Remote(Dc, next, PeerNode, "remote"), out var bound));
        Assert.Equal((Peer, Peer), (bound, Device.GetProcessInfo(Dc, Peer).Endpoint));
        var alice = Local(Alice);
        Assert.Equal(DvkError.Endpoint, alice.Call(() => Device.Send(next, default, 0)));
        Assert.Equal(DvkError.Ok, Device.TryUnbind(Dc, Peer, 0));
        Assert.Equal(DvkError.NotBind, Device.TryUnbind(Dc, next, 0));
        Assert.Equal(DvkError.Endpoint, Device.TryUnbind(Dc, 221, 0));
    }

    [Fact]
    public void Unbind_frees_the_slot_for_another()
    {
        Connect();
        Assert.Equal(DvkError.NotBind, Device.TryUnbind(Dc, Peer, 0));
        Remote(Peer);
        Assert.Equal(DvkError.Ok, Device.TryUnbind(Dc, Peer, 0));
        Remote(Peer);
        var alice = Local(Alice);
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.TryUnbind(Dc, Alice, 0)));
        Assert.Equal(DvkError.NotBind, alice.Call(() => Device.Receive(WellKnownEndpoint.Any, out _, 0)));
        Local(Alice);
    }

    [Fact]
    public void Wait4bind_sees_a_bind_and_an_unbind()
    {
        Connect();
        var alice = Local(Alice);
        DvkError Wait(WaitForBindKind kind, int endpoint, int timeout) => alice.Call(() => Device.WaitForBind(kind, endpoint, timeout, out _));
        Assert.Equal(DvkError.TimedOut, Wait(WaitForBindKind.Bind, Bob, 0));
        Assert.Equal(DvkError.TimedOut, Wait(WaitForBindKind.Bind, Bob, 10));
        Assert.Equal(DvkError.Ok, Wait(WaitForBindKind.Unbind, Bob, 0));
        Assert.Equal(DvkError.BadCall, Wait((WaitForBindKind)2, Bob, 0));
        var bound = alice.Start(() => (Device.WaitForBind(WaitForBindKind.Bind, Bob, -1, out var endpoint), endpoint));
        var bob = Local(Bob);
        Assert.Equal((DvkError.Ok, Bob), DriverThread.Finish(bound));
        Assert.Equal(DvkError.Again, Wait(WaitForBindKind.Unbind, Bob, 0));
        var unbound = alice.Start(() => (Device.WaitForBind(WaitForBindKind.Unbind, Bob, -1, out var endpoint), endpoint));
        Assert.Equal(DvkError.Ok, bob.Call(() => Device.TryUnbind(Dc, Bob, 0)));
        Assert.Equal((DvkError.Ok, 0), DriverThread.Finish(unbound));
    }

    [Fact]
    public void A_thread_waits_until_another_binds_it()
    {
        StartDc();
        var alice = Thread("alice");
        var waiting = alice.Start(() => (Device.WaitForBind(WaitForBindKind.Bind, WellKnownEndpoint.Self, -1, out var endpoint), endpoint));
        Assert.Equal(DvkError.Ok, Device.TryBind(BindRequest.Local(Dc, -3, alice.Id, "alice"), out var bound));
        Assert.Equal(-3, bound);
        Assert.Equal((DvkError.Ok, -3), DriverThread.Finish(waiting));
    }

    [Fact]
    public void Views_exist_and_carry_the_numbers()
    {
        Connect();
        Local(Alice);
        Assert.Contains($"nodeid={LocalNode}\n", Device.ReadView("info"));
        Assert.Contains("nr_nodes=32\nmax_nr_procs=221\nmax_nr_tasks=35\nmax_sys_procs=64\n", Device.ReadView("info"));
        var nodes = Device.ReadView("nodes").Split('\n');
        Assert.Equal("ID Flags Proxies -pxsent- -pxrcvd- 10987654321098765432109876543210 Name", nodes[0].TrimEnd());
        Assert.Contains(nodes, l => Fields(l) is ["0", "6", "-1", "0", "0", "-------------------------------X", ..]);
        Assert.Contains(nodes, l => Fields(l) is ["1", "E", "1", "0", "0", "-------------------------------X", "node1"]);
        var pairs = Device.ReadView("proxies/info").Split('\n');
        Assert.Equal("Proxies Flags Sender Receiver --Proxies_Name- 10987654321098765432109876543210", pairs[0].TrimEnd());
        Assert.Contains(pairs, l => Fields(l) is ["1", "7", var s, var r, "node1", ..] && s == $"{Sender.Id}" && r == $"{Receiver.Id}");
        var threads = Device.ReadView("proxies/procs").Split('\n');
        Assert.Equal("ID Type -lpid- -flag- -misc- -pxsent- -pxrcvd- -getf- -sendt -wmig- name", threads[0].TrimEnd());
        Assert.Contains(threads, l => Fields(l) is ["1", "send", var id, _, "3", "0", "0", "27342", "27342", "27342", ..] && id == $"{Sender.Id}");
        Assert.Contains(threads, l => Fields(l) is ["1", "recv", ..]);
        foreach (var view in new[] { "DC0/info", "DC0/stats", "DC0/ipcto", "DC0/dvkcalls", "proxies/ipcto", "proxies/dvkcalls" })
        {
            Assert.NotEmpty(Device.ReadView(view));
        }

        Assert.Contains(Device.ReadView("DC0/procs").Split('\n'), l => Fields(l) is ["0", "3", "3", ..]);
        Assert.ThrowsAny<Exception>(() => Device.ReadView("nonsense"));
    }

    private static string[] Fields(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
