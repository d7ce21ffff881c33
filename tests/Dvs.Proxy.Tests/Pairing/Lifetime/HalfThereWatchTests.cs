using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Pairing.Lifetime;

/// <summary>A peer that takes our connection and nothing else is noticed once, shown while it lasts, and forgotten when it is over.</summary>
public sealed class HalfThereWatchTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturingLoggerFactory _log = new();
    private readonly ScriptedProxyDevice _device = new(0);
    private readonly PairContext _context;
    private readonly HalfThereWatch _watch;

    public HalfThereWatchTests()
    {
        _context = PairContexts.Create(_device, _time, _log, static peer => peer.HelloPeriod = TimeSpan.FromSeconds(20));
        _watch = new HalfThereWatch(_context);
        _context.SenderCounters.State = ProxyState.Connected;
    }

    [Fact]
    public void A_peer_that_reads_nothing_is_noticed_after_30_seconds_and_once()
    {
        _context.ReceiverCounters.State = ProxyState.Connected;
        _watch.Update(TimeSpan.FromSeconds(29.9));
        Assert.Equal(PairConditions.None, _watch.Conditions);

        _watch.Update(TimeSpan.FromSeconds(30));
        _watch.Update(TimeSpan.FromSeconds(31));
        Assert.Equal(PairConditions.PeerReadsNothing, _watch.Conditions);
        Assert.Equal([213], _log.EventIds);

        _watch.Update(TimeSpan.Zero);
        Assert.Equal(PairConditions.None, _watch.Conditions);
        _watch.Update(TimeSpan.FromSeconds(30));
        Assert.Equal([213, 215, 213], _log.EventIds);
    }

    [Fact]
    public void A_peer_that_does_not_connect_is_noticed_after_three_hello_periods_and_once()
    {
        _context.ReceiverCounters.State = ProxyState.Waiting;
        _watch.Update(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(59.9));
        _watch.Update(TimeSpan.Zero);
        Assert.Equal(PairConditions.None, _watch.Conditions);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        _watch.Update(TimeSpan.Zero);
        _watch.Update(TimeSpan.Zero);
        Assert.Equal(PairConditions.PeerDoesNotConnect, _watch.Conditions);
        Assert.Equal([214], _log.EventIds);

        _context.ReceiverCounters.State = ProxyState.Connected;
        _watch.Update(TimeSpan.Zero);
        Assert.Equal(PairConditions.None, _watch.Conditions);
        Assert.Equal([214, 215], _log.EventIds);
    }

    [Fact]
    public void The_time_begins_anew_with_every_connection()
    {
        _context.ReceiverCounters.State = ProxyState.Waiting;
        _watch.Update(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(50));
        _context.SenderCounters.State = ProxyState.Waiting;
        _watch.Update(TimeSpan.FromSeconds(40));
        _context.SenderCounters.State = ProxyState.Connected;
        _watch.Update(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(50));
        _watch.Update(TimeSpan.Zero);

        Assert.Equal(PairConditions.None, _watch.Conditions);
        Assert.Empty(_log.EventIds);
    }

    public void Dispose() => _device.Dispose();
}
