using Dvs.Proxy.Pairing.Receiving;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

public class AcknowledgementTimerTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(2);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void An_acknowledgement_waits_for_more_but_not_longer_than_the_delay()
    {
        var timer = Create(Delay);
        Assert.True(timer.TryWait());
        Assert.Equal(Delay, timer.ReadLimit);
        _time.Advance(Delay / 2);
        Assert.True(timer.TryWait());
        _time.Advance(Delay / 2);
        Assert.False(timer.TryWait());
    }

    [Fact]
    public void The_clock_starts_anew_after_an_acknowledgement()
    {
        var timer = Create(Delay);
        Assert.True(timer.TryWait());
        _time.Advance(Delay);
        timer.OnAcknowledged();
        Assert.True(timer.TryWait());
    }

    [Fact]
    public void The_limit_stays_under_traffic_and_is_lifted_when_a_read_brings_nothing()
    {
        var timer = Create(Delay);
        Assert.False(timer.LimitsReads);
        timer.TryWait();
        timer.OnAcknowledged();
        timer.OnNothingDue(timeUp: false);
        Assert.Equal((true, Delay), (timer.LimitsReads, timer.ReadLimit));
        timer.OnNothingDue(timeUp: true);
        Assert.Equal((false, Timeout.InfiniteTimeSpan), (timer.LimitsReads, timer.ReadLimit));
    }

    [Fact]
    public void Without_a_delay_nothing_waits()
    {
        var timer = Create(TimeSpan.Zero);
        Assert.False(timer.TryWait());
        Assert.False(timer.LimitsReads);
    }

    [Fact]
    public void What_cannot_be_written_now_is_tried_again_soon_with_a_delay_and_without()
    {
        var timer = Create(Delay);
        timer.OnBlocked();
        Assert.Equal(Delay, timer.ReadLimit);
        timer = Create(TimeSpan.Zero);
        timer.OnBlocked();
        Assert.Equal(TimeSpan.FromMilliseconds(1), timer.ReadLimit);
    }

    [Fact]
    public void A_transport_that_cannot_limit_its_reads_acknowledges_at_once()
    {
        var timer = new AcknowledgementTimer(Delay, _time);
        timer.Begin(canLimitReads: false);
        Assert.False(timer.TryWait());
        timer.OnBlocked();
        Assert.False(timer.LimitsReads);
    }

    [Fact]
    public void The_next_connection_has_no_limit_yet()
    {
        var timer = Create(Delay);
        timer.TryWait();
        timer.Begin(canLimitReads: true);
        Assert.False(timer.LimitsReads);
        Assert.True(timer.TryWait());
        Assert.True(timer.LimitsReads);
    }

    private AcknowledgementTimer Create(TimeSpan delay)
    {
        var created = new AcknowledgementTimer(delay, _time);
        created.Begin(canLimitReads: true);
        return created;
    }
}
