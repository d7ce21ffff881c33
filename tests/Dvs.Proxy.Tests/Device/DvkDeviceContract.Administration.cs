using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Device;

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
        Refused(() => Device.InitializeDvs(LocalNode, new DvsInfo { MaxTasks = 300 }));
        Device.InitializeDvs(LocalNode, new DvsInfo { MaxNodes = 4 });
        Assert.Equal(4, Device.GetDvsInfo().MaxNodes);
    }

    [Fact]
    public void A_dc_runs_from_init_to_end()
    {
        Refused(DvkError.DcNotRunning, () => Device.GetDcInfo(Dc));
        Refused(DvkError.DcNotRunning, () => Device.EndDc(Dc));
        Refused(DvkError.BadDcId, () => Device.StartDc(new DcInfo { DcId = 32 }));
        Refused(DvkError.BadDcId, () => Device.EndDc(32));
        Device.StartDc(new DcInfo { DcId = Dc, Name = "first" });
        Refused(DvkError.DcRunning, StartDc);
        var info = Device.GetDcInfo(Dc);
        Assert.Equal((Dc, "first", 221, 35, 64), (info.DcId, info.Name, info.MaxProcesses, info.MaxTasks, info.MaxSystemProcesses));
        Assert.Equal(1UL << LocalNode, info.Nodes);
        Assert.Equal(29, info.FirstUserProcess);
        Device.EndDc(Dc);
        Refused(DvkError.DcNotRunning, () => Device.GetDcInfo(Dc));
    }

    [Fact]
    public void A_node_joins_a_dc_only_while_a_proxy_serves_it()
    {
        Refused(DvkError.DcNotRunning, () => Device.AddNode(Dc, PeerNode));
        StartDc();
        Refused(DvkError.BadNodeId, () => Device.AddNode(Dc, LocalNode));
        Refused(DvkError.NodeFree, () => Device.AddNode(Dc, PeerNode));
        BindPair();
        Refused(DvkError.NodeNotInDc, () => Device.RemoveNode(Dc, PeerNode));
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
        Refused(DvkError.NoProxy, () => Device.NodeUp("node1", PeerNode, PeerNode));
        Device.BindProxies("node1", PeerNode, Sender.Id, Receiver.Id, 65_536);
        Refused(DvkError.BadNodeId, () => Device.NodeUp("node0", LocalNode, PeerNode));
        Refused(DvkError.BadNodeId, () => Device.NodeUp("node32", 32, PeerNode));
        Refused(() => Device.NodeDown(PeerNode));
        Device.NodeUp("node1", PeerNode, PeerNode);
        var node = Device.GetNodeInfo(PeerNode);
        Assert.Equal((NodeFlags.Attached, PeerNode, "node1"), (node.Flags, node.ProxyId, node.Name));
        Device.NodeDown(PeerNode);
        Assert.Equal((NodeFlags.Free, -1), (Device.GetNodeInfo(PeerNode).Flags, Device.GetNodeInfo(PeerNode).ProxyId));
        Refused(() => Device.NodeDown(PeerNode));
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
        Assert.True(Device.TryBind(BindRequest.Remote(Dc, WellKnownEndpoint.Any, PeerNode, "p"), out _) < DvkError.Ok);
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
    public void Processes_are_found_by_number_and_by_thread()
    {
        Connect();
        var alice = Local(Alice);
        Remote(Peer);
        var local = Device.GetProcessInfo(Dc, Alice);
        Assert.Equal((Alice, Alice, alice.Id, LocalNode), (local.Number, local.Endpoint, local.LinuxProcessId, local.NodeId));
        Assert.Equal((WellKnownEndpoint.None, WellKnownEndpoint.None), (local.ReceivesFrom, local.SendsTo));
        var remote = Device.GetProcessInfo(Dc, Peer);
        Assert.Equal((Peer, PeerNode, PeerNode, "remote"), (remote.Endpoint, remote.NodeId, remote.ProxyId, remote.Name));
        Assert.True((remote.Status & ProcessStatus.Remote) != 0);
        Assert.True((Device.GetProcessInfo(Dc, Bob).Status & ProcessStatus.SlotFree) != 0);
        Refused(() => Device.GetProcessInfo(Dc, 221));
        Assert.Equal(DvkError.Ok, Device.GetProcessId(Dc, Alice, out var pid));
        Assert.Equal(alice.Id, pid);
        Assert.Equal(DvkError.Ok, Device.GetEndpoint(alice.Id, out var endpoint));
        Assert.Equal(Alice, endpoint);
    }

    [Fact]
    public void Endpoints_of_tasks_are_negative_and_generations_tell_successors_apart()
    {
        Connect();
        const int Task = -35;
        const int Generation = 35 + WellKnownEndpoint.Self + 1;
        Local(Task);
        Assert.Equal(Task, Device.GetProcessInfo(Dc, Task).Endpoint);
        Remote(Peer + Generation);
        Assert.Equal(Peer + Generation, Device.GetProcessInfo(Dc, Peer).Endpoint);
        var alice = Local(Alice);
        Assert.Equal(DvkError.Endpoint, alice.Call(() => Device.Send(Peer, default, 0)));
        Assert.Equal(DvkError.Endpoint, Device.TryUnbind(Dc, Peer, 0));
        Assert.Equal(DvkError.Ok, Device.TryUnbind(Dc, Peer + Generation, 0));
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
        Assert.Equal(DvkError.TimedOut, alice.Call(() => Device.WaitForBind(WaitForBindKind.Bind, Peer, 10, out _)));
        var bound = alice.Start(() => (Device.WaitForBind(WaitForBindKind.Bind, Peer, -1, out var endpoint), endpoint));
        Remote(Peer);
        Assert.Equal((DvkError.Ok, Peer), DriverThread.Finish(bound));
        var unbound = alice.Start(() => Device.WaitForBind(WaitForBindKind.Unbind, Peer, -1, out _));
        Assert.Equal(DvkError.Ok, Device.TryUnbind(Dc, Peer, 0));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(unbound));
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
        Assert.Contains("nr_nodes=32\n", Device.ReadView("info"));
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
        Assert.NotEmpty(Device.ReadView("DC0/info"));
        Assert.Contains(Device.ReadView("DC0/procs").Split('\n'), l => Fields(l) is ["0", "3", "3", ..]);
        Assert.ThrowsAny<Exception>(() => Device.ReadView("nonsense"));
    }

    private static string[] Fields(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
