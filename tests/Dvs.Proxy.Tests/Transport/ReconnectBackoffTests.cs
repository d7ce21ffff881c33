using CsCheck;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Transport;

public sealed class ReconnectBackoffTests
{
    private static TimeSpan Minimum { get; } = TimeSpan.FromMilliseconds(100);
    private static TimeSpan Maximum { get; } = TimeSpan.FromSeconds(5);

    [Fact]
    public void Waits_stay_between_minimum_and_a_ceiling_that_doubles_up_to_the_maximum()
    {
        Gen.Select(Gen.Int[1, 10_000], Gen.Int[0, 100_000], Gen.Int[0, int.MaxValue]).Sample((minimum, above, seed) =>
        {
            var shortest = TimeSpan.FromMilliseconds(minimum);
            var longest = TimeSpan.FromMilliseconds(minimum + above);
            var backoff = new ReconnectBackoff(shortest, longest, new Random(seed));
            double ceiling = minimum;
            for (var attempt = 0; attempt < 40; attempt++)
            {
                ceiling = Math.Min(ceiling * 2, minimum + above);
                Assert.Equal(ceiling, backoff.NextCeiling.TotalMilliseconds, 3);
                Assert.InRange(backoff.Next().TotalMilliseconds, minimum, ceiling + 0.001);
            }
        });
    }

    [Fact]
    public void The_same_seed_gives_the_same_waits_and_another_gives_others()
    {
        var first = Waits(new Random(1));
        Assert.Equal(first, Waits(new Random(1)));
        Assert.NotEqual(first, Waits(new Random(2)));

        static TimeSpan[] Waits(Random random)
        {
            var backoff = new ReconnectBackoff(Minimum, Maximum, random);
            return [.. Enumerable.Range(0, 20).Select(_ => backoff.Next())];
        }
    }

    [Fact]
    public void Waits_spread_over_the_whole_range()
    {
        var backoff = new ReconnectBackoff(Minimum, Maximum, new Random(3));
        for (var i = 0; i < 10; i++)
        {
            backoff.Next();
        }

        double[] waits = [.. Enumerable.Range(0, 1000).Select(_ => backoff.Next().TotalSeconds)];
        Assert.InRange(waits.Min(), 0.1, 0.5);
        Assert.InRange(waits.Max(), 4.5, 5.0);
    }

    [Fact]
    public void Only_a_connection_that_lived_starts_anew()
    {
        var backoff = new ReconnectBackoff(Minimum, Maximum, new Random(4));
        for (var i = 0; i < 10; i++)
        {
            backoff.Next();
        }

        backoff.ConnectionEnded(Maximum - TimeSpan.FromTicks(1));
        Assert.Equal(Maximum, backoff.NextCeiling);
        backoff.ConnectionEnded(Maximum);
        Assert.Equal(2 * Minimum, backoff.NextCeiling);
    }

    [Fact]
    public void Ranges_without_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReconnectBackoff(TimeSpan.Zero, Maximum));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReconnectBackoff(Maximum, Minimum));
    }
}
