using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Interop;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Device.Contract;

// What comes from somebody who was not asked, and what comes in another's name.
public abstract partial class DvkDeviceContract
{
    [Fact]
    public void A_block_from_another_than_the_process_that_was_asked_is_refused()
    {
        Connect();
        Remote(Peer);
        Remote(OtherPeer);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        var copy = alice.Start(() => Device.Copy(Descriptor(Peer, PeerAddress, Alice, buffer.Address, 4)));
        var (request, _) = Fetch(CommandCode.CopyOutRequest);
        var block = Answer(request, CommandCode.CopyOutData) with { PayloadLength = 4 };

        Assert.Equal(DvkError.AckSource, Put(block with { SourceEndpoint = OtherPeer }, [9, 9, 9, 9]));
        Assert.True(buffer.Span[..4].IndexOfAnyExcept((byte)0) < 0);
        Assert.False(copy.IsCompleted);

        Assert.Equal(DvkError.Ok, Put(block, [1, 2, 3, 4]));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(copy));
        Assert.Equal([1, 2, 3, 4], buffer.Span[..4].ToArray());
    }

    [Fact]
    public void An_acknowledgement_of_a_copy_by_another_or_of_another_copy_is_refused()
    {
        Connect();
        Remote(Peer);
        Remote(OtherPeer);
        var alice = Local(Alice);
        var buffer = Buffer(alice);
        var copy = alice.Start(() => Device.Copy(Descriptor(Alice, buffer.Address, Peer, PeerAddress, 4)));
        var acknowledgement = Answer(Fetch(CommandCode.CopyInData).Header, CommandCode.CopyInAck, 4);

        Assert.Equal(DvkError.AckSource, Put(acknowledgement with { SourceEndpoint = OtherPeer }));
        Assert.Equal(DvkError.ProcessStatus, Put(acknowledgement with { Command = CommandCode.CopyRemoteAck }));
        Assert.Equal(DvkError.ProcessStatus, Put(acknowledgement with { Copy = acknowledgement.Copy with { DestinationAddress = PeerAddress + 1 } }));
        Assert.False(copy.IsCompleted);

        Assert.Equal(DvkError.Ok, Put(acknowledgement));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(copy));
    }

    [Theory]
    [InlineData(1, (int)DvkError.Generic)]
    [InlineData(int.MaxValue, (int)DvkError.Generic)]
    [InlineData(0, (int)DvkError.Ok)]
    [InlineData((int)DvkError.DestinationDied, (int)DvkError.DestinationDied)]
    public void A_positive_result_from_the_wire_is_none(int result, int expected)
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var send = alice.Start(() => Device.Send(Peer, Text(1), -1));

        Assert.Equal(DvkError.Ok, Put(Answer(Fetch(CommandCode.SendMessage).Header, CommandCode.SendAck, result)));

        Assert.Equal((DvkError)expected, DriverThread.Finish(send));
    }

    [Fact]
    public void A_system_process_notifies_in_the_name_of_another_that_is_here_and_a_user_process_does_not()
    {
        Connect();
        Remote(Peer);
        var (alice, bob, user) = (Local(Alice), Local(Bob), Local(LocalUser));
        const int Carol = 7;
        var carol = Local(Carol);

        // Carol stands for whoever notifies: she takes no part.
        Assert.NotEqual(0, carol.Id);
        var receive = StartReceive(Device, bob);
        AwaitReceiving(Bob);
        Assert.Equal(DvkError.BadCall, user.Call(() => Device.Notify(Carol, Bob, 0)));
        Assert.Equal(DvkError.BadProcess, alice.Call(() => Device.Notify(Peer, Bob, 0)));
        Assert.Equal(DvkError.BadProcess, alice.Call(() => Device.Notify(8, Bob, 0)));
        Assert.Equal(DvkError.BadProcess, alice.Call(() => Device.Notify(221, Bob, 0)));
        Assert.False(receive.IsCompleted);

        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Notify(Carol, Bob, 0)));
        var (error, message) = DriverThread.Finish(receive);
        Assert.Equal((DvkError.Ok, Carol, 0x1000 + Carol), (error, message.Source, message.Type));
        Assert.Equal((0UL, 1UL), (Device.GetProcessInfo(Dc, Alice).LocalSent, Device.GetProcessInfo(Dc, Carol).LocalSent));

        // The same where nobody waits, and to the peer.
        Assert.Equal(DvkError.Ok, alice.Call(() => Device.Notify(Carol, Bob, 0)));
        Assert.Equal((DvkError.Again, DvkError.Ok), bob.Call(() => (Device.Receive(Alice, out _, 0), Device.Receive(Carol, out _, 0))));
        var notify = alice.Start(() => Device.Notify(Carol, Peer, 2));
        var (header, _) = Fetch(CommandCode.NotifyMessage);
        Assert.Equal((Carol, Carol, 0x1000 + Carol, 2), (header.SourceEndpoint, header.Message.Source, header.Message.Type, header.ResultCode));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(notify));
    }

    [Fact]
    public void Of_several_notifications_the_one_that_is_asked_for_is_taken_else_that_of_the_lowest_process()
    {
        StartDc();
        var (bob, first, second, third) = (Local(Bob), Local(7), Local(8), Local(9));
        foreach (var notifier in new[] { third, second, first })
        {
            Assert.Equal(DvkError.Ok, notifier.Call(() => Device.Notify(WellKnownEndpoint.Self, Bob, -1)));
        }

        int Take(int from) => bob.Call(() => Device.Receive(from, out var message, 0) == DvkError.Ok ? message.Source : 0);
        Assert.Equal([8, 7, 9, 0], new[] { Take(8), Take(WellKnownEndpoint.Any), Take(WellKnownEndpoint.Any), Take(WellKnownEndpoint.Any) });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(-1)]
    public void The_value_of_a_notification_travels_as_it_is(int value)
    {
        Connect();
        Remote(Peer);
        var alice = Local(Alice);
        var notify = alice.Start(() => Device.Notify(WellKnownEndpoint.Self, Peer, value));

        Assert.Equal(value, Fetch(CommandCode.NotifyMessage).Header.ResultCode);

        Assert.Equal(DvkError.Ok, DriverThread.Finish(notify));
    }

    [Fact]
    public async Task Signals_that_nobody_asked_for_do_not_stretch_a_time_out()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals to threads are a thing of Linux");
        Connect();
        var alice = Local(Alice);

        // The handler of the library's own signal is there once a thread is known to it.
        alice.Call(() => CallerThread.Current.Id);
        Sender.Call(() => CallerThread.Current.Id);
        var receive = StartReceive(Device, alice, timeoutMilliseconds: 300);
        var fetch = Sender.Start(() => Device.GetToRemote(out _, new byte[65_536], 300));
        var limit = System.Diagnostics.Stopwatch.StartNew();
        var both = Task.WhenAll(receive, fetch);
        while (await Task.WhenAny(both, Task.Delay(50)) != both && limit.Elapsed < DriverThread.Limit)
        {
            Libc.SignalThread(alice.Id, InterruptSignal.Number);
            Libc.SignalThread(Sender.Id, InterruptSignal.Number);
        }

        Assert.True(both.IsCompleted, "the calls did not end while the signals came");
        Assert.Equal((DvkError.TimedOut, DvkError.TimedOut), (DriverThread.Finish(receive).Error, DriverThread.Finish(fetch)));
    }
}
