using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Pairing.Admission;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Pairing.Admission;

public class PendingConnectionsTests
{
    private readonly PendingConnections _pending = new(new AdmissionLimits(TimeSpan.FromSeconds(10), MaxPending: 4, MaxPendingPerAddress: 3));
    private long _order;

    [Fact]
    public void The_oldest_of_an_address_goes_for_one_more_of_it()
    {
        var first = Add("127.0.0.2", out _);
        Add("127.0.0.2", out _);
        Add("127.0.0.2", out var victim);
        Assert.Null(victim);
        Add("127.0.0.2", out victim);
        Assert.Same(first, victim);
    }

    [Fact]
    public void When_it_is_full_the_oldest_of_the_address_that_has_most_goes()
    {
        Add("127.0.0.2", out _);
        var crowd = Add("127.0.0.3", out _);
        Add("127.0.0.3", out _);
        Add("127.0.0.4", out _);
        Add("127.0.0.5", out var victim);
        Assert.Same(crowd, victim);
    }

    [Fact]
    public void Once_closed_it_takes_no_more_and_gives_out_what_is_left()
    {
        var left = Add("127.0.0.2", out _);
        Assert.Equal([left], _pending.Close());
        Assert.False(_pending.TryAdd(Create("127.0.0.3"), out _));
    }

    [Fact]
    public void One_that_is_taken_out_is_gone_and_is_taken_out_once()
    {
        var pending = Add("127.0.0.2", out _);
        Assert.Equal(PendingPhase.Waiting, _pending.TakeOut(pending, "late"));
        Assert.Equal(PendingPhase.Over, _pending.TakeOut(pending, "too late"));
        Assert.Equal(("late", 0), (pending.CutReason, _pending.Count));
        Assert.False(_pending.TryBeginLook(pending));
        Assert.False(_pending.TryMakeReady(pending));
    }

    [Fact]
    public void One_that_is_cut_under_a_look_is_left_to_it()
    {
        var pending = Add("127.0.0.2", out _);
        Assert.True(_pending.TryBeginLook(pending));
        Assert.False(_pending.TryBeginLook(pending));
        Assert.Equal(PendingPhase.LookedAt, _pending.TakeOut(pending, "late"));
        Assert.False(_pending.TryEndLook(pending));
    }

    [Fact]
    public void One_that_is_ready_is_looked_at_no_more()
    {
        var pending = Add("127.0.0.2", out _);
        Assert.True(_pending.TryBeginLook(pending));
        Assert.True(_pending.TryEndLook(pending));
        Assert.True(_pending.TryMakeReady(pending));
        Assert.False(_pending.TryBeginLook(pending));
        Assert.Equal(PendingPhase.Ready, _pending.TakeOut(pending, reason: null));
        Assert.Null(pending.CutReason);
    }

    private PendingConnection Add(string address, out PendingConnection? victim)
    {
        var pending = Create(address);
        Assert.True(_pending.TryAdd(pending, out victim));
        return pending;
    }

    private PendingConnection Create(string address) =>
        new(new SilentConnection(IPAddress.Parse(address)), ++_order, 0, static (_, _) => { });

    private sealed class SilentConnection(IPAddress address) : ProxyConnection
    {
        public override PipeReader Input => throw new NotSupportedException();

        public override PipeWriter Output => throw new NotSupportedException();

        public override IPAddress? RemoteAddress => address;

        public override string RemoteName => address.ToString();

        public override void Abort()
        {
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
