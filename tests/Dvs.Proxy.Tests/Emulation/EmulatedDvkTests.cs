using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.TestDoubles;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Emulation;

/// <summary>What the emulation adds to the contract, or decides where the driver's description leaves it open.</summary>
public sealed class EmulatedDvkTests
{
    [Fact]
    public void A_driver_that_was_not_initialised_says_so()
    {
        using var device = new EmulatedDvk();
        Assert.Equal(-1, device.LocalNodeId);
        Assert.Equal(DvkError.DvsNotInitialised, device.GetToRemote(out _, [], 0));
        Assert.Equal(DvkError.DvsNotInitialised, device.PutToLocal(default, []));
        Assert.Equal(DvkError.DvsNotInitialised, device.Send(1, default, 0));
        Assert.Equal(DvkError.DvsNotInitialised, device.Copy(default));
        Assert.Equal(DvkError.DvsNotInitialised, device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.DvsNotInitialised, device.TryUnbind(0, 1, 0));
        Assert.Equal(DvkError.DvsNotInitialised, device.GetEndpoint(1, out _));
        Assert.Equal(DvkError.DvsNotInitialised, device.WakeUp(0, 1));
        Assert.Equal(DvkError.DvsNotInitialised, Assert.Throws<DvkException>(() => device.ReadView("nodes")).Error);
        Assert.Equal(DvkError.DvsNotInitialised, Assert.Throws<DvkException>(() => device.GetNodeInfo(0)).Error);
        Assert.Equal(DvkError.DvsNotInitialised, Assert.Throws<DvkException>(device.EndDvs).Error);
    }

    [Fact]
    public void Blocked_calls_return_when_the_driver_is_unloaded()
    {
        using var rig = new PeerRig();
        var receive = rig.Alice.Start(() => rig.Device.Receive(WellKnownEndpoint.Any, out _, -1));
        var fetch = rig.Sender.Start(() => rig.Device.GetToRemote(out _, new byte[65_536], -1));
        rig.AwaitStatus(PeerRig.AliceEndpoint, ProcessStatus.Receiving);
        rig.Device.Dispose();
        Assert.Equal(DvkError.DvsNotInitialised, DriverThread.Finish(receive));
        Assert.Equal(DvkError.DvsNotInitialised, DriverThread.Finish(fetch));
    }

    [Fact]
    public void Older_drivers_leave_pid_and_time_empty()
    {
        using var rig = new PeerRig(new EmulatedDvkOptions { FillProcessId = false, FillTimestamp = false });
        var send = rig.Alice.Start(() => rig.Device.Send(PeerRig.PeerEndpoint, default, -1));
        var header = rig.Fetch();
        Assert.Equal(0, header.ProcessId);
        Assert.True(header.Timestamp.IsEmpty);
        Assert.Equal(DvkError.Ok, rig.Device.GetProcessId(0, PeerRig.AliceEndpoint, out var pid));
        Assert.Equal(rig.Alice.Id, pid);
        rig.Device.Interrupt(rig.Alice.Id);
        DriverThread.Finish(send);
    }

