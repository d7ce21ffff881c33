using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Device.Contract;

public abstract partial class DvkDeviceContract
{
    private const ulong PeerAddress = 0x7f00_0000_1000;
    private const ulong BadAddress = 0x1000;
    private const int BlockLength = 100_000;

    [Fact]
    public void Copy_here_moves_the_bytes_at_once()
    {
        StartDc();
        var (alice, bob) = (Local(Alice), Local(Bob));
        var (from, to) = (Buffer(alice), Buffer(bob));
        new Random(1).NextBytes(from.Span);
        var receive = StartReceive(Device, bob);
        AwaitReceiving(Bob);
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Copy(Descriptor(Alice, from.Address, Bob, to.Address, BlockLength))));
        Assert.True(from.Span.SequenceEqual(to.Span));
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Copy(Descriptor(Bob, to.Address, Alice, from.Address, 0))));
        Device.Interrupt(bob.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(receive).Error);
    }

    [Fact]
    public void Copy_says_what_is_wrong()
    {
        Connect();
        Remote(Peer);
        var (alice, bob, user) = (Local(Alice), Local(Bob), Local(LocalUser));
        var (from, to, mine) = (Buffer(alice), Buffer(bob), Buffer(user));
        DvkError Ask(CopyDescriptor copy) => alice.Call(() => Device.Copy(copy));
        Assert.Equal(DvkError.Range, Ask(Descriptor(Alice, from.Address, Peer, PeerAddress, 1_048_577)));
        Assert.Equal(DvkError.Range, Ask(Descriptor(Alice, from.Address, Peer, PeerAddress, -1)));
        Assert.Equal(DvkError.Endpoint, Ask(Descriptor(Alice, from.Address, Alice, from.Address + 100, 10)));
        Assert.Equal(DvkError.Endpoint, Ask(Descriptor(Alice, from.Address, WellKnownEndpoint.Any, PeerAddress, 10)));
        Assert.Equal(DvkError.BadDestination, Ask(Descriptor(Alice, from.Address, -1, PeerAddress, 10)));
        Assert.Equal(DvkError.Range, Ask(Descriptor(Alice, from.Address, 221, PeerAddress, 10)));
        Assert.Equal(DvkError.ProcessStatus, Ask(Descriptor(Alice, from.Address, Bob, to.Address, 10)));
        Assert.True(Ask(Descriptor(Alice, from.Address, 8, PeerAddress, 10)) < DvkError.Ok);
        Assert.Equal(DvkError.BadCall, user.Call(() => Device.Copy(Descriptor(LocalUser, mine.Address, Peer, PeerAddress, 10))));
        FetchNothing();
    }

    [Fact]
    public void Copy_from_here_to_the_peer_goes_piece_by_piece()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        new Random(2).NextBytes(buffer.Span);
        var copy = alice.Start(() => Device.Copy(Descriptor(Alice, buffer.Address, Peer, PeerAddress, BlockLength)));
        for (var offset = 0; offset < BlockLength;)
        {
            var (header, payload) = Fetch(CommandCode.CopyInData);
            Assert.Equal((Alice, Peer, PeerNode), (header.SourceEndpoint, header.DestinationEndpoint, header.DestinationNode));
            Assert.Equal(Math.Min(65_536, BlockLength - offset), header.PayloadLength);
            Assert.Equal(header.PayloadLength, header.Copy.Length);
            Assert.Equal((Alice, Peer, Alice), (header.Copy.SourceEndpoint, header.Copy.DestinationEndpoint, header.Copy.RequesterEndpoint));
            Assert.Equal((buffer.Address + (uint)offset, PeerAddress + (uint)offset), (header.Copy.SourceAddress, header.Copy.DestinationAddress));
            Assert.True(buffer.Span.Slice(offset, payload.Length).SequenceEqual(payload));
            FetchNothing();
            Assert.False(copy.IsCompleted);
            Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.CopyInAck, payload.Length)));
            offset += payload.Length;
        }

        Assert.Equal(DvkError.Ok, DriverThread.Finish(copy));
        FetchNothing();
    }

    [Fact]
    public void A_copy_ends_with_the_peers_error()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        var copy = alice.Start(() => Device.Copy(Descriptor(Alice, buffer.Address, Peer, PeerAddress, BlockLength)));
        Assert.Equal(DvkError.Ok, Put(Answer(Fetch(CommandCode.CopyInData).Header, CommandCode.CopyInAck, (int)DvkError.Fault)));
        Assert.Equal(DvkError.Fault, DriverThread.Finish(copy));
        FetchNothing();
        copy = alice.Start(() => Device.Copy(Descriptor(Peer, PeerAddress, Alice, buffer.Address, 10)));
        Assert.Equal(DvkError.Ok, Put(Answer(Fetch(CommandCode.CopyOutRequest).Header, CommandCode.CopyOutData, (int)DvkError.Fault)));
        Assert.Equal(DvkError.Fault, DriverThread.Finish(copy));
    }

    [Fact]
    public void Copy_from_the_peer_to_here_asks_for_each_piece()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        var content = new byte[BlockLength];
        new Random(3).NextBytes(content);
        var copy = alice.Start(() => Device.Copy(Descriptor(Peer, PeerAddress, Alice, buffer.Address, BlockLength)));
        for (var offset = 0; offset < BlockLength;)
        {
            var (header, payload) = Fetch(CommandCode.CopyOutRequest);
            Assert.Equal((Alice, Peer, PeerNode, 0), (header.SourceEndpoint, header.DestinationEndpoint, header.DestinationNode, payload.Length));
            Assert.Equal(PeerAddress + (uint)offset, header.Copy.SourceAddress);
            var length = header.Copy.Length;
            var data = Answer(header, CommandCode.CopyOutData) with { PayloadLength = length };
            Assert.Equal(DvkError.Ok, Put(data, content[offset..(offset + length)]));
            offset += length;
        }

        Assert.Equal(DvkError.Ok, DriverThread.Finish(copy));
        Assert.True(buffer.Span.SequenceEqual(content));
    }

    [Fact]
    public void Copy_between_two_processes_of_the_peer_is_asked_of_it()
    {
        Connect();
        Remote(Peer);
        Remote(OtherPeer);
        var alice = Local(Alice);
        var copy = alice.Start(() => Device.Copy(Descriptor(Peer, PeerAddress, OtherPeer, PeerAddress, 10)));
        var (header, payload) = Fetch(CommandCode.CopyLocalRequest);
        Assert.Equal((PeerNode, OtherPeer, Alice), (header.DestinationNode, header.DestinationEndpoint, header.Copy.RequesterEndpoint));
        Assert.Equal((10, 0), (header.Copy.Length, payload.Length));
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.CopyLocalAck, 10)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(copy));
    }

    [Fact]
    public void Copy_between_two_other_nodes_is_asked_of_the_sources()
    {
        Connect();
        Remote(Peer);
        var (_, otherReceiver) = ConnectSecondPeer();
        Remote(OtherPeer, 2);
        var alice = Local(Alice);
        var copy = alice.Start(() => Device.Copy(Descriptor(Peer, PeerAddress, OtherPeer, PeerAddress, 10)));
        var (header, _) = Fetch(CommandCode.CopyRemoteRequest);
        Assert.Equal((PeerNode, Alice), (header.DestinationNode, header.Copy.RequesterEndpoint));
        var ack = Answer(header, CommandCode.CopyRemoteAck, 10) with { SourceEndpoint = OtherPeer, SourceNode = 2 };
        Assert.Equal(DvkError.Ok, otherReceiver.Call(() => Device.PutToLocal(ack, [])));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(copy));
    }

    [Fact]
    public void A_block_of_the_peer_lands_in_a_process_whether_it_waits_or_not()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        var block = new byte[1_000];
        new Random(4).NextBytes(block);
        var header = Command(CommandCode.CopyInData);
        header.PayloadLength = block.Length;
        header.Copy = Descriptor(Peer, PeerAddress, Alice, buffer.Address + 5, block.Length) with { RequesterEndpoint = Peer };
        foreach (var receives in new[] { false, true })
        {
            buffer.Span.Clear();
            var receive = receives ? StartReceive(Device, alice) : null;
            if (receives)
            {
                AwaitReceiving(Alice);
            }

            Assert.Equal(DvkError.Ok, Put(header, block));
            var (ack, _) = Fetch(CommandCode.CopyInAck);
            Assert.Equal((block.Length, Alice, Peer), (ack.ResultCode, ack.SourceEndpoint, ack.DestinationEndpoint));
            Assert.Equal((alice.Id, header.Copy), (ack.ProcessId, ack.Copy));
            Assert.True(buffer.Span.Slice(5, block.Length).SequenceEqual(block));
            if (receive is not null)
            {
                Assert.False(receive.IsCompleted);
                Device.Interrupt(alice.Id);
                Assert.Equal(DvkError.Interrupted, DriverThread.Finish(receive).Error);
            }
        }
    }

    [Fact]
    public void What_goes_wrong_in_a_copy_for_the_peer_is_told_to_the_peer_alone()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        Assert.Equal(BlockLength, Buffer(alice).Length);
        var header = Command(CommandCode.CopyInData) with { PayloadLength = 4 };
        header.Copy = Descriptor(Peer, PeerAddress, Alice, BadAddress, 4) with { RequesterEndpoint = Peer };
        Assert.Equal(DvkError.Ok, Put(header, new byte[4]));
        Assert.Equal((int)DvkError.Fault, Fetch(CommandCode.CopyInAck).Header.ResultCode);
        var request = Command(CommandCode.CopyOutRequest);
        request.Copy = Descriptor(Alice, BadAddress, Peer, PeerAddress, 4) with { RequesterEndpoint = Peer };
        Assert.Equal(DvkError.Ok, Put(request));
        Assert.Equal(DvkError.Fault, TryFetch().Error);
        FetchNothing();
    }

    [Fact]
    public void A_block_longer_than_the_pair_carries_is_refused()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var header = Command(CommandCode.CopyInData) with { PayloadLength = 65_537 };
        header.Copy = Descriptor(Peer, PeerAddress, Alice, Buffer(alice).Address, 65_537) with { RequesterEndpoint = Peer };
        Assert.Equal(DvkError.Range, Put(header, new byte[65_537]));
        FetchNothing();
    }

    [Fact]
    public void The_peer_gets_a_block_of_a_process_that_receives()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        new Random(5).NextBytes(buffer.Span);
        var receive = StartReceive(Device, alice);
        AwaitReceiving(Alice);
        var header = Command(CommandCode.CopyOutRequest);
        header.Copy = Descriptor(Alice, buffer.Address, Peer, PeerAddress, 2_000) with { RequesterEndpoint = Peer };
        Assert.Equal(DvkError.Ok, Put(header));
        var (data, payload) = Fetch(CommandCode.CopyOutData);
        Assert.Equal((0, Alice, Peer, 2_000), (data.ResultCode, data.SourceEndpoint, data.DestinationEndpoint, data.PayloadLength));
        Assert.Equal(header.Copy, data.Copy);
        Assert.True(buffer.Span[..2_000].SequenceEqual(payload));
        Device.Interrupt(alice.Id);
        DriverThread.Finish(receive);
    }

    [Fact]
    public void The_peer_has_two_processes_of_this_node_copy()
    {
        Connect();
        Remote(Peer);
        var (alice, bob) = (Local(Alice), Local(Bob));
        var (from, to) = (Buffer(alice), Buffer(bob));
        new Random(6).NextBytes(from.Span);
        var receives = new[] { StartReceive(Device, alice), StartReceive(Device, bob) };
        AwaitReceiving(Alice);
        AwaitReceiving(Bob);
        var header = Command(CommandCode.CopyLocalRequest, Peer, Bob);
        header.Copy = Descriptor(Alice, from.Address, Bob, to.Address, 3_000) with { RequesterEndpoint = Peer };
        Assert.Equal(DvkError.Ok, Put(header));
        Assert.Equal(3_000, Fetch(CommandCode.CopyLocalAck).Header.ResultCode);
        Assert.True(from.Span[..3_000].SequenceEqual(to.Span[..3_000]));
        Device.Interrupt(alice.Id);
        Device.Interrupt(bob.Id);
        Assert.All(receives, r => Assert.Equal(DvkError.Interrupted, DriverThread.Finish(r).Error));
    }

    [Fact]
    public void A_copy_between_nodes_passes_through_the_sources_node()
    {
        // The requester is on node 1, the source here, the destination on node 2: the block goes on as COPYIN_RQST. Where the endpoint belongs, the
        // driver puts the number of the destination's node; the proxy mends it.
        Connect();
        Remote(Peer);
        var (otherSender, _) = ConnectSecondPeer();
        Remote(OtherPeer, 2);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        new Random(7).NextBytes(buffer.Span);
        var receive = StartReceive(Device, alice);
        AwaitReceiving(Alice);
        var header = Command(CommandCode.CopyRemoteRequest);
        header.Copy = Descriptor(Alice, buffer.Address, OtherPeer, PeerAddress, 4_000) with { RequesterEndpoint = Peer };
        Assert.Equal(DvkError.Ok, Put(header));
        var (error, request, payload) = TryFetch(by: otherSender);
        Assert.Equal((DvkError.Ok, CommandCode.CopyInRequest), (error, request.Command));
        Assert.Equal((4_000, header.Copy), (request.PayloadLength, request.Copy));
        Assert.Equal((Alice, 2, 2), (request.SourceEndpoint, request.DestinationEndpoint, request.DestinationNode));
        Assert.True(buffer.Span[..4_000].SequenceEqual(payload));
        Device.Interrupt(alice.Id);
        DriverThread.Finish(receive);
    }

    [Fact]
    public void A_copy_between_nodes_is_acknowledged_by_the_destinations_node()
    {
        Connect();
        Remote(Peer);
        Remote(OtherPeer);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        var block = new byte[4_000];
        new Random(8).NextBytes(block);
        var receive = StartReceive(Device, alice);
        AwaitReceiving(Alice);
        var header = Command(CommandCode.CopyInRequest, Peer, Alice);
        header.PayloadLength = block.Length;
        header.Copy = Descriptor(Peer, PeerAddress, Alice, buffer.Address, block.Length) with { RequesterEndpoint = OtherPeer };
        Assert.Equal(DvkError.Ok, Put(header, block));
        var (ack, _) = Fetch(CommandCode.CopyRemoteAck);
        Assert.Equal((block.Length, OtherPeer), (ack.ResultCode, ack.DestinationEndpoint));
        Assert.True(buffer.Span[..block.Length].SequenceEqual(block));
        Device.Interrupt(alice.Id);
        DriverThread.Finish(receive);
    }

    private (DriverThread Sender, DriverThread Receiver) ConnectSecondPeer()
    {
        const int Node = 2;
        var (sender, receiver) = (Thread("sender2"), Thread("receiver2"));
        Device.BindProxies("node2", Node, sender.Id, receiver.Id, 65_536);
        Device.NodeUp("node2", Node, Node);
        Device.AddNode(Dc, Node);
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(Node, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(Node, ProxyConnectionChange.ReceiverConnected));
        return (sender, receiver);
    }

    private DvkBuffer Buffer(DriverThread process) => process.Call(() => Device.AllocateBuffer(BlockLength));

    private static CopyDescriptor Descriptor(int source, ulong from, int destination, ulong to, int length) => new()
    {
        SourceEndpoint = source,
        SourceAddress = from,
        DestinationEndpoint = destination,
        DestinationAddress = to,
        Length = length,
    };
}
