using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Device.Contract;

public abstract partial class DvkDeviceContract
{
    [Fact]
    public void Messages_of_the_driver_itself_have_the_data_model_that_it_names()
    {
        StartDc();
        var (alice, bob) = (Local(Alice), Local(Bob));
        Assert.Equal(IntPtr.Size == sizeof(long) ? DataModel.Lp64 : DataModel.Ilp32, Device.DataModel);
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Notify(WellKnownEndpoint.Self, Bob, -1)));
        var (error, message) = DriverThread.Finish(StartReceive(Device, bob));
        Assert.Equal(DvkError.Ok, error);
        var time = MessageM9.Read(in message, Device.DataModel).T1.ToDateTimeOffset();
        Assert.InRange(time, before, DateTimeOffset.UtcNow.AddSeconds(1));
    }

    [Fact]
    public void Send_here_is_received_here()
    {
        StartDc();
        var (alice, bob) = (Local(Alice), Local(Bob));
        var receive = StartReceive(Device, bob);
        AwaitReceiving(Bob);
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Send(Bob, Text(1), -1)));
        AssertText(receive, Alice, 1);
        var send = alice.Start(() => Device.Send(Bob, Text(2), -1));
        AwaitStatus(Alice, ProcessStatus.Sending);
        Assert.Equal(Bob, Device.GetProcessInfo(Dc, Alice).SendsTo);
        AssertText(StartReceive(Device, bob, Alice), Alice, 2);
        Assert.Equal(DvkError.Ok, DriverThread.Finish(send));
    }

    [Fact]
    public void Sendrec_here_is_replied_here()
    {
        StartDc();
        var (alice, bob) = (Local(Alice), Local(Bob));
        foreach (var receivesFirst in new[] { true, false })
        {
            var receive = receivesFirst ? StartReceive(Device, bob) : null;
            if (receivesFirst)
            {
                AwaitReceiving(Bob);
            }

            var exchange = StartSendReceive(Device, alice, Bob, Text(1));
            AwaitReceiving(Alice);
            AssertText(receive ?? bob.Start(() => (Device.ReceiveRequest(out var m, -1), m)), Alice, 1);
            Assert.Equal(DvkError.Ok, bob.Call(() => Device.Reply(Alice, Text(2), -1)));
            AssertText(exchange, Bob, 2);
        }

        Assert.Equal(DvkError.ProcessStatus, bob.Call(() => Device.Reply(Alice, Text(3), -1)));
    }

    [Fact]
    public void Rcvrqst_takes_messages_but_no_notifications()
    {
        Connect();
        Remote(Peer);
        var (alice, bob) = (Local(Alice), Local(Bob));
        Assert.Equal(DvkError.Ok, bob.Call(() => Device.Notify(WellKnownEndpoint.Self, Alice, 0)));
        Assert.Equal(DvkError.Again, alice.Call(() => Device.ReceiveRequest(out _, 0)));
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage, Peer, Alice)));
        Assert.Equal((DvkError.Ok, Peer), alice.Call(() => (Device.ReceiveRequest(out var m, 0), m.Source)));
        var exchange = StartSendReceive(Device, bob, Alice, Text(1));
        AssertText(alice.Start(() => (Device.ReceiveRequest(out var m, -1), m)), Bob, 1);
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Reply(Bob, Text(2), -1)));
        AssertText(exchange, Alice, 2);
        Assert.Equal(0x1000 + Bob, alice.Call(() => (Device.Receive(WellKnownEndpoint.Any, out var m, 0), m)).m.Type);
    }

    [Fact]
    public void Notify_here_wakes_or_stays_pending()
    {
        StartDc();
        var (alice, bob) = (Local(Alice), Local(Bob));
        var receive = StartReceive(Device, bob);
        AwaitReceiving(Bob);
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Notify(WellKnownEndpoint.Self, Bob, -1)));
        Assert.Equal((Alice, 0x1000 + Alice), (DriverThread.Finish(receive).Message.Source, DriverThread.Finish(receive).Message.Type));
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Notify(WellKnownEndpoint.Self, Bob, -1)));
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Notify(WellKnownEndpoint.Self, Bob, 7)));
        receive = StartReceive(Device, bob);
        Assert.Equal((DvkError.Ok, 0x1000 + Alice), (DriverThread.Finish(receive).Error, DriverThread.Finish(receive).Message.Type));
        Assert.True(DriverThread.Finish(receive).Message.Body.ReadOnlyBytes[..8].IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(DvkError.Again, DriverThread.Finish(StartReceive(Device, bob, timeoutMilliseconds: 0)).Error);
    }

    [Fact]
    public void Calls_say_what_is_wrong()
    {
        Connect();
        var stranger = Thread("stranger");
        Assert.Equal(DvkError.NotBind, stranger.Call(() => Device.Send(Alice, default, 0)));
        var (alice, bob) = (Local(Alice), Local(Bob));
        const int Nobody = 8;
        Assert.Equal(DvkError.DestinationDied, alice.Call(() => Device.Send(Nobody, default, 0)));
        Assert.Equal(DvkError.DestinationDied, alice.Call(() => Device.Reply(Nobody, default, 0)));
        Assert.Equal(DvkError.DeadSourceDestination, alice.Call(() => SendReceive(Nobody)));
        Assert.Equal(DvkError.TrapDenied, alice.Call(() => Device.Notify(WellKnownEndpoint.Self, Nobody, 0)));
        Assert.Equal(DvkError.SourceDied, alice.Call(() => Device.Receive(Nobody, out _, 0)));
        foreach (var endpoint in new[] { 221, -36, WellKnownEndpoint.Any, WellKnownEndpoint.None, WellKnownEndpoint.Self })
        {
            Assert.Equal(DvkError.Range, alice.Call(() => Device.Send(endpoint, default, 0)));
        }

        Assert.Equal(DvkError.BadDestination, alice.Call(() => Device.Send(-1, default, 0)));
        Assert.Equal(DvkError.BadDestination, alice.Call(() => Device.Send(Alice, default, 0)));
        Assert.Equal(DvkError.Endpoint, alice.Call(() => SendReceive(Alice)));
        Assert.Equal(DvkError.ProcessStatus, alice.Call(() => Device.Reply(Bob, default, 0)));
        Assert.Equal(ProcessStatus.Runnable, Device.GetProcessInfo(Dc, Alice).Status);
        Assert.Equal(bob.Id, Device.GetProcessInfo(Dc, Bob).LinuxProcessId);
    }

    [Fact]
    public void A_receive_or_notification_of_oneself_or_out_of_range_is_refused_and_nothing_is_stuck()
    {
        StartDc();
        var alice = Local(Alice);
        Assert.Equal(DvkError.Endpoint, alice.Call(() => Device.Receive(Alice, out _, -1)));
        Assert.Equal(DvkError.Endpoint, alice.Call(() => Device.Receive(WellKnownEndpoint.Self, out _, -1)));
        Assert.Equal(DvkError.Range, alice.Call(() => Device.Receive(WellKnownEndpoint.None, out _, -1)));
        Assert.Equal(DvkError.Range, alice.Call(() => Device.Receive(221, out _, -1)));
        Assert.Equal(DvkError.Range, alice.Call(() => Device.Receive(-36, out _, -1)));
        Assert.Equal(DvkError.Endpoint, alice.Call(() => Device.Notify(WellKnownEndpoint.Self, Alice, 0)));
        Assert.Equal(DvkError.Range, alice.Call(() => Device.Notify(WellKnownEndpoint.Self, 221, 0)));
        Assert.Equal(DvkError.Locked, alice.Call(() => Device.WaitForBind(WaitForBindKind.Unbind, Alice, 100, out _)));
        Assert.Equal(DvkError.Again, alice.Call(() => Device.Receive(WellKnownEndpoint.Any, out _, 0)));
    }

    [Fact]
    public void A_call_that_is_not_to_wait_says_try_again_and_one_that_waited_timed_out()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        Local(Bob);
        foreach (var (timeout, error) in new[] { (0, DvkError.Again), (10, DvkError.TimedOut) })
        {
            Assert.Equal(error, alice.Call(() => Device.Send(Bob, default, timeout)));
            Assert.Equal(error, alice.Call(() => Device.Send(Peer, default, timeout)));
            Assert.Equal(error, alice.Call(() => SendReceive(Bob, timeout)));
            Assert.Equal(error, alice.Call(() => SendReceive(Peer, timeout)));
            Assert.Equal(error, alice.Call(() => Device.Reply(Peer, default, timeout)));
            Assert.Equal(error, alice.Call(() => Device.Receive(WellKnownEndpoint.Any, out _, timeout)));
            Assert.Equal(error, alice.Call(() => Device.ReceiveRequest(out _, timeout)));
        }

        FetchNothing();
    }

    [Fact]
    public void A_user_process_makes_requests_and_nothing_else()
    {
        Connect();
        Remote(RemoteUser);
        var (user, other) = (Local(LocalUser), Local(LocalUser + 2));
        var alice = Local(Alice);
        Assert.Equal(DvkError.BadCall, user.Call(() => Device.Send(Alice, default, 0)));
        Assert.Equal(DvkError.BadCall, user.Call(() => Device.Reply(Alice, default, 0)));
        Assert.Equal(DvkError.BadCall, user.Call(() => Device.Notify(WellKnownEndpoint.Self, Alice, 0)));
        Assert.Equal(DvkError.BadCall, user.Call(() => Device.Receive(WellKnownEndpoint.Any, out _, 0)));
        Assert.Equal(DvkError.BadCall, user.Call(() => Device.ReceiveRequest(out _, 0)));
        Assert.Equal(DvkError.Again, user.Call(() => SendReceive(LocalUser + 2, 0)));
        Assert.Equal(DvkError.Again, user.Call(() => SendReceive(RemoteUser, 0)));
        Assert.NotEqual(user.Id, other.Id);
        var exchange = StartSendReceive(Device, user, Alice, Text(1));
        AssertText(StartReceive(Device, alice), LocalUser, 1);
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Reply(LocalUser, Text(2), 0)));
        AssertText(exchange, Alice, 2);
    }

    [Fact]
    public void Two_processes_that_send_to_each_other_wait_their_time()
    {
        StartDc();
        var (alice, bob) = (Local(Alice), Local(Bob));
        var send = alice.Start(() => Device.Send(Bob, Text(1), -1));
        AwaitStatus(Alice, ProcessStatus.Sending);
        Assert.Equal(DvkError.TimedOut, bob.Call(() => Device.Send(Alice, Text(2), 10)));
        AssertText(StartReceive(Device, bob), Alice, 1);
        Assert.Equal(DvkError.Ok, DriverThread.Finish(send));
    }

    [Fact]
    public void Who_waits_for_a_process_that_unbinds_hears_of_it()
    {
        StartDc();
        var (alice, bob, carol) = (Local(Alice), Local(Bob), Local(7));
        var send = alice.Start(() => Device.Send(Bob, Text(1), -1));
        AwaitStatus(Alice, ProcessStatus.Sending);
        var receive = StartReceive(Device, carol, Bob);
        AwaitReceiving(7);
        Assert.Equal(DvkError.Ok, bob.Call(() => Device.TryUnbind(Dc, Bob, 0)));
        Assert.Equal(DvkError.DestinationDied, DriverThread.Finish(send));
        Assert.Equal(DvkError.SourceDied, DriverThread.Finish(receive).Error);
    }

    [Fact]
    public void A_request_to_a_process_that_unbinds_has_an_error_of_its_own()
    {
        StartDc();
        var (alice, bob) = (Local(Alice), Local(Bob));
        var exchange = StartSendReceive(Device, alice, Bob, Text(1));
        AssertText(StartReceive(Device, bob), Alice, 1);
        Assert.Equal(DvkError.Ok, bob.Call(() => Device.TryUnbind(Dc, Bob, 0)));
        Assert.Equal(DvkError.DeadSourceDestination, DriverThread.Finish(exchange).Error);
    }

    [Fact]
    public void Send_to_the_peer_ends_with_its_acknowledgement()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var send = alice.Start(() => Device.Send(Peer, Text(7), -1));
        var (header, payload) = Fetch(CommandCode.SendMessage);
        Assert.Empty(payload);
        Assert.Equal((Dc, Alice, Peer, LocalNode, PeerNode), (header.DcId, header.SourceEndpoint, header.DestinationEndpoint, header.SourceNode, header.DestinationNode));
        Assert.Equal((CommandFlags.None, 0UL, 0UL, 0), (header.Flags, header.SendSequence, header.AcknowledgeSequence, header.BatchCount));
        Assert.Equal((Alice, 7), (header.Message.Source, header.Message.Type));
        Assert.Equal(Text(7).Body, header.Message.Body);
        Assert.Equal(0, header.PayloadLength);
        FetchNothing();
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.SendAck)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(send));
        Assert.Equal(ProcessStatus.Runnable, Device.GetProcessInfo(Dc, Alice).Status);
    }

    [Fact]
    public void Sendrec_to_the_peer_ends_with_its_reply()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var exchange = StartSendReceive(Device, alice, Peer, Text(1));
        var (header, _) = Fetch(CommandCode.SendReceiveMessage);
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.ReplyMessage) with { Message = Text(2) }));
        AssertText(exchange, Peer, 2);
        Assert.Equal((0, Peer), (Fetch(CommandCode.SendAck).Header.ResultCode, Peer));
        exchange = StartSendReceive(Device, alice, Peer, Text(1));
        (header, _) = Fetch(CommandCode.SendReceiveMessage);
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.SendAck, (int)DvkError.DestinationDied)));
        Assert.Equal(DvkError.DestinationDied, DriverThread.Finish(exchange).Error);
    }

    [Fact]
    public void A_message_of_the_peer_is_acknowledged_when_received()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var receive = StartReceive(Device, alice);
        AwaitReceiving(Alice);
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage) with { Message = Text(5) }));
        AssertText(receive, Peer, 5);
        AssertSendAck();
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage) with { Message = Text(6) }));
        FetchNothing();
        AssertText(StartReceive(Device, alice, Peer), Peer, 6);
        AssertSendAck();
    }

    [Fact]
    public void A_request_of_the_peer_is_replied()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendReceiveMessage) with { Message = Text(5) }));
        AssertText(StartReceive(Device, alice), Peer, 5);
        FetchNothing();
        var reply = alice.Start(() => Device.Reply(Peer, Text(6), -1));
        var (header, _) = Fetch(CommandCode.ReplyMessage);
        Assert.Equal((Alice, Peer, 6, Alice), (header.SourceEndpoint, header.DestinationEndpoint, header.Message.Type, header.Message.Source));
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.SendAck)));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(reply));
        Assert.Equal((ProcessStatus.Remote, ProcessMiscFlags.SendReceive), (Device.GetProcessInfo(Dc, Peer).Status, Device.GetProcessInfo(Dc, Peer).MiscFlags));
    }

    [Fact]
    public void A_reply_that_nobody_asked_for_goes_out_and_the_peer_decides()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var reply = alice.Start(() => Device.Reply(Peer, Text(7), -1));
        var (header, _) = Fetch(CommandCode.ReplyMessage);
        Assert.Equal(DvkError.BadRequest, Put(Answer(header, CommandCode.ReplyAck)));
        Assert.Equal(DvkError.Ok, Put(Answer(header, CommandCode.SendAck, (int)DvkError.ProcessStatus)));
        Assert.Equal(DvkError.ProcessStatus, DriverThread.Finish(reply));
    }

    [Fact]
    public void A_reply_that_nobody_waits_for_waits_to_be_received()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.ReplyMessage)));
        FetchNothing();
        Assert.Equal((DvkError.Ok, Peer), alice.Call(() => (Device.Receive(WellKnownEndpoint.Any, out var m, 0), m.Source)));
        AssertSendAck();
    }

    [Fact]
    public void Notify_to_the_peer_waits_only_for_the_sender_proxy()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var notify = alice.Start(() => Device.Notify(WellKnownEndpoint.Self, Peer, 3));
        AwaitStatus(Alice, ProcessStatus.RemoteOperation);
        Assert.False(notify.IsCompleted);
        var (header, _) = Fetch(CommandCode.NotifyMessage);
        Assert.Equal((Alice, Peer, 3), (header.SourceEndpoint, header.DestinationEndpoint, header.ResultCode));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(notify));
    }

    [Fact]
    public void A_notification_of_the_peer_wakes_or_stays_pending()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var notification = Command(CommandCode.NotifyMessage) with { ResultCode = -1, Message = Text(0x1000 + Peer) };
        Assert.Equal(DvkError.Ok, Put(notification));
        var (error, message) = DriverThread.Finish(StartReceive(Device, alice));
        Assert.Equal((DvkError.Ok, Peer, 0x1000 + Peer), (error, message.Source, message.Type));
        Assert.NotEqual(notification.Message.Body, message.Body);
        var receive = StartReceive(Device, alice);
        AwaitReceiving(Alice);
        Assert.Equal(DvkError.Ok, Put(notification));
        AssertText(receive, Peer, 0x1000 + Peer);
        Assert.Equal(DvkError.Privileges, Put(notification with { Message = Text(77) }));
        FetchNothing();
    }

    [Fact]
    public void A_remote_sender_hears_that_its_destination_is_gone()
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        Assert.Equal(DvkError.Ok, Put(Command(CommandCode.SendMessage)));
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.TryUnbind(Dc, Alice, 0)));
        Assert.True(Fetch(CommandCode.SendAck).Header.ResultCode < 0);
    }

    private void AssertSendAck()
    {
        var (ack, _) = Fetch(CommandCode.SendAck);
        Assert.Equal((0, Alice, Peer, PeerNode), (ack.ResultCode, ack.SourceEndpoint, ack.DestinationEndpoint, ack.DestinationNode));
    }

    private DvkError SendReceive(int endpoint, int timeoutMilliseconds = -1)
    {
        Message message = default;
        return Device.SendReceive(endpoint, ref message, timeoutMilliseconds);
    }

    private static void AssertText(Task<(DvkError Error, Message Message)> receive, int source, int type)
    {
        var (error, message) = DriverThread.Finish(receive);
        Assert.Equal((DvkError.Ok, source, type), (error, message.Source, message.Type));
        Assert.True(Text(type).Body.ReadOnlyBytes[..28].SequenceEqual(message.Body.ReadOnlyBytes[..28]));
    }
}
