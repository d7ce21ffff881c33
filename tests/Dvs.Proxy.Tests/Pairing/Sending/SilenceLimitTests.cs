using Dvs.Proxy.Pairing.Sending;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Pairing.Sending;

public class SilenceLimitTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Silence_counts_from_the_first_thing_that_was_not_answered()
    {
        var silence = Create(10);
        Assert.Equal(int.MaxValue, silence.RemainingMilliseconds);
        silence.OnSent(heard: 3);
        _clock.Advance(TimeSpan.FromSeconds(6));
        silence.OnSent(heard: 3);
        Assert.InRange(silence.RemainingMilliseconds, 4000, 4001);
        Assert.False(silence.IsOver(3, isMoreDue: true));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(silence.IsOver(3, isMoreDue: true));
    }

    [Fact]
    public void An_answer_ends_it_and_begins_it_anew_while_more_is_due()
    {
        var silence = Create(10);
        silence.OnSent(0);
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.False(silence.IsOver(1, isMoreDue: true));
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(silence.IsOver(1, isMoreDue: true));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(silence.IsOver(1, isMoreDue: true));
        Assert.False(silence.IsOver(2, isMoreDue: false));
        _clock.Advance(TimeSpan.FromSeconds(100));
        Assert.False(silence.IsOver(2, isMoreDue: false));
        Assert.Equal(int.MaxValue, silence.RemainingMilliseconds);
    }

    [Fact]
    public void Who_has_nothing_to_answer_may_be_silent_and_a_new_connection_begins_anew()
    {
        var silence = Create(10);
        _clock.Advance(TimeSpan.FromSeconds(100));
        Assert.False(silence.IsOver(0, isMoreDue: true));
        silence.OnSent(0);
        _clock.Advance(TimeSpan.FromSeconds(11));
        silence.Begin();
        Assert.False(silence.IsOver(0, isMoreDue: true));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.001)]
    public void Without_a_limit_it_may_last_for_ever(double seconds)
    {
        var silence = Create(seconds);
        silence.OnSent(0);
        _clock.Advance(TimeSpan.FromSeconds(1e6));
        Assert.False(silence.IsOver(0, isMoreDue: true));
        Assert.Equal(int.MaxValue, silence.RemainingMilliseconds);
    }

    private SilenceLimit Create(double seconds) => new(TimeSpan.FromSeconds(seconds), _clock);
}
