using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Device.Contract;

public abstract partial class DvkDeviceContract
{
    [Fact]
    public void Put2lcl_checks_in_the_drivers_order()
    {
        BindPair();
        SetConnected();
        var command = Command(CommandCode.SendMessage, Peer, Alice);
        Assert.Equal(DvkError.BadDcId, Put(command with { DcId = 32, SourceEndpoint = 9_999 }));
        Assert.Equal(DvkError.BadDcId, Put(command with { DcId = -1 }));
        Assert.Equal(DvkError.DcNotRunning, Put(command with { SourceEndpoint = 9_999 }));
        StartDc();
        Assert.Equal(DvkError.Range, Put(command with { SourceEndpoint = 9_999 }));
        Assert.Equal(DvkError.Range, Put(command with { DestinationEndpoint = WellKnownEndpoint.Any }));
        Assert.Equal(DvkError.NodeNotInDc, Put(command with { DestinationNode = 2 }));
        Device.AddNode(Dc, PeerNode);
        Assert.Equal(DvkError.NodeNotInDc, Put(command with { SourceNode = 2 }));
        Assert.Equal(DvkError.NodeNotInDc, Put(command with { SourceNode = int.MinValue }));
        Assert.Equal(DvkError.BadNodeId, Put(command with { DestinationNode = 2 }));
        Assert.Equal(DvkError.NotBind, Put(command));
        Remote(Peer);
        Assert.Equal(DvkError.Endpoint, Put(command with { SourceEndpoint = Peer + 35 + WellKnownEndpoint.Self + 1 }));
        Assert.Equal(DvkError.DestinationDied, Put(command));
        Remote(Alice);
        Assert.Equal(DvkError.RemoteProcess, Put(command));
        Assert.Equal(DvkError.Ok, Device.TryUnbind(Dc, Alice, 0));
        Local(Alice);
        Assert.Equal(DvkError.Endpoint, Put(command with { DestinationEndpoint = Alice + 35 + WellKnownEndpoint.Self + 1 }));
        Assert.Equal(DvkError.Ok, Put(command));
        Assert.Equal(DvkError.Enqueued, Put(command));
    }

    [Fact]
    public void Put2lcl_knows_whose_process_the_source_is()
    {
        Connect();
        var (alice, bob) = (Local(Alice), Local(Bob));
        Assert.NotEqual(alice.Id, bob.Id);
        Remote(Peer);
        Assert.Equal(DvkError.LocalProcess, Put(Command(CommandCode.SendMessage, Bob, Alice)));
        Assert.Equal(DvkError.NoNode, Put(Command(CommandCode.SendMessage, Peer, Alice) with { SourceNode = LocalNode }));
        FetchNothing();
    }

