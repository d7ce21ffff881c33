using System.Reflection;
using System.Runtime.InteropServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.Device.StandIn;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>What is special about the kernel device, on the native stand-in. The shared behaviour is in the contract suite.</summary>
[OnStandIn]
public class KernelOnStandInTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_driver_that_is_not_initialised_can_be_opened_and_says_so()
    {
        using var device = StandInNode.Open(StandInNode.NewName());
        Assert.Equal(-1, device.LocalNodeId);
        var refusal = Assert.Throws<DvkException>(device.GetDvsInfo);
        Assert.Equal(DvkError.DvsNotInitialised, refusal.Error);
        Assert.Contains("'dvs init'", refusal.Message, StringComparison.Ordinal);
        device.InitializeDvs(3, new DvsInfo { Name = "cluster" });
        Assert.Equal(3, device.LocalNodeId);
        Assert.Equal("cluster", device.GetDvsInfo().Name);
        Assert.Equal(DvsInfo.ReferenceVersion, device.GetDvsInfo().Version);
    }

    [Theory]
    [InlineData("version=202101", DvkUnavailableReason.VersionMismatch, "version 202101")]
    [InlineData("model=32", DvkUnavailableReason.DataModelMismatch, "32-bit")]
    [InlineData("slotsize=100", DvkUnavailableReason.ImplausibleInfo, "d_size_proc is 100")]
    [InlineData("tasks=500", DvkUnavailableReason.ImplausibleInfo, "d_nr_tasks is 500")]
    [InlineData("unprivileged=1", DvkUnavailableReason.AccessDenied, "CAP_SYS_ADMIN")]
    [InlineData("errno=13", DvkUnavailableReason.AccessDenied, "may not open")]
    [InlineData("errno=1", DvkUnavailableReason.AccessDenied, "may not open")]
    [InlineData("errno=6", DvkUnavailableReason.NotLoaded, "no driver stands behind it")]
    [InlineData("errno=19", DvkUnavailableReason.NotLoaded, "no driver stands behind it")]
    [InlineData("errno=5", DvkUnavailableReason.Other, "dmesg")]
    public void A_driver_that_cannot_be_used_is_told_by_its_reason(string options, DvkUnavailableReason reason, string expected)
    {
        var name = StandInNode.NewName();
        using var device = StandInNode.Open(name);
        device.InitializeDvs(0, new DvsInfo());
        var failure = Assert.Throws<DvkUnavailableException>(() => StandInNode.Open(name, options));
        Assert.Equal(reason, failure.Reason);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_for_more_CPUs_than_the_headers_say_writes_over_nothing()
    {
        var name = StandInNode.NewName();
        using var device = StandInNode.Open(name, "cpumask=1024");
        device.InitializeDvs(0, new DvsInfo());
        device.StartDc(new DcInfo { DcId = 0, Name = "wide" });
        using var sender = new DriverThread(device, "sender");
        using var receiver = new DriverThread(device, "receiver");
        device.BindProxies("pair", 1, sender.Id, receiver.Id, 65_536);
        Assert.Equal("wide", device.GetDcInfo(0).Name);
        Assert.Equal(5, device.GetProcessInfo(0, 5).Endpoint);
        Assert.Equal(DvkError.NotBind, device.GetProcessId(0, 5, out var processId));
        Assert.Equal(-1, processId);
        var pair = device.GetProxyInfo(1);
        Assert.Equal((1, sender.Id, receiver.Id), (pair.ProxyId, pair.Sender.LinuxProcessId, pair.Receiver.LinuxProcessId));
    }

    [Fact]
    public void Records_come_through_field_by_field()
    {
        using var device = StandInNode.Open(StandInNode.NewName());
        var limits = new DvsInfo
        {
            Name = "dvs-α",
            MaxDcs = 7,
            MaxNodes = 9,
            MaxProcesses = 100,
            MaxTasks = 20,
            MaxSystemProcesses = 40,
            MaxCopyBuffer = 4096,
            MaxCopyLength = 8192,
            DebugLevel = 0xABCD_0000_1234,
            Flags = 5,
        };
        device.InitializeDvs(2, limits);
        Assert.Equal(limits with { ProcessSlotSize = 1024, Flags = 0x101 }, device.GetDvsInfo());

        var dc = new DcInfo { DcId = 6, MaxProcesses = 90, MaxTasks = 20, MaxSystemProcesses = 30, MaxNodes = 5, WarnEndpoint = 1, WarnMessageType = 77, Name = "DC6" };
        device.StartDc(dc);
        Assert.Equal(dc with { Nodes = 1UL << 2, ProcessId = device.CurrentThreadId }, device.GetDcInfo(6));

        var node = device.GetNodeInfo(2);
        Assert.Equal(("node2", 1UL << 6, -1), (node.Name, node.Dcs, node.ProxyId));
        Assert.Equal(DvkError.Ok, device.TryBind(BindRequest.Self(6, 5), out var endpoint));
        Assert.Equal(5, endpoint);
        var process = device.GetProcessInfo(6, 5);
        Assert.Equal((5, 5, 6, device.CurrentThreadId, 2, WellKnownEndpoint.None), (process.Number, process.Endpoint, process.DcId, process.LinuxProcessId, process.NodeId, process.ProxyId));
        Assert.Equal(DvkError.Ok, device.GetProcessId(6, 5, out var id));
        Assert.Equal(device.CurrentThreadId, id);
        Assert.Equal(DvkError.Ok, device.TryUnbind(6, 5, 0));
    }

    [Fact]
    public void Endpoints_of_tasks_are_negative_and_no_errors()
    {
        using var device = StandInNode.Create(0);
        device.StartDc(new DcInfo { DcId = 0 });
        using var worker = new DriverThread(device, "worker");
        for (var task = -35; task < 0; task++)
        {
            Assert.Equal((DvkError.Ok, task), worker.Call(() => (device.TryBind(BindRequest.Self(0, task), out var endpoint), endpoint)));
            Assert.Equal((DvkError.Ok, task), worker.Call(() => (device.GetEndpoint(worker.Id, out var endpoint), endpoint)));
            Assert.Equal((DvkError.Ok, task), worker.Call(() => (device.WaitForBind(WaitForBindKind.Bind, task, 0, out var endpoint), endpoint)));
            Assert.Equal(DvkError.Ok, worker.Call(() => device.TryUnbind(0, task, 0)));
        }
    }

    [Fact]
    public void A_remote_bind_hands_over_its_name()
    {
        using var pair = new StandInPair();
        Assert.Equal(DvkError.Ok, pair.Device.TryBind(BindRequest.Remote(0, 40, 1, "remote client"), out var endpoint));
        Assert.Equal(40, endpoint);
        var process = pair.Device.GetProcessInfo(0, 40);
        Assert.Equal(("remote client", 1, ProcessStatus.Remote), (process.Name, process.NodeId, process.Status));
    }

    [Fact]
    public void An_interrupt_ends_get2rmt_even_when_its_first_signals_come_too_early()
    {
        using var pair = new StandInPair("enterdelay=20");
        Assert.Equal(DvkError.Ok, pair.Device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected));
        for (var round = 0; round < 10; round++)
        {
            var call = pair.Sender.Start(() => pair.Device.GetToRemote(out _, pair.Payload, -1));
            pair.Device.Interrupt(pair.Sender.Id);
            Assert.Equal(DvkError.Interrupted, DriverThread.Finish(call));
        }
    }

    [Fact]
    public void A_device_that_is_disposed_while_a_thread_sleeps_in_it_is_closed_when_that_thread_is_back()
    {
        var pair = new StandInPair();
        Assert.Equal(DvkError.Ok, pair.Device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected));
        var handle = (DvkHandle)typeof(KernelDvkDevice).GetField("_handle", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(pair.Device)!;
        var call = pair.Sender.Start(() => pair.Device.GetToRemote(out _, pair.Payload, -1));
        Eventually.True(() => CallerThread.IsInUse((int)handle.DangerousGetHandle()), "the sender is in the driver");

        pair.Device.Dispose();

        Assert.False(handle.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => pair.Receiver.Call(() => pair.Device.PutToLocal(default, default)));
        Assert.Throws<ObjectDisposedException>(() => pair.Device.NodeDown(1));
        Assert.False(call.IsCompleted);
        Assert.False(handle.IsClosed);
        pair.Device.Interrupt(pair.Sender.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(call));
        Assert.True(handle.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => pair.Sender.Call(() => pair.Device.GetToRemote(out _, pair.Payload, 0)));
        pair.Dispose();
    }

    [Fact]
    public void A_signal_that_nobody_asked_for_does_not_end_get2rmt_nor_lengthen_it()
    {
        using var pair = new StandInPair();
        Assert.Equal(DvkError.Ok, pair.Device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected));
        var call = pair.Sender.Start(() => pair.Device.GetToRemote(out _, pair.Payload, 300));
        while (!call.IsCompleted)
        {
            Dvs.Proxy.Interop.Libc.SignalThread(pair.Sender.Id, InterruptSignal.Number);
            Thread.Yield();
        }

        Assert.Equal(DvkError.TimedOut, DriverThread.Finish(call));
    }

    [Fact]
    public void A_call_from_the_wrong_thread_is_reported_by_name()
    {
        var log = new ListLogger();
        using var pair = new StandInPair("", log);
        var error = pair.Receiver.Call(() => pair.Device.GetToRemote(out _, pair.Payload, 0));
        Assert.Equal(DvkError.BadCall, error);
        Assert.Equal(DvkError.BadCall, pair.Sender.Call(() => pair.Device.PutToLocal(default, default)));
        Assert.Equal(2, log.Messages.Count);
        Assert.Contains($"get2rmt was called by thread {pair.Receiver.Id}", log.Messages[0], StringComparison.Ordinal);
        Assert.Contains($"pair 1 has sender {pair.Sender.Id} and receiver {pair.Receiver.Id}", log.Messages[0], StringComparison.Ordinal);
        Assert.Contains("put2lcl was called", log.Messages[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_from_the_wrong_thread_throws_where_that_is_wanted()
    {
        using var device = StandInNode.Create(0, "", throwOnWrongThread: true);
        var payload = new byte[65_536];
        var failure = Assert.Throws<InvalidOperationException>(() => device.GetToRemote(out _, payload, 0));
        Assert.Contains("no pair was bound through this device", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_the_driver_would_write_or_read_beyond_is_refused_before_the_call()
    {
        using var pair = new StandInPair();
        Assert.Throws<ArgumentException>(() => pair.Sender.Call(() => pair.Device.GetToRemote(out _, new byte[100], 0)));
        Assert.Equal(DvkError.Range, pair.Receiver.Call(() => pair.Device.PutToLocal(new CommandHeader { Command = CommandCode.CopyInData, PayloadLength = 11 }, new byte[10])));
        var block = new CommandHeader { Command = CommandCode.CopyInData, PayloadLength = 10 };
        block.Copy.Length = 11;
        Assert.Equal(DvkError.Range, pair.Receiver.Call(() => pair.Device.PutToLocal(block, new byte[10])));
    }

    [Fact]
    public void Fetching_and_delivering_allocate_nothing()
    {
        using var pair = new StandInPair();
        Assert.Equal(DvkError.Ok, pair.Device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.Ok, pair.Device.SetProxyConnection(1, ProxyConnectionChange.ReceiverConnected));
        Assert.Equal(0, pair.Sender.Call(() => Allocated(() => pair.Device.GetToRemote(out _, pair.Payload, 0) == DvkError.TimedOut)));
        var header = new CommandHeader { Command = CommandCode.SendMessage, DcId = 0, SourceEndpoint = 40, SourceNode = 1, DestinationEndpoint = 1 };
        Assert.Equal(0, pair.Receiver.Call(() => Allocated(() => pair.Device.PutToLocal(header, default) == DvkError.NotBind)));
        Assert.Equal(0, pair.Receiver.Call(() => Allocated(() => pair.Device.GetProcessId(0, 1, out _) == DvkError.NotBind)));
    }

    [Fact]
    public void When_one_thread_of_a_pair_ends_the_other_gets_SIGTERM_and_pair_and_node_are_free()
    {
        var name = StandInNode.NewName();
        using var device = StandInNode.Open(name, "sigterm=1");
        device.InitializeDvs(0, new DvsInfo());
        using var arrived = new SemaphoreSlim(0);
        using var registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            arrived.Release();
        });
        using var sender = new DriverThread(device, "worker");
        using var receiver = new DriverThread(device, "worker");
        device.BindProxies("node1", 1, sender.Id, receiver.Id, 65_536);
        device.NodeUp("node1", 1, 1);
        sender.Dispose();
        Assert.True(arrived.Wait(Limit));
        Assert.Equal(DvkError.ProxyFree, Assert.Throws<DvkException>(() => device.GetProxyInfo(1)).Error);
        Assert.Equal(NodeFlags.Free, device.GetNodeInfo(1).Flags);
        Assert.Equal(DvkError.ProxyFree, receiver.Call(() => device.PutToLocal(default, default)));
    }

    [Fact]
    public void A_buffer_has_pages_of_its_own_which_are_gone_after_disposal()
    {
        using var device = StandInNode.Create(0);
        device.StartDc(new DcInfo { DcId = 0 });
        using var owner = new DriverThread(device, "worker");
        using var copier = new DriverThread(device, "worker");
        Assert.Equal(DvkError.Ok, owner.Call(() => device.TryBind(BindRequest.Self(0, 1), out _)));
        Assert.Equal(DvkError.Ok, copier.Call(() => device.TryBind(BindRequest.Self(0, 2), out _)));
        var source = device.AllocateBuffer(100_000);
        using var target = device.AllocateBuffer(100_000);
        source.Span.Fill(7);
        var copy = new CopyDescriptor { SourceEndpoint = 1, DestinationEndpoint = 2, SourceAddress = source.Address, DestinationAddress = target.Address, Length = 100_000 };
        var receive = owner.Start(() => device.Receive(WellKnownEndpoint.Any, out _, -1));
        Eventually.True(() => device.GetProcessInfo(0, 1).Status == ProcessStatus.Receiving, "the owner receives");
        Assert.Equal(DvkError.Ok, copier.Call(() => device.Copy(copy)));
        Assert.True(target.Span.SequenceEqual(source.Span));
        source.Dispose();
        Assert.Throws<ObjectDisposedException>(() => source.Span.Length);
        Assert.Equal(DvkError.Fault, copier.Call(() => device.Copy(copy)));
        device.Interrupt(owner.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(receive));
    }

    [Fact]
    public void Wakeup_ends_the_wait_of_a_process()
    {
        using var device = StandInNode.Create(0);
        device.StartDc(new DcInfo { DcId = 0 });
        using var process = new DriverThread(device, "worker");
        Assert.Equal(DvkError.Ok, process.Call(() => device.TryBind(BindRequest.Self(0, 1), out _)));
        var receive = process.Start(() => device.Receive(WellKnownEndpoint.Any, out _, -1));
        Eventually.True(() => device.WakeUp(0, 1) == DvkError.Ok, "the process can be woken up");
        Assert.Equal(DvkError.WokenUp, DriverThread.Finish(receive));
    }

    [Fact]
    public void A_request_that_is_not_to_wait_leaves_a_waiting_process_alone()
    {
        using var device = StandInNode.Create(0);
        device.StartDc(new DcInfo { DcId = 0 });
        using var client = new DriverThread(device, "client");
        using var server = new DriverThread(device, "server");
        Assert.Equal(DvkError.Ok, client.Call(() => device.TryBind(BindRequest.Self(0, 1), out _)));
        Assert.Equal(DvkError.Ok, server.Call(() => device.TryBind(BindRequest.Self(0, 2), out _)));
        var receive = server.Start(() => device.Receive(WellKnownEndpoint.Any, out _, -1));
        Eventually.True(() => device.GetProcessInfo(0, 2).Status == ProcessStatus.Receiving, "the server receives");
        var request = default(Message);
        Assert.Equal(DvkError.Again, client.Call(() => device.SendReceive(2, ref request, 0)));
        Assert.Equal(ProcessStatus.Receiving, device.GetProcessInfo(0, 2).Status);
        device.Interrupt(server.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(receive));
    }

    private static long Allocated(Func<bool> call)
    {
        for (var i = 0; i < 2_000; i++)
        {
            Assert.True(call());
        }

        return Allocations.Least(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                call();
            }
        });
    }
}
