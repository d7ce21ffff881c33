using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

public class AcknowledgementTimerTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly TimedConnection _connection = new(canLimitReads: true);

    [Fact]
    public void An_acknowledgement_waits_for_more_but_not_longer_than_the_delay()
    {
        var delay = Create(Delay);
        Assert.True(delay.MayWait());
        _time.Advance(Delay / 2);
        Assert.True(delay.MayWait());
        _time.Advance(Delay / 2);
        Assert.False(delay.MayWait());
        Assert.Equal([Delay], _connection.Timeouts);
    }

    [Fact]
    public void The_clock_starts_anew_after_an_acknowledgement()
    {
        var delay = Create(Delay);
        Assert.True(delay.MayWait());
        _time.Advance(Delay);
        delay.Stop();
        Assert.True(delay.MayWait());
        Assert.Equal([Delay], _connection.Timeouts);
    }

    [Fact]
    public void The_limit_stays_under_traffic_and_is_lifted_when_a_read_brings_nothing()
    {
        var delay = Create(Delay);
        Assert.False(delay.LimitsReads);
        delay.MayWait();
        delay.Stop();
        delay.OnNothingToSay(timeUp: false);
        Assert.True(delay.LimitsReads);
        delay.OnNothingToSay(timeUp: true);
        delay.OnNothingToSay(timeUp: true);
        Assert.False(delay.LimitsReads);
        Assert.Equal([Delay, Timeout.InfiniteTimeSpan], _connection.Timeouts);
    }

    [Fact]
    public void Without_a_delay_nothing_waits()
    {
        Assert.False(Create(TimeSpan.Zero).MayWait());
        Assert.Empty(_connection.Timeouts);
    }

    [Fact]
    public void A_transport_that_cannot_limit_its_reads_acknowledges_at_once()
    {
        var delay = new AcknowledgementTimer(Delay, _time);
        delay.Begin(new TimedConnection(canLimitReads: false));
        Assert.False(delay.MayWait());
        Assert.False(delay.LimitsReads);
    }

    [Fact]
    public void The_next_connection_has_no_limit_yet()
    {
        var delay = Create(Delay);
        delay.MayWait();
        var next = new TimedConnection(canLimitReads: true);
        delay.Begin(next);
        Assert.False(delay.LimitsReads);
        Assert.True(delay.MayWait());
        Assert.Equal([Delay], next.Timeouts);
    }

    private AcknowledgementTimer Create(TimeSpan delay)
    {
        var created = new AcknowledgementTimer(delay, _time);
        created.Begin(_connection);
        return created;
    }

    private sealed class TimedConnection(bool canLimitReads) : ProxyConnection
    {
        public List<TimeSpan> Timeouts { get; } = [];

        public override PipeReader Input => throw new NotSupportedException();

        public override PipeWriter Output => throw new NotSupportedException();

        public override IPAddress? RemoteAddress => null;

        public override string RemoteName => "nowhere";

        public override void Abort()
        {
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        internal override bool TrySetReadTimeout(TimeSpan timeout)
        {
            Timeouts.Add(timeout);
            return canLimitReads;
        }
    }
}
