using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Device.Contract;

public abstract partial class DvkDeviceContract
{
    [Fact]
    public void A_pair_binds_once_with_living_threads_and_a_payload_within_the_limit()
    {
        Refused(DvkError.BadPid, () => Device.BindProxies("node1", PeerNode, int.MaxValue - 3, Receiver.Id, 65_536));
        Refused(DvkError.BadPid, () => Device.BindProxies("node1", PeerNode, Sender.Id, int.MaxValue - 3, 65_536));
        Refused(DvkError.TooBig, () => Device.BindProxies("node1", PeerNode, Sender.Id, Receiver.Id, 65_537));
        Refused(DvkError.BadNodeId, () => Device.BindProxies("node32", 32, Sender.Id, Receiver.Id, 65_536));
        Refused(DvkError.ProxyFree, () => Device.GetProxyInfo(PeerNode));
        Refused(DvkError.ProxyId, () => Device.GetProxyInfo(32));
        Device.BindProxies("node1", PeerNode, Sender.Id, Receiver.Id, 65_536);
        var (third, fourth) = (Thread("third"), Thread("fourth"));
        Refused(DvkError.ResourceBusy, () => Device.BindProxies("again", PeerNode, third.Id, fourth.Id, 65_536));
        Refused(DvkError.ResourceBusy, () => Device.BindProxies("node1", PeerNode + 1, third.Id, fourth.Id, 65_536));
        var info = Device.GetProxyInfo(PeerNode);
        Assert.Equal((Sender.Id, Receiver.Id), (info.Sender.LinuxProcessId, info.Receiver.LinuxProcessId));
        Assert.Equal(ProcessMiscFlags.Proxy, info.Sender.MiscFlags);
        Assert.Equal(ProcessMiscFlags.Proxy, info.Receiver.MiscFlags);
        Assert.Equal(("sender", "receiver"), (info.Sender.Name, info.Receiver.Name));
        Assert.Equal((0UL, WellKnownEndpoint.None), (info.Sender.NodeMap, info.Sender.ReceivesFrom));
        Device.NodeUp("node1", PeerNode, PeerNode);
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.TimedOut, TryFetch(10).Error);
        info = Device.GetProxyInfo(PeerNode);
        Assert.Equal((1UL << PeerNode, WellKnownEndpoint.Any), (info.Sender.NodeMap, info.Sender.ReceivesFrom));
    }

    [Fact]
    public void Connections_show_in_node_and_pair()
    {
        Assert.Equal(DvkError.ProxyFree, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.ProxyId, Device.SetProxyConnection(32, ProxyConnectionChange.SenderConnected));
        BindPair();
        Assert.Equal(DvkError.BadValue, Device.SetProxyConnection(PeerNode, (ProxyConnectionChange)5));
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.ReceiverConnected));
        Assert.Equal(NodeFlags.Attached | NodeFlags.ReceiverConnected, Device.GetNodeInfo(PeerNode).Flags);
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        Assert.Equal(
            NodeFlags.Attached | NodeFlags.SenderConnected | NodeFlags.ReceiverConnected, Device.GetNodeInfo(PeerNode).Flags);
        Assert.Equal(ProcessMiscFlags.Proxy | ProcessMiscFlags.Connected, Device.GetProxyInfo(PeerNode).Sender.MiscFlags);
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderDisconnected));
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.ReceiverDisconnected));
        Assert.Equal(NodeFlags.Attached, Device.GetNodeInfo(PeerNode).Flags);
    }

    [Fact]
    public void Get2rmt_needs_a_connected_sender()
    {
        BindPair();
        Assert.Equal(DvkError.NotConnected, TryFetch(0).Error);
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.TimedOut, TryFetch(0).Error);
        Assert.Equal(DvkError.TimedOut, TryFetch(10).Error);
        var waiting = Sender.Start(() => Device.GetToRemote(out _, new byte[65_536], -1));
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderDisconnected));
        Assert.Equal(DvkError.NotConnected, DriverThread.Finish(waiting));
    }

    [Fact]
    public void Put2lcl_needs_a_connected_receiver()
    {
        StartDc();
        BindPair();
        Assert.Equal(DvkError.NotConnected, Put(Command(CommandCode.SendMessage)));
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.ReceiverConnected));
        Assert.Equal(DvkError.NodeNotInDc, Put(Command(CommandCode.SendMessage)));
    }

    [Fact]
    public void Proxy_calls_of_other_threads_are_refused()
    {
        Connect();
        var stranger = Thread("stranger");
        Assert.True(stranger.Call(() => Device.GetToRemote(out _, new byte[65_536], 0)) < DvkError.Ok);
        Assert.NotEqual(DvkError.TimedOut, stranger.Call(() => Device.GetToRemote(out _, new byte[65_536], 0)));
        Assert.Contains(
            stranger.Call(() => Device.PutToLocal(Command(CommandCode.SendMessage), [])),
            new[] { DvkError.NotBind, DvkError.NoProxy, DvkError.BadProxy, DvkError.BadCall });
        Assert.Equal(DvkError.BadCall, Receiver.Call(() => Device.GetToRemote(out _, new byte[65_536], 0)));
        Assert.Equal(DvkError.BadCall, Sender.Call(() => Device.PutToLocal(Command(CommandCode.SendMessage), [])));
    }

    [Fact]
    public void An_interrupt_ends_a_blocked_get2rmt_and_one_that_will_block()
    {
        Connect();
        var waiting = Sender.Start(() => Device.GetToRemote(out _, new byte[65_536], -1));
        Device.Interrupt(Sender.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(waiting));
        Device.Interrupt(Sender.Id);
        Assert.Equal(DvkError.Interrupted, TryFetch(-1).Error);
        FetchNothing();
    }

    [Fact]
    public void An_interrupt_ends_a_blocked_receive()
    {
        Connect();
        var alice = Local(Alice);
        var waiting = StartReceive(Device, alice);
        AwaitReceiving(Alice);
        Device.Interrupt(alice.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(waiting).Error);
        Assert.Equal(ProcessStatus.Runnable, Device.GetProcessInfo(Dc, Alice).Status);
    }

    [Fact]
    public void Commands_come_in_the_order_they_were_queued()
    {
        Connect();
        Remote(Peer);
        var processes = Enumerable.Range(7, 5).Select(Local).ToArray();
        var sends = new List<Task<DvkError>>();
        for (var i = 0; i < processes.Length; i++)
        {
            var type = i;
            sends.Add(processes[i].Start(() => Device.Send(Peer, Text(type), -1)));
            AwaitStatus(7 + i, ProcessStatus.RemoteOperation);
        }

        for (var i = 0; i < processes.Length; i++)
        {
            var (header, _) = Fetch(CommandCode.SendMessage);
            Assert.Equal(i, header.Message.Type);
            Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.SendAck)));
            Assert.Equal(DvkError.Ok, DriverThread.Finish(sends[i]));
        }
    }

    [Fact]
    public void Counters_and_time_stamps_follow_the_commands()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var send = alice.Start(() => Device.Send(Peer, Text(1), -1));
        var (header, _) = Fetch(CommandCode.SendMessage);
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.SendAck)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(send));
        Assert.Equal(1UL, Device.GetProcessInfo(Dc, Alice).RemoteSent);
        var node = Device.GetNodeInfo(PeerNode);
        Assert.Equal((1UL, 0UL), (node.CommandsSent, node.CommandsReceived));
        Assert.False(node.LastSent.IsEmpty);
        var receive = StartReceive(Device, alice);
        AwaitReceiving(Alice);
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(receive).Error);
        node = Device.GetNodeInfo(PeerNode);
        Assert.Equal((1UL, 1UL), (node.CommandsSent, node.CommandsReceived));
        Assert.False(node.LastReceived.IsEmpty);
        Assert.Contains(Device.ReadView("nodes").Split('\n'), l => Fields(l) is ["1", "E", "1", "1", "1", ..]);
        var pair = Device.GetProxyInfo(PeerNode);
        Assert.Equal((1UL, 1UL), (pair.Sender.RemoteSent, pair.Receiver.LocalSent));
    }

    [Fact]
    public void A_command_that_cannot_go_fails_back_to_its_process()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var send = alice.Start(() => Device.Send(Peer, Text(1), -1));
        AwaitStatus(Alice, ProcessStatus.RemoteOperation);
        Device.RemoveNode(Dc, PeerNode);
        Assert.Equal(DvkError.NodeNotInDc, TryFetch().Error);
        Assert.Equal(DvkError.NodeNotInDc, DriverThread.Finish(send));
        FetchNothing();
    }

    [Fact]
    public void A_disconnect_of_the_sender_fails_what_is_queued_and_one_of_the_receiver_who_waits_for_the_peer()
    {
        Connect();
        Remote(Peer);
        var (alice, bob, carol) = (Local(Alice), Local(Bob), Local(7));
        var fetched = StartSendReceive(Device, alice, Peer, Text(1));
        Fetch(CommandCode.SendReceiveMessage);
        var queued = bob.Start(() => Device.Send(Peer, Text(2), -1));
        AwaitStatus(Bob, ProcessStatus.RemoteOperation);
        var receiving = StartReceive(Device, carol, Peer);
        AwaitReceiving(7);
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderDisconnected));
        Assert.Equal(DvkError.NotConnected, DriverThread.Finish(queued));
        Assert.Equal(WellKnownEndpoint.None, Device.GetProcessInfo(Dc, Bob).ReceivesFrom);
        Assert.Equal(ProcessStatus.Receiving, Device.GetProcessInfo(Dc, Alice).Status);
        Assert.Equal(ProcessStatus.Receiving, Device.GetProcessInfo(Dc, 7).Status);
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.ReceiverDisconnected));
        Assert.Equal(DvkError.NotConnected, DriverThread.Finish(fetched).Error);
        Assert.Equal(DvkError.NotConnected, DriverThread.Finish(receiving).Error);
        Assert.Equal(DvkError.NotConnected, alice.Call(() => Device.Send(Peer, Text(3), -1)));
        SetConnected();
        FetchNothing();
    }

    [Fact]
    public void When_the_first_thread_exits_the_pair_is_free_and_the_node_stays_attached()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var send = alice.Start(() => Device.Send(Peer, Text(1), -1));
        AwaitStatus(Alice, ProcessStatus.RemoteOperation);
        Sender.Dispose();
        Assert.Equal(DvkError.NotConnected, DriverThread.Finish(send));
        Eventually.True(() => IsFree(), "the pair is free");
        var node = Device.GetNodeInfo(PeerNode);
        Assert.Equal((NodeFlags.Attached | NodeFlags.ReceiverConnected, PeerNode, 1UL << Dc), (node.Flags, node.ProxyId, node.Dcs));
        Assert.Equal(DvkError.ProxyFree, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.NoProxy, alice.Call(() => Device.Send(Peer, Text(1), -1)));
        Receiver.Dispose();
        Assert.Equal(node.Flags, Device.GetNodeInfo(PeerNode).Flags);
        _sender = _receiver = null;
        BindPair();
        SetConnected();
        send = alice.Start(() => Device.Send(Peer, Text(9), -1));
        Assert.Equal(9, Fetch(CommandCode.SendMessage).Header.Message.Type);
        Device.Interrupt(alice.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(send));
    }

    [Fact]
    public void The_thread_that_is_left_of_a_pair_goes_on_until_it_ends()
    {
        Connect();
        var waiting = Sender.Start(() => Device.GetToRemote(out _, new byte[65_536], -1));
        Receiver.Dispose();
        Eventually.True(() => IsFree(), "the pair is free");
        Assert.False(waiting.IsCompleted);
        Device.Interrupt(Sender.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(waiting));
        Assert.Equal(DvkError.TimedOut, TryFetch(10).Error);
    }

    private bool IsFree()
    {
        try
        {
            Device.GetProxyInfo(PeerNode);
            return false;
        }
        catch (DvkException failure)
        {
            return failure.Error == DvkError.ProxyFree;
        }
    }
}