    [Fact]
    public void A_user_process_does_not_reach_a_user_process()
    {
        Connect();
        Remote(RemoteUser);
        Remote(Peer);
        Local(LocalUser);
        Assert.Equal(DvkError.TrapDenied, Put(Command(CommandCode.SendMessage, RemoteUser, LocalUser)));
        Assert.Equal((int)DvkError.TrapDenied, Fetch(CommandCode.SendAck).Header.ResultCode);
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage, Peer, LocalUser)));
    }

    [Fact]
    public void Errors_about_the_source_are_not_answered()
    {
        Connect();
        Local(Alice);
        Assert.Equal(DvkError.NotBind, Put(Command(CommandCode.SendMessage)));
        Remote(Peer);
        Assert.Equal(
            DvkError.Endpoint,
            Put(Command(CommandCode.SendMessage) with { SourceEndpoint = Peer + 35 + WellKnownEndpoint.Self + 1 }));
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage)));
        Assert.Equal(DvkError.Enqueued, Put(Command(CommandCode.SendMessage)));
        FetchNothing();
    }

    [Fact]
    public void Nothing_comes_in_the_name_of_a_process_that_waits_to_be_received_not_even_an_acknowledgement()
    {
        Connect();
        Remote(Peer);
        var (alice, bob) = (Local(Alice), Local(Bob));
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage, Peer, Bob)));
        var send = alice.Start(() => Device.Send(Peer, Text(1), -1));
        var (header, _) = Fetch(CommandCode.SendMessage);
        Assert.Equal(DvkError.Enqueued, Put(Answer(header, CommandCode.SendAck)));
        Assert.Equal(DvkError.Ok, bob.Call(() => Device.Receive(Peer, out _, 0)));
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.SendAck)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(send));
    }

    [Theory]
    [InlineData(CommandCode.SendMessage, CommandCode.SendAck)]
    [InlineData(CommandCode.SendReceiveMessage, CommandCode.SendAck)]
    [InlineData(CommandCode.ReplyMessage, CommandCode.SendAck)]
    [InlineData(CommandCode.CopyOutRequest, CommandCode.CopyOutData)]
    [InlineData(CommandCode.CopyLocalRequest, CommandCode.CopyLocalAck)]
    [InlineData(CommandCode.CopyRemoteRequest, CommandCode.CopyRemoteAck)]
    public void Errors_about_the_destination_are_answered_by_the_driver(CommandCode command, CommandCode answer)
    {
        Connect();
        Remote(Peer);
        var header = Command(command, Peer, Alice);
        if (command >= CommandCode.CopyInData)
        {
            header.Copy = new CopyDescriptor { SourceEndpoint = Peer, DestinationEndpoint = Alice, RequesterEndpoint = Peer, Length = 4 };
        }

        Assert.Equal(DvkError.DestinationDied, Put(header));
        var (ack, block) = Fetch(answer);
        Assert.Equal((int)DvkError.DestinationDied, ack.ResultCode);
        Assert.Equal((Alice, Peer, LocalNode, PeerNode), (ack.SourceEndpoint, ack.DestinationEndpoint, ack.SourceNode, ack.DestinationNode));
        Assert.Equal(-1, ack.ProcessId);
        Assert.Empty(block);
        FetchNothing();
    }

    [Fact]
    public void A_block_for_nobody_is_not_acknowledged()
    {
        Connect();
        Remote(Peer);
        var header = Command(CommandCode.CopyInData) with { PayloadLength = 4 };
        header.Copy = new CopyDescriptor { SourceEndpoint = Peer, DestinationEndpoint = Alice, RequesterEndpoint = Peer, Length = 4 };
        Assert.Equal(DvkError.DestinationDied, Put(header, new byte[4]));
        Assert.Equal(DvkError.BadProcess, TryFetch().Error);
        FetchNothing();
    }

    [Theory]
    [InlineData(DvkError.BadDcId)]
    [InlineData(DvkError.DcNotRunning)]
    [InlineData(DvkError.Range)]
    [InlineData(DvkError.BadNodeId)]
    [InlineData(DvkError.NodeNotInDc)]
    public void Commands_that_should_not_have_come_are_not_answered(DvkError error)
    {
        Connect();
        Remote(Peer);
        Local(Alice);
        var command = Command(CommandCode.SendMessage);
        Assert.Equal(error, Put(error switch
        {
            DvkError.BadDcId => command with { DcId = 32 },
            DvkError.DcNotRunning => command with { DcId = 4 },
            DvkError.Range => command with { DestinationEndpoint = 221 },
            DvkError.BadNodeId => command with { DestinationNode = PeerNode },
            _ => command with { SourceNode = 2 },
        }));
        FetchNothing();
    }

    [Fact]
    public void A_copy_between_other_nodes_is_answered_to_its_requester()
    {
        Connect();
        Remote(Peer);
        Remote(OtherPeer);
        var header = Command(CommandCode.CopyInRequest, Peer, Alice);
        header.PayloadLength = 4;
        header.Copy = new CopyDescriptor { SourceEndpoint = Peer, DestinationEndpoint = Alice, RequesterEndpoint = OtherPeer, Length = 4 };
        Assert.Equal(DvkError.DestinationDied, Put(header, new byte[4]));
        var (ack, _) = Fetch(CommandCode.CopyRemoteAck);
        Assert.Equal(((int)DvkError.DestinationDied, OtherPeer, PeerNode), (ack.ResultCode, ack.DestinationEndpoint, ack.DestinationNode));
    }

    [Fact]
    public void Errors_are_not_answered_while_the_sender_is_not_connected()
    {
        Connect();
        Remote(Peer);
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderDisconnected));
        Assert.Equal(DvkError.DestinationDied, Put(Command(CommandCode.SendMessage)));
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        FetchNothing();
    }

    [Theory]
    [InlineData(CommandCode.None)]
    [InlineData(CommandCode.Hello)]
    [InlineData(CommandCode.ProcessUnbind)]
    [InlineData((CommandCode)4711)]
    [InlineData((CommandCode)(-1))]
    public void Unknown_commands_are_refused(CommandCode command)
    {
        Connect();
        Remote(Peer);
        Local(Alice);
        Assert.Equal(DvkError.BadRequest, Put(Command(command)));
        FetchNothing();
    }

    [Fact]
    public void A_stale_binding_gives_way_as_autobind_needs_it()
    {
        Connect();
        ConnectSecondPeer();
        Local(Alice);
        Remote(30, 2);
        var command = Command(CommandCode.SendMessage, 30, Alice);
        Assert.Equal(DvkError.NoNode, Put(command));
        Assert.Equal(DvkError.Ok, Device.TryUnbind(Dc, 30, 0));
        Remote(30);
        Assert.Equal(DvkError.Ok, Put(command));
    }

    [Fact]
    public void Acknowledgements_must_fit_what_is_waited_for()
    {
        Connect();
        Remote(Peer);
        Remote(OtherPeer);
        var alice = Local(Alice);
        Assert.Equal(DvkError.AckDestination, Put(Command(CommandCode.SendAck, Peer, Alice)));
        var send = alice.Start(() => Device.Send(Peer, Text(1), -1));
        var (header, _) = Fetch(CommandCode.SendMessage);
        Assert.Equal(DvkError.AckSource, Put(Command(CommandCode.SendAck, OtherPeer, Alice)));
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.SendAck, (int)DvkError.DestinationDied)));
        Assert.Equal(DvkError.DestinationDied, DriverThread.Finish(send));
        Assert.Equal(DvkError.AckDestination, Put(Answer(header, CommandCode.SendAck)));
        FetchNothing();
    }

    [Fact]
    public void A_block_that_nobody_asked_for_is_refused()
    {
        Connect();
        Remote(Peer);
        Local(Alice);
        var header = Command(CommandCode.CopyOutData);
        header.PayloadLength = 4;
        header.Copy = new CopyDescriptor { SourceEndpoint = Peer, DestinationEndpoint = Alice, RequesterEndpoint = Alice, Length = 4 };
        Assert.Equal(DvkError.ProcessRunning, Put(header, new byte[4]));
        Assert.Equal(DvkError.ProcessRunning, Put(Command(CommandCode.CopyInAck)));
        FetchNothing();
    }
}
