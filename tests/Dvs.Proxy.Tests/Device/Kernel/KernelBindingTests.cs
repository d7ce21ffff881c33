using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Interop;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.Device.StandIn;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>What is remembered of binds, and forgotten at their end. On the stand-in.</summary>
[OnStandIn]
public sealed class KernelBindingTests
{
    [Fact]
    public void With_two_pairs_the_buffer_must_hold_the_larger_payload_until_that_pair_is_unbound()
    {
        using var device = StandInNode.Create(0);
        device.StartDc(new DcInfo { DcId = 0 });
        using var sender = new DriverThread(device, "sender");
        using var receiver = new DriverThread(device, "receiver");
        using var largeSender = new DriverThread(device, "sender2");
        using var largeReceiver = new DriverThread(device, "receiver2");
        device.BindProxies("node1", 1, sender.Id, receiver.Id, 4_096);
        Assert.Equal(DvkError.Ok, device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.TimedOut, Fetch(4_096));
        Assert.Throws<ArgumentException>(() => Fetch(4_095));

        device.BindProxies("node2", 2, largeSender.Id, largeReceiver.Id, 65_536);
        Assert.Throws<ArgumentException>(() => Fetch(65_535));
        Assert.Equal(DvkError.TimedOut, Fetch(65_536));

        Unbind(device, 2, largeSender, largeReceiver);
        Assert.Equal(DvkError.TimedOut, Fetch(4_096));

        DvkError Fetch(int room) => sender.Call(() => device.GetToRemote(out _, new byte[room], 0));
    }

    [Fact]
    public void A_signal_does_not_make_an_unbind_that_happened_fail()
    {
        using var device = StandInNode.Create(0);
        using var sender = new DriverThread(device, "sender");
        using var receiver = new DriverThread(device, "receiver");
        device.BindProxies("node1", 1, sender.Id, receiver.Id, 4_096);

        Unbind(device, 1, sender, receiver);

        Assert.Equal(DvkError.ProxyFree, Assert.Throws<DvkException>(() => device.GetProxyInfo(1)).Error);
        Assert.Contains(Assert.Throws<DvkException>(() => device.UnbindProxies(1)).Error, new[] { DvkError.NoProxy, DvkError.ProxyFree });
    }

    [Fact]
    public void A_pair_whose_threads_have_ended_is_forgotten_when_its_unbind_finds_it_free()
    {
        using var device = StandInNode.Create(0);
        using var sender = new DriverThread(device, "sender");
        using var receiver = new DriverThread(device, "receiver");
        using var other = new DriverThread(device, "other");
        device.BindProxies("node1", 1, sender.Id, receiver.Id, 65_536);
        device.BindProxies("node2", 2, Environment.ProcessId, other.Id, 4_096);
        sender.Dispose();
        receiver.Dispose();
        Eventually.True(() => Record.Exception(() => device.GetProxyInfo(1)) is DvkException, "the pair whose threads ended is free");

        Assert.Equal(DvkError.ProxyFree, Assert.Throws<DvkException>(() => device.UnbindProxies(1)).Error);

        Assert.NotEqual(DvkError.Ok, other.Call(() => device.GetToRemote(out _, new byte[4_096], 0)));
    }

    [Fact]
    public void A_thousand_remote_binds_find_a_place_for_their_names()
    {
        using var pair = new StandInPair();
        for (var round = 0; round < 1_000; round++)
        {
            var bound = pair.Sender.Call(() => pair.Device.TryBind(BindRequest.Remote(0, 40, 1, $"remote{round}"), out _));
            Assert.Equal(DvkError.Ok, bound);
            Assert.Equal($"remote{round}", pair.Device.GetProcessInfo(0, 40).Name);
            Assert.Equal(DvkError.Ok, pair.Device.TryUnbind(0, 40, 0));
        }
    }

    [Fact]
    public void A_process_that_was_disposed_of_leaves_endpoint_and_thread_to_others()
    {
        using var device = StandInNode.Create(0);
        device.StartDc(new DcInfo { DcId = 0 });
        using var first = new DriverThread(device, "first");
        using var second = new DriverThread(device, "second");
        first.Call(() =>
        {
            DvkProcess.Bind(device, 0, 3, "first").Dispose();
            return 0;
        });
        Assert.Equal(3, second.Call(() => Bind(3)));
        Assert.Equal(4, first.Call(() => Bind(4)));

        int Bind(int endpoint) => DvkProcess.Bind(device, 0, endpoint, "again").Endpoint;
    }

    // The driver waits for the receiver's end. A signal ends that wait, with the pair unbound and its threads alive.
    private static void Unbind(KernelDvkDevice device, int proxyId, DriverThread sender, DriverThread receiver)
    {
        using var operatorThread = new DriverThread(device, "operator");
        operatorThread.Call(() => CallerThread.Current.Id);
        var unbind = operatorThread.Start(() =>
        {
            device.UnbindProxies(proxyId);
            return 0;
        });
        Eventually.True(
            () => unbind.Wait(millisecondsTimeout: 20) || !Libc.SignalThread(operatorThread.Id, InterruptSignal.Number), "the unbind returns");
        DriverThread.Finish(unbind);
        sender.Dispose();
        receiver.Dispose();
    }
}