    [Fact]
    public void The_clock_given_stamps_the_commands()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddSeconds(1_636_576_677));
        using var rig = new PeerRig(new EmulatedDvkOptions { TimeProvider = clock });
        var send = rig.Alice.Start(() => rig.Device.Send(PeerRig.PeerEndpoint, default, -1));
        var header = rig.Fetch();
        Assert.Equal((1_636_576_677L, rig.Alice.Id), (header.Timestamp.Seconds, header.ProcessId));
        rig.Device.Interrupt(rig.Alice.Id);
        DriverThread.Finish(send);
    }

    [Fact]
    public void A_copy_whose_answer_does_not_come_times_out()
    {
        using var rig = new PeerRig(new EmulatedDvkOptions { CopyPieceTimeout = TimeSpan.FromMilliseconds(50) });
        using var buffer = rig.Alice.Call(() => rig.Device.AllocateBuffer(10));
        var copy = rig.Alice.Start(() => rig.Device.Copy(rig.ToPeer(buffer)));
        var header = rig.Fetch();
        Assert.Equal(DvkError.TimedOut, DriverThread.Finish(copy));
        Assert.Equal(ProcessStatus.Runnable, rig.Device.GetProcessInfo(0, PeerRig.AliceEndpoint).Status);
        var late = rig.Command(CommandCode.CopyInAck) with { Copy = header.Copy };
        Assert.Equal(DvkError.ProcessRunning, rig.Put(late));
    }

    [Fact]
    public void A_buffer_freed_before_the_fetch_fails_its_copy_and_the_fetch_and_no_other_command()
    {
        using var rig = new PeerRig();
        using var bob = rig.Bind(4);
        var buffer = rig.Alice.Call(() => rig.Device.AllocateBuffer(10));
        var copy = rig.Alice.Start(() => rig.Device.Copy(rig.ToPeer(buffer)));
        rig.AwaitStatus(PeerRig.AliceEndpoint, ProcessStatus.RemoteOperation);
        var send = bob.Start(() => rig.Device.Send(PeerRig.PeerEndpoint, default, -1));
        rig.AwaitStatus(4, ProcessStatus.RemoteOperation);
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
        Assert.Equal(DvkError.Fault, rig.Sender.Call(() => rig.Device.GetToRemote(out _, new byte[65_536], 0)));
        Assert.Equal(DvkError.Fault, DriverThread.Finish(copy));
        Assert.Equal(CommandCode.SendMessage, rig.Fetch().Command);
        rig.Device.Interrupt(bob.Id);
        DriverThread.Finish(send);
    }

    [Fact]
    public void Only_whole_ranges_of_offered_memory_are_copied()
    {
        using var rig = new PeerRig();
        using var buffer = rig.Alice.Call(() => rig.Device.AllocateBuffer(10));
        DvkError Ask(CopyDescriptor copy) => rig.Alice.Call(() => rig.Device.Copy(copy));
        var copy = rig.ToPeer(buffer);
        Assert.Equal(DvkError.Fault, Ask(copy with { Length = 11 }));
        Assert.Equal(DvkError.Fault, Ask(copy with { SourceAddress = buffer.Address + 1 }));
        Assert.Equal(DvkError.Fault, Ask(copy with { SourceAddress = buffer.Address - 1 }));
        Assert.Equal(DvkError.Fault, Ask(copy with { SourceAddress = ulong.MaxValue }));
        Assert.Equal(DvkError.BadCall, rig.Bind(100).Call(() => rig.Device.Copy(copy)));
    }

    [Fact]
    public void A_process_in_a_copy_takes_part_in_no_other()
    {
        using var rig = new PeerRig();
        using var bob = rig.Bind(4);
        using var buffer = bob.Call(() => rig.Device.AllocateBuffer(10));
        var receive = bob.Start(() => rig.Device.Receive(WellKnownEndpoint.Any, out _, -1));
        rig.AwaitStatus(4, ProcessStatus.Receiving);
        var copy = rig.Alice.Start(() => rig.Device.Copy(rig.ToPeer(buffer) with { SourceEndpoint = 4 }));
        rig.Fetch();
        using var carol = rig.Bind(7);
        Assert.Equal(DvkError.OnCopy, carol.Call(() => rig.Device.Copy(rig.ToPeer(buffer) with { SourceEndpoint = 4 })));
        var dave = rig.Bind(8);
        using var other = dave.Call(() => rig.Device.AllocateBuffer(10));
        var waiting = dave.Start(() => rig.Device.Receive(WellKnownEndpoint.Any, out _, -1));
        rig.AwaitStatus(8, ProcessStatus.Receiving);
        var copyHere = rig.ToPeer(buffer) with { SourceEndpoint = 4, DestinationEndpoint = 8, DestinationAddress = other.Address };
        var foreign = rig.Command(CommandCode.CopyLocalRequest) with { DestinationEndpoint = 8, Copy = copyHere };
        Assert.Equal(DvkError.Busy, rig.Put(foreign));
        rig.Device.Interrupt(dave.Id);
        DriverThread.Finish(waiting);
        rig.Device.Interrupt(rig.Alice.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(copy));
        Assert.Equal(ProcessStatus.Receiving, rig.Device.GetProcessInfo(0, 4).Status);
        rig.Device.Interrupt(bob.Id);
        DriverThread.Finish(receive);
    }

    [Fact]
    public void Unbinding_a_pair_from_outside_ends_its_threads()
    {
        using var rig = new PeerRig();
        var asked = new List<int>();
        rig.Device.TerminateRequested += (_, e) => asked.Add(e.ThreadId);
        var fetch = rig.Sender.Start(() => rig.Device.GetToRemote(out _, new byte[65_536], -1));
        using var op = new DriverThread(rig.Device, "operator");
        var unbind = op.Start(() =>
        {
            rig.Device.UnbindProxies(1);
            return true;
        });
        Assert.Equal(DvkError.Shutdown, DriverThread.Finish(fetch));
        Assert.Equal(DvkError.Shutdown, rig.Sender.Call(() => rig.Device.GetToRemote(out _, new byte[65_536], -1)));
        Assert.Equal(DvkError.Shutdown, rig.Put(rig.Command(CommandCode.SendMessage)));
        Assert.False(unbind.IsCompleted);
        rig.Receiver.Dispose();
        Assert.True(DriverThread.Finish(unbind));
        Assert.Equal([rig.Receiver.Id], asked);
        Assert.Equal(DvkError.ProxyFree, Assert.Throws<DvkException>(() => rig.Device.UnbindProxies(1)).Error);
        Assert.Equal(NodeFlags.Attached, rig.Device.GetNodeInfo(1).Flags);
    }

    [Fact]
    public void The_end_of_one_proxy_thread_asks_the_other_to_end()
    {
        using var rig = new PeerRig();
        var asked = new List<(int Pair, int Thread)>();
        rig.Device.TerminateRequested += (_, e) => asked.Add((e.ProxyId ?? -1, e.ThreadId));
        rig.Sender.Dispose();
        Assert.Equal([(1, rig.Receiver.Id)], asked);
        rig.Receiver.Dispose();
        Assert.Single(asked);
    }

    [Fact]
    public void Threads_that_die_without_a_word_free_what_they_held()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "threads are seen to die only through Linux's /proc");
        using var device = EmulatedDvk.StartNode(0);
        device.StartDc(new DcInfo { DcId = 0 });
        RunAndDie(() => Assert.Equal(DvkError.Ok, device.TryBind(BindRequest.Self(0, 3), out _)));
        using var next = new DriverThread(device, "next");
        Eventually.True(
            () => next.Call(() => device.TryBind(BindRequest.Self(0, 3), out _)) == DvkError.Ok, "the endpoint of the dead thread is free");

        using var living = new DriverThread(device, "living");
        RunAndDie(() => device.BindProxies("old", 1, device.CurrentThreadId, living.Id, 65_536));
        living.Dispose();
        using var sender = new DriverThread(device, "sender");
        using var receiver = new DriverThread(device, "receiver");
        Eventually.True(
            () =>
            {
                try
                {
                    device.BindProxies("new", 1, sender.Id, receiver.Id, 65_536);
                    return true;
                }
                catch (DvkException refused) when (refused.Error == DvkError.ResourceBusy)
                {
                    return false;
                }
            },
            "the pair whose sender died is free");
    }

    [Fact]
    public void A_refusal_gives_the_advice_that_every_driver_gives()
    {
        using var device = EmulatedDvk.StartNode(0);
        device.StartDc(new DcInfo { DcId = 0 });

        Assert.Equal(DvkAdvice.For(DvkCall.InitializeDvs, DvkError.DvsBusy), Assert.Throws<DvkException>(() => device.InitializeDvs(0, new DvsInfo())).Advice);
        Assert.Equal(
            DvkAdvice.For(DvkCall.StartDc, DvkError.ResourceBusy, dcId: 0), Assert.Throws<DvkException>(() => device.StartDc(new DcInfo { DcId = 0 })).Advice);
        Assert.Equal(DvkAdvice.For(DvkCall.NodeUp, DvkError.ProxyFree, proxyId: 1), Assert.Throws<DvkException>(() => device.NodeUp("node1", 1, 1)).Advice);
        Assert.Equal(DvkAdvice.For(DvkCall.UnbindProxies, DvkError.ProxyFree, proxyId: 1), Assert.Throws<DvkException>(() => device.UnbindProxies(1)).Advice);
        Assert.Equal(DvkAdvice.For(DvkCall.ReadView, DvkError.NoEntry), Assert.Throws<DvkException>(() => device.ReadView("none")).Advice);
    }

    [Fact]
    public void A_thread_may_be_process_and_proxy_of_several_nodes_but_one_of_each()
    {
        using var first = EmulatedDvk.StartNode(0);
        using var second = EmulatedDvk.StartNode(1);
        foreach (var device in new[] { first, second })
        {
            device.StartDc(new DcInfo { DcId = 0 });
        }

        using var thread = new DriverThread(first, "both");
        Assert.Equal(DvkError.Ok, thread.Call(() => first.TryBind(BindRequest.Self(0, 3), out _)));
        Assert.Equal(DvkError.Ok, thread.Call(() => second.TryBind(BindRequest.Self(0, 4), out _)));
        Assert.Equal(DvkError.SlotUsed, thread.Call(() => first.TryBind(BindRequest.Self(0, 5), out _)));
        using var proxy = new DriverThread(first, "proxy");
        Assert.Throws<DvkException>(() => first.BindProxies("p", 1, proxy.Id, thread.Id, 65_536));
        Assert.Equal(DvkError.ProxyFree, Assert.Throws<DvkException>(() => first.GetProxyInfo(1)).Error);
        first.BindProxies("p", 1, proxy.Id, proxy.Id, 65_536);
        Assert.Equal(DvkError.ProxyRunning, proxy.Call(() => first.TryBind(BindRequest.Self(0, 6), out _)));
        thread.Call(() =>
        {
            second.OnThreadExit();
            return true;
        });
    }

    [Fact]
    public void A_dc_ends_when_its_last_local_process_has_gone_which_it_asks_for()
    {
        using var rig = new PeerRig();
        using var bob = rig.Bind(4);
        var asked = new List<(int? Dc, int Thread)>();
        rig.Device.TerminateRequested += (_, e) => asked.Add((e.DcId, e.ThreadId));
        Assert.Equal(DvkError.Locked, rig.Alice.Call(() => Assert.Throws<DvkException>(() => rig.Device.EndDc(0)).Error));
        using var op = new DriverThread(rig.Device, "operator");
        var end = op.Start(() =>
        {
            rig.Device.EndDc(0);
            return true;
        });
        Eventually.True(() => asked.Count == 2, "both processes are asked to end");
        Assert.Equal([(0, rig.Alice.Id), (0, bob.Id)], asked);
        Assert.Equal(DvkError.Ok, rig.Alice.Call(() => rig.Device.TryUnbind(0, PeerRig.AliceEndpoint, 0)));
        Assert.True(rig.Device.GetDcInfo(0).IsRunning);
        Assert.False(end.IsCompleted);
        bob.Dispose();
        Assert.True(DriverThread.Finish(end));
        Assert.False(rig.Device.GetDcInfo(0).IsRunning);
    }

    [Fact]
    public void The_wait_for_the_end_of_a_dc_can_be_interrupted()
    {
        using var rig = new PeerRig();
        using var op = new DriverThread(rig.Device, "operator");
        var end = op.Start(() => Assert.Throws<DvkException>(() => rig.Device.EndDc(0)).Error);
        rig.Device.Interrupt(op.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(end));
        Assert.True(rig.Device.GetDcInfo(0).IsRunning);
    }

    [Fact]
    public void A_wake_up_ends_a_wait()
    {
        using var rig = new PeerRig();
        var receive = rig.Alice.Start(() => rig.Device.Receive(WellKnownEndpoint.Any, out _, -1));
        rig.AwaitStatus(PeerRig.AliceEndpoint, ProcessStatus.Receiving);
        Assert.Equal(DvkError.NotBind, rig.Device.WakeUp(0, 9));
        Assert.Equal(DvkError.Ok, rig.Device.WakeUp(0, PeerRig.AliceEndpoint));
        Assert.Equal(DvkError.WokenUp, DriverThread.Finish(receive));
    }

    [Fact]
    public void A_process_that_nobody_answers_lingers_and_can_be_unbound()
    {
        using var device = EmulatedDvk.StartNode(0);
        device.StartDc(new DcInfo { DcId = 0, WarnEndpoint = 3, WarnMessageType = 77 });
        using var warned = new DriverThread(device, "warned");
        var ending = new DriverThread(device, "ending");
        Assert.Equal(DvkError.Ok, warned.Call(() => device.TryBind(BindRequest.Self(0, 3), out _)));
        Assert.Equal(DvkError.Ok, ending.Call(() => device.TryBind(BindRequest.Self(0, 4), out _)));
        ending.Dispose();
        Assert.Equal(ProcessMiscFlags.Ending, device.GetProcessInfo(0, 4).MiscFlags);
        Assert.Equal((DvkError.Ok, 77), warned.Call(() => (device.Receive(4, out var message, 0), message.Type)));
        Assert.Equal(DvkError.Ok, device.TryUnbind(0, 4, 0));
        Assert.Equal(ProcessStatus.SlotFree, device.GetProcessInfo(0, 4).Status);
        Assert.Equal(DvkError.DestinationDied, warned.Call(() => device.Reply(4, default, 0)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(WellKnownEndpoint.None)]
    public void Strictly_as_the_real_driver_a_thread_does_not_return_after_a_receive_from_itself_or_nobody(int endpoint)
    {
        using var rig = new PeerRig(new EmulatedDvkOptions { StrictlyAsReal = true });
        Assert.True(rig.Alice.Call(() => rig.Device.Receive(endpoint, out _, 0)) < DvkError.Ok);
        var stuck = rig.Alice.Start(() => rig.Device.Receive(WellKnownEndpoint.Any, out _, 0));
        rig.Device.Interrupt(rig.Alice.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(stuck));
    }

    [Fact]
    public void Strictly_as_the_real_driver_a_limited_wait_for_an_unbind_has_no_limit()
    {
        using var rig = new PeerRig(new EmulatedDvkOptions { StrictlyAsReal = true });
        var wait = rig.Alice.Start(() => rig.Device.WaitForBind(WaitForBindKind.Unbind, PeerRig.PeerEndpoint, 1, out _));
        rig.Device.Interrupt(rig.Alice.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(wait));
    }

    [Fact]
    public void Strictly_as_the_real_driver_a_third_partys_copy_ends_the_receive_of_its_source()
    {
        using var rig = new PeerRig(new EmulatedDvkOptions { StrictlyAsReal = true });
        var (bob, carol) = (rig.Bind(4), rig.Bind(7));
        using var from = bob.Call(() => rig.Device.AllocateBuffer(10));
        using var to = carol.Call(() => rig.Device.AllocateBuffer(10));
        var receives = new[] { bob, carol }.Select(process => process.Start(() => rig.Device.Receive(WellKnownEndpoint.Any, out _, -1))).ToArray();
        rig.AwaitStatus(4, ProcessStatus.Receiving);
        rig.AwaitStatus(7, ProcessStatus.Receiving);
        var copy = new CopyDescriptor { SourceEndpoint = 4, SourceAddress = from.Address, DestinationEndpoint = 7, DestinationAddress = to.Address, Length = 10 };
        Assert.Equal(DvkError.Ok, rig.Alice.Call(() => rig.Device.Copy(copy)));
        Assert.Equal(DvkError.UserToUser, DriverThread.Finish(receives[0]));
        Assert.False(receives[1].IsCompleted);
        rig.Device.Interrupt(carol.Id);
        DriverThread.Finish(receives[1]);
    }

    [Fact]
    public void Limits_come_from_the_dvs()
    {
        using var device = EmulatedDvk.StartNode(1, new DvsInfo { MaxNodes = 2, MaxDcs = 1, MaxProcesses = 10, MaxTasks = 2, MaxSystemProcesses = 4, MaxCopyBuffer = 100 });
        Assert.Equal(DvkError.BadRange, Assert.Throws<DvkException>(() => device.StartDc(new DcInfo { DcId = 1 })).Error);
        Assert.Equal(DvkError.BadRange, Assert.Throws<DvkException>(() => device.StartDc(new DcInfo { DcId = 0 })).Error);
        device.StartDc(new DcInfo { DcId = 0, MaxProcesses = 10, MaxTasks = 2, MaxSystemProcesses = 4, MaxNodes = 2 });
        Assert.Equal(DvkError.BadNodeId, Assert.Throws<DvkException>(() => device.GetNodeInfo(2)).Error);
        Assert.Equal(DvkError.BadDcId, device.TryBind(BindRequest.Self(0, 10), out _));
        Assert.Equal(DvkError.BadDcId, device.TryBind(BindRequest.Self(0, -3), out _));
        using var proxy = new DriverThread(device, "proxy");
        Assert.Equal(DvkError.TooBig, Assert.Throws<DvkException>(() => device.BindProxies("p", 0, proxy.Id, proxy.Id, 101)).Error);
        Assert.Throws<DvkException>(() => EmulatedDvk.StartNode(0, new DvsInfo { MaxTasks = 300, MaxSystemProcesses = 300 }));
        Assert.Throws<DvkException>(() => EmulatedDvk.StartNode(33, new DvsInfo()));
    }

    [Fact]
    public void A_full_mesh_exchanges_between_every_pair()
    {
        const int Nodes = 8;
        using var cluster = new PumpedCluster(Nodes) { KeepsHeaders = false };
        var processes = new List<DvkProcessHandle>();
        for (var node = 0; node < Nodes; node++)
        {
            var self = node;
            processes.Add(cluster.Start(node, 20 + node, server =>
            {
                for (var i = 0; i < Nodes - 1; i++)
                {
                    var request = server.ReceiveRequest();
                    request.Type += self;
                    server.Reply(request.Source, request);
                }
            }));
            processes.Add(cluster.Start(node, 10 + node, client =>
            {
                for (var other = 0; other < Nodes; other++)
                {
                    if (other != self)
                    {
                        var message = new Message { Type = 1_000 };
                        client.SendReceive(20 + other, ref message);
                        Assert.Equal((1_000 + other, 20 + other), (message.Type, message.Source));
                    }
                }
            }));
        }

        cluster.Run([.. processes]);
        Assert.Empty(cluster.Refused);
    }

    private static void RunAndDie(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        Assert.True(thread.Join(DriverThread.Limit));
        Assert.Null(failure);
    }
}
