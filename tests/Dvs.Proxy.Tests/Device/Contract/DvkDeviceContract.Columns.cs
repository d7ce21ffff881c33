using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Device.Contract;

// Records and views with a different number in every column: no two can have changed places.
public abstract partial class DvkDeviceContract
{
    [Fact]
    public void What_was_sent_to_a_node_and_received_from_it_are_counted_apart()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        SendToPeer(alice);
        SendToPeer(alice);
        ReceiveFromPeer(alice);

        var node = Device.GetNodeInfo(PeerNode);
        Assert.Equal((3UL, 1UL), (node.CommandsSent, node.CommandsReceived)); // two messages and an acknowledgement
        Assert.Contains(Device.ReadView("nodes").Split('\n'), line => Fields(line) is ["1", "E", "1", "3", "1", ..]);
        var pair = Device.GetProxyInfo(PeerNode);
        Assert.Equal((3UL, 0UL), (pair.Sender.RemoteSent, pair.Sender.LocalSent));
        Assert.Equal((0UL, 1UL), (pair.Receiver.RemoteSent, pair.Receiver.LocalSent));
        var threads = Device.ReadView("proxies/procs").Split('\n');
        Assert.Contains(threads, line => Fields(line) is ["1", "send", var id, _, _, "3", "0", ..] && id == $"{Sender.Id}");
        Assert.Contains(threads, line => Fields(line) is ["1", "recv", var id, _, _, "0", "1", ..] && id == $"{Receiver.Id}");
    }

    [Fact]
    public void Which_half_of_a_pair_is_connected_shows()
    {
        BindPair();
        AssertHalves("1", ProcessMiscFlags.Proxy, ProcessMiscFlags.Proxy, NodeFlags.Attached);

        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        AssertHalves("3", ProcessMiscFlags.Proxy | ProcessMiscFlags.Connected, ProcessMiscFlags.Proxy, NodeFlags.Attached | NodeFlags.SenderConnected);

        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderDisconnected));
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.ReceiverConnected));
        AssertHalves("5", ProcessMiscFlags.Proxy, ProcessMiscFlags.Proxy | ProcessMiscFlags.Connected, NodeFlags.Attached | NodeFlags.ReceiverConnected);
    }

    [Fact]
    public void Whom_a_process_receives_from_and_whom_it_sends_to_show_apart()
    {
        const string Nobody = "27342";
        StartDc();
        var (alice, bob) = (Local(Alice), Local(Bob));
        var receive = StartReceive(Device, alice, Bob);
        AwaitReceiving(Alice);
        var info = Device.GetProcessInfo(Dc, Alice);
        Assert.Equal((Bob, WellKnownEndpoint.None), (info.ReceivesFrom, info.SendsTo));
        Assert.Contains(Processes(), line => Fields(line) is ["0", "3", "3", var ids, "0", "8", _, "4", Nobody, Nobody, Nobody, ..] && ids == $"{alice.Id}/{alice.Id}");
        Device.Interrupt(alice.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(receive).Error);

        var send = bob.Start(() => Device.Send(Alice, Text(1), -1));
        AwaitStatus(Bob, ProcessStatus.Sending);
        info = Device.GetProcessInfo(Dc, Bob);
        Assert.Equal((WellKnownEndpoint.None, Alice), (info.ReceivesFrom, info.SendsTo));
        Assert.Contains(Processes(), line => Fields(line) is ["0", "4", "4", var ids, "0", "4", _, Nobody, "3", Nobody, Nobody, ..] && ids == $"{bob.Id}/{bob.Id}");
        Device.Interrupt(bob.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(send));

        string[] Processes() => Device.ReadView("DC0/procs").Split('\n');
    }

    [Fact]
    public void What_a_process_sent_and_copied_here_and_to_others_is_counted_apart()
    {
        Connect();
        Remote(Peer);
        var (alice, bob) = (Local(Alice), Local(Bob));
        var (from, to) = (Buffer(alice), Buffer(bob));
        for (var number = 0; number < 4; number++)
        {
            Assert.Equal(DvkError.Ok, alice.Call(() => Device.Notify(WellKnownEndpoint.Self, Bob, -1)));
        }

        // One notification is pending, however often it came.
        Assert.Equal(DvkError.Ok, bob.Call(() => Device.Receive(Alice, out _, 0)));
        Assert.Equal(DvkError.Again, bob.Call(() => Device.Receive(Alice, out _, 0)));
        for (var number = 0; number < 3; number++)
        {
            SendToPeer(alice);
        }

        CopyToPeer(alice, from);
        var receive = StartReceive(Device, bob);
        AwaitReceiving(Bob);
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Copy(Descriptor(Alice, from.Address, Bob, to.Address, 10))));
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Copy(Descriptor(Alice, from.Address, Bob, to.Address, 10))));
        Device.Interrupt(bob.Id);
        DriverThread.Finish(receive);

        var info = Device.GetProcessInfo(Dc, Alice);
        Assert.Equal((4UL, 3UL, 2UL, 1UL), (info.LocalSent, info.RemoteSent, info.LocalCopies, info.RemoteCopies));
        Assert.Contains(Device.ReadView("DC0/stats").Split('\n'), line => Fields(line) is ["0", "3", "3", _, "0", "4", "3", "2", "1", ..]);
    }

    private void AssertHalves(string flags, ProcessMiscFlags sender, ProcessMiscFlags receiver, NodeFlags node)
    {
        Assert.Contains(Device.ReadView("proxies/info").Split('\n'), line => Fields(line) is ["1", var shown, ..] && shown == flags);
        var pair = Device.GetProxyInfo(PeerNode);
        Assert.Equal((sender, receiver), (pair.Sender.MiscFlags, pair.Receiver.MiscFlags));
        Assert.Equal(node, Device.GetNodeInfo(PeerNode).Flags);
    }

    private void SendToPeer(DriverThread process)
    {
        var send = process.Start(() => Device.Send(Peer, Text(1), -1));
        Assert.Equal(DvkError.Ok, Put(Answer(Fetch(CommandCode.SendMessage).Header, CommandCode.SendAck)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(send));
    }

    private void ReceiveFromPeer(DriverThread process)
    {
        var receive = StartReceive(Device, process);
        AwaitReceiving(Alice);
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(receive).Error);
        AssertSendAck();
    }

    private void CopyToPeer(DriverThread process, DvkBuffer buffer)
    {
        var copy = process.Start(() => Device.Copy(Descriptor(Alice, buffer.Address, Peer, PeerAddress, 10)));
        Assert.Equal(DvkError.Ok, Put(Answer(Fetch(CommandCode.CopyInData).Header, CommandCode.CopyInAck, 10)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(copy));
    }
}
