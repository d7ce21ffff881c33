using Dvs.Proxy.Diagnostics.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Diagnostics.Logging;

public class LogThrottleTests
{
    [Fact]
    public void A_burst_passes_and_the_rest_of_the_period_is_counted()
    {
        var time = new FakeTimeProvider();
        var throttle = new LogThrottle(time, burst: 2, period: TimeSpan.FromSeconds(10));

        Assert.True(throttle.TryEnter(out var suppressed));
        Assert.True(throttle.TryEnter(out suppressed));
        Assert.False(throttle.TryEnter(out _));
        Assert.False(throttle.TryEnter(out _));
        Assert.Equal(0, suppressed);

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(throttle.TryEnter(out suppressed));
        Assert.Equal(2, suppressed);
        Assert.True(throttle.TryEnter(out suppressed));
        Assert.Equal(0, suppressed);
    }
}
