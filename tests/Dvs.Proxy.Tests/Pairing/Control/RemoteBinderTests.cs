using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Pairing.Control;

/// <summary>Remote bind requests have limits: in number at a time, in number per second, and in how long they wait.</summary>
public sealed class RemoteBinderTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedProxyDevice _device = new(0);
    private readonly List<DvkError> _answers = [];
    private readonly PairContext _context;
    private readonly RemoteBinder _binder;

    public RemoteBinderTests()
    {
        _context = PairContexts.Create(_device, _time, new CapturingLoggerFactory());
        _binder = new RemoteBinder(_context);
    }

    [Fact]
    public void Sixty_four_may_wait_for_their_node_and_one_more_is_to_come_again()
    {
        _device.Dc = new DcInfo { Nodes = 1 };
        for (var number = 0; number < RemoteBinder.MaxInProgress; number++)
        {
            Bind();
        }

        Assert.Empty(Answers());
        Bind();
        Assert.Equal([DvkError.Again], Answers());
        Assert.Equal(1, _context.ReceiverCounters.RefusedBinds);

        // Those that waited in vain make room again.
        Eventually.True(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Answers().Count == RemoteBinder.MaxInProgress + 1;
            },
            "the wait has its limit");
        Assert.Equal(RemoteBinder.MaxInProgress, Answers().Count(static answer => answer == DvkError.NodeNotInDc));
        _device.Dc = new DcInfo { Nodes = 0b11 };
        Bind();
        Eventually.True(() => Answers()[^1] == DvkError.Ok, "there is room again");
    }

    [Fact]
    public void A_burst_is_carried_out_and_what_comes_beyond_it_is_refused_until_time_has_passed()
    {
        var sent = 0;
        for (; sent < RemoteBinder.Burst; sent++)
        {
            Bind();
            Eventually.True(() => Answers().Count == sent + 1, "each is answered");
        }

        Assert.All(Answers(), static answer => Assert.Equal(DvkError.Ok, answer));
        Bind();
        Assert.Equal(DvkError.Again, Answers()[^1]);
        Assert.Equal(1, _context.ReceiverCounters.RefusedBinds);

        _time.Advance(TimeSpan.FromSeconds(1.0 / RemoteBinder.PerSecond));
        Bind();
        Eventually.True(() => Answers().Count == sent + 2, "it is answered");
        Assert.Equal(DvkError.Ok, Answers()[^1]);
        Bind();
        Assert.Equal(DvkError.Again, Answers()[^1]);
    }

    [Fact]
    public void A_fault_of_the_driver_is_answered_and_counted_down()
    {
        _device.OnBind = static _ => throw new InvalidOperationException("the script says so");
        for (var number = 0; number < RemoteBinder.MaxInProgress + 1; number++)
        {
            Bind();
            Eventually.True(() => Answers().Count == number + 1, "each is answered");
        }

        Assert.All(Answers(), static answer => Assert.Equal(DvkError.Generic, answer));
    }

    public void Dispose() => _device.Dispose();

    private void Bind() => _binder.Bind(
        new RemoteBindRequest(0, 50, NodeId: 1, "client"),
        (_, result) =>
        {
            lock (_answers)
            {
                _answers.Add(result);
            }
        },
        CancellationToken.None);

    private List<DvkError> Answers()
    {
        lock (_answers)
        {
            return [.. _answers];
        }
    }
}
