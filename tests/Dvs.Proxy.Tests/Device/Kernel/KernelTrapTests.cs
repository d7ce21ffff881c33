using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.Device.StandIn;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>
/// What the driver would not survive does not reach it. On the stand-in: it turns every call away once it is told to, so another answer than
/// "no privilege" was given without a call.
/// </summary>
[OnStandIn]
public sealed class KernelTrapTests : IDisposable
{
    private const int Dc = 0;
    private const int Alice = 3;
    private const int Bob = 4;
    private const int User = 40;

    private readonly string _name = StandInNode.NewName();
    private readonly ListLogger _log = new();
    private readonly KernelDvkDevice _device;
    private readonly DriverThread _alice;

    public KernelTrapTests()
    {
        _device = StandInNode.Open(_name, logger: _log);
        _device.InitializeDvs(0, new DvsInfo());
        _device.StartDc(new DcInfo { DcId = Dc, MaxProcesses = 100, MaxTasks = 20, MaxSystemProcesses = 40 });
        _alice = new DriverThread(_device, "alice");
    }

    public void Dispose()
    {
        _alice.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void What_keeps_the_caller_locked_is_answered_without_a_call()
    {
        Bind(_alice, Alice);
        TurnCallsAway();
        foreach (var (endpoint, error) in new[]
        {
            (Alice, DvkError.Endpoint), (WellKnownEndpoint.Self, DvkError.Endpoint), (EndpointNumber.ToEndpoint(Bob, 1, 20), DvkError.Endpoint),
            (WellKnownEndpoint.None, DvkError.Range), (100, DvkError.Range), (-21, DvkError.Range), (int.MaxValue, DvkError.Range), (int.MinValue, DvkError.Range),
        })
        {
            Assert.Equal(error, Receive(endpoint));
            Assert.Equal(error, Notify(endpoint));
        }

        Assert.Equal(DvkError.Range, Notify(WellKnownEndpoint.Any));
        foreach (var endpoint in new[] { Bob, 99, -20, User })
        {
            Assert.Equal(DvkError.Privileges, Receive(endpoint));
            Assert.Equal(DvkError.Privileges, Notify(endpoint));
        }

        Assert.Equal(DvkError.Privileges, Receive(WellKnownEndpoint.Any));
    }

    [Fact]
    public void The_reason_is_logged_but_not_without_end()
    {
        Bind(_alice, Alice);
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(DvkError.Endpoint, Receive(Alice));
        }

        Assert.InRange(_log.Messages.Count, 1, 10);
        Assert.StartsWith("receive of endpoint 3 by endpoint 3 was answered -306 EDVSENDPOINT", _log.Messages[0], StringComparison.Ordinal);
        Assert.Contains("no later call of the thread returns", _log.Messages[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_throws_changes_no_answer()
    {
        var log = new FailingLogger { Fails = true };
        using var device = StandInNode.Open(_name, logger: log);
        using var bob = new DriverThread(device, "bob");
        Bind(_alice, Alice);
        Bind(bob, Bob);

        Assert.Equal(DvkError.Endpoint, _alice.Call(() => device.Receive(Alice, out _, 0)));
        Assert.Equal(DvkError.Range, _alice.Call(() => device.Notify(WellKnownEndpoint.Self, 100, 0)));
        Assert.Equal(DvkError.Locked, _alice.Call(() => device.WaitForBind(WaitForBindKind.Unbind, Bob, int.MaxValue, out _)));
        Assert.Equal(DvkError.SlotUsed, _alice.Call(() => device.TryBind(BindRequest.Self(Dc, User), out _)));
        Assert.Equal(DvkError.NoProxy, _alice.Call(() => device.GetToRemote(out _, new byte[65_536], 0)));
        Assert.Empty(log.Messages);

        log.Fails = false;
        Assert.Equal(DvkError.Endpoint, _alice.Call(() => device.Receive(Alice, out _, 0)));
        Assert.Equal(DvkError.NoProxy, _alice.Call(() => device.GetToRemote(out _, new byte[65_536], 0)));
        Assert.Equal(2, log.Messages.Count);
    }

    [Fact]
    public void A_user_process_is_told_what_it_may_not()
    {
        Bind(_alice, User);
        TurnCallsAway();
        Assert.Equal(DvkError.BadCall, Receive(User));
        Assert.Equal(DvkError.BadCall, Notify(1000));
    }

    [Fact]
    public void Who_was_bound_by_another_is_learned_once()
    {
        Assert.Equal(DvkError.Ok, _device.TryBind(BindRequest.Local(Dc, -4, _alice.Id), out _));
        Assert.Equal(DvkError.Endpoint, Receive(-4));
        TurnCallsAway();
        Assert.Equal(DvkError.Endpoint, Receive(-4));
        Assert.Equal(DvkError.Range, Receive(100));
    }

    [Fact]
    public void An_unbound_thread_stands_for_the_main_thread_of_its_process()
    {
        Assert.Equal(DvkError.NotBind, Receive(Bob));
        Assert.Equal(DvkError.Ok, _device.TryBind(BindRequest.Local(Dc, Alice, Environment.ProcessId), out _));
        Assert.Equal(DvkError.Endpoint, Receive(Alice));
        Bind(_alice, Bob);
        Assert.Equal(DvkError.Endpoint, Receive(Bob));
        Assert.NotEqual(DvkError.Endpoint, Receive(Alice));
        Assert.Equal(DvkError.Ok, _device.TryUnbind(Dc, Alice, 0));
    }

    [Fact]
    public void After_an_unbind_or_the_end_of_the_dc_it_is_learned_anew()
    {
        Bind(_alice, Alice);
        Assert.Equal(DvkError.Ok, _device.TryUnbind(Dc, Alice, 0));
        Assert.Equal(DvkError.NotBind, Receive(Alice));
        Assert.Equal(DvkError.Ok, _device.TryBind(BindRequest.Local(Dc, Bob, _alice.Id), out _));
        Assert.NotEqual(DvkError.Endpoint, Receive(Alice));
        Assert.Equal(DvkError.Endpoint, Receive(Bob));
        Assert.Equal(DvkError.Ok, _device.TryUnbind(Dc, Bob, 0));
        _device.EndDc(Dc);
        _device.StartDc(new DcInfo { DcId = Dc });
        Bind(_alice, Alice);
        Assert.Equal(DvkError.Endpoint, Receive(Alice));
        Assert.NotEqual(DvkError.Range, Receive(100));
    }

    [Fact]
    public void A_thread_is_bound_once()
    {
        Bind(_alice, Alice);
        Assert.Equal(DvkError.SlotUsed, _alice.Call(() => _device.TryBind(BindRequest.Self(Dc, Bob), out _)));
        foreach (var kind in new[] { BindKind.Replica, BindKind.UserMode, BindKind.Backup })
        {
            Assert.Equal(DvkError.SlotUsed, _device.TryBind(new BindRequest(kind, Dc, Bob, _alice.Id), out _));
        }

        Assert.Equal(ProcessStatus.SlotFree, _device.GetProcessInfo(Dc, Bob).Status & ProcessStatus.SlotFree);
        Assert.Equal(4, _log.Messages.Count);
        Assert.All(_log.Messages, static message => Assert.Contains("the thread is endpoint 3 of DC 0 already", message, StringComparison.Ordinal));
        var refusal = Assert.Throws<DvkException>(() => _alice.Call(() => DvkProcess.Bind(_device, Dc, Bob, "twice")));
        Assert.Contains("This thread is process 3 already", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(DvkError.Ok, _alice.Call(() => _device.TryUnbind(Dc, Alice, 0)));
        Bind(_alice, Bob);
    }

    [Fact]
    public void A_limited_wait_for_an_unbind_does_not_wait()
    {
        Bind(_alice, Alice);
        using var bob = new DriverThread(_device, "bob");
        Bind(bob, Bob);
        Assert.Equal(DvkError.Locked, _alice.Call(() => _device.WaitForBind(WaitForBindKind.Unbind, Bob, int.MaxValue, out _)));
        Assert.Contains("wait4bind with a time-out for the unbind of endpoint 4", _log.Messages[0], StringComparison.Ordinal);
        Assert.Equal(DvkError.Ok, bob.Call(() => _device.TryUnbind(Dc, Bob, 0)));
        Assert.Equal(DvkError.Ok, _alice.Call(() => _device.WaitForBind(WaitForBindKind.Unbind, Bob, int.MaxValue, out _)));
    }

    [Fact]
    public void A_process_that_served_a_copy_goes_on_receiving()
    {
        using var bob = new DriverThread(_device, "bob");
        using var copier = new DriverThread(_device, "copier");
        Bind(_alice, Alice);
        Bind(bob, Bob);
        Bind(copier, 5);
        using var source = _device.AllocateBuffer(100);
        using var target = _device.AllocateBuffer(100);
        source.Span.Fill(7);
        var receives = new[] { _alice, bob }.Select(process => process.Start(() => (_device.Receive(WellKnownEndpoint.Any, out var m, -1), m.Type))).ToArray();
        Eventually.True(() => IsReceiving(Alice) && IsReceiving(Bob), "both processes receive");
        var copy = new CopyDescriptor { SourceEndpoint = Alice, DestinationEndpoint = Bob, SourceAddress = source.Address, DestinationAddress = target.Address, Length = 100 };
        Assert.Equal(DvkError.Ok, copier.Call(() => _device.Copy(copy)));
        Assert.True(target.Span.SequenceEqual(source.Span));
        foreach (var (endpoint, receive) in new[] { (Alice, receives[0]), (Bob, receives[1]) })
        {
            Assert.Equal(DvkError.Ok, copier.Call(() => _device.Send(endpoint, new Message { Type = endpoint }, -1)));
            Assert.Equal((DvkError.Ok, endpoint), DriverThread.Finish(receive));
        }
    }

    [Fact]
    public void The_check_allocates_nothing()
    {
        using var quiet = StandInNode.Open(_name);
        Assert.Equal(DvkError.Ok, _alice.Call(() => quiet.TryBind(BindRequest.Self(Dc, Alice), out _)));
        var allocated = _alice.Call(() =>
        {
            Assert.Equal(DvkError.Endpoint, quiet.Receive(Alice, out _, 0));
            return Allocations.Least(() =>
            {
                for (var i = 0; i < 1_000; i++)
                {
                    _ = quiet.Receive(Alice, out _, 0);
                    _ = quiet.Receive(Bob, out _, 0);
                    _ = quiet.Notify(WellKnownEndpoint.Self, Alice, 0);
                }
            });
        });
        Assert.Equal(0, allocated);
    }

    private bool IsReceiving(int number) => (_device.GetProcessInfo(Dc, number).Status & ProcessStatus.Receiving) != 0;

    private void Bind(DriverThread thread, int endpoint) =>
        Assert.Equal((DvkError.Ok, endpoint), thread.Call(() => (_device.TryBind(BindRequest.Self(Dc, endpoint), out var bound), bound)));

    private DvkError Receive(int endpoint) => _alice.Call(() => _device.Receive(endpoint, out _, 0));

    private DvkError Notify(int endpoint) => _alice.Call(() => _device.Notify(WellKnownEndpoint.Self, endpoint, 0));

    private void TurnCallsAway() => Assert.Throws<DvkUnavailableException>(() => StandInNode.Open(_name, "unprivileged=1"));
}
