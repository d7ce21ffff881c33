using System.Net;
using Dvs.Proxy.Pairing.Admission.Sessions;

namespace Dvs.Proxy.Tests.Pairing.Admission.Sessions;

public class OpenRateTests
{
    private static readonly IPAddress Busy = IPAddress.Parse("127.0.0.7");

    [Fact]
    public void An_address_has_a_burst_and_then_its_share_of_time_and_no_other_pays_for_it()
    {
        var clock = new ManualClock();
        var rate = new OpenRate(clock);
        Assert.Equal(200, Count(rate, 1000));
        Assert.True(rate.TryEnter(IPAddress.Loopback));
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(10, Count(rate, 1000));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, Count(rate, 1000));
    }

    [Fact]
    public void However_many_addresses_come_they_are_not_all_kept()
    {
        var rate = new OpenRate(new ManualClock());
        for (var address = 0; address < 5000; address++)
        {
            Assert.True(rate.TryEnter(new IPAddress(address)));
        }

        Assert.InRange(rate.Addresses, 1, 1024);
    }

    private static int Count(OpenRate rate, int tries) => Enumerable.Range(0, tries).Count(_ => rate.TryEnter(Busy));

    private sealed class ManualClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public override long GetTimestamp() => _now;
    }
}
