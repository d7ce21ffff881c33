using Dvs.Proxy.Pairing.Sending;

namespace Dvs.Proxy.Tests.Pairing.Sending;

public class FlushPolicyTests
{
    private const int Most = 1000;

    [Fact]
    public void Nothing_is_due_before_the_first_command()
    {
        var policy = Begin(shrinks: false);
        Assert.True(policy.IsEmpty);
        Assert.False(policy.IsDue(wireBytes: 50));
        policy.Add(1);
        Assert.False(policy.IsEmpty);
        Assert.False(policy.IsDue(wireBytes: 50));
    }

    [Fact]
    public void Bytes_that_do_not_shrink_are_due_with_the_most_that_may_wait()
    {
        var policy = Begin(shrinks: false);
        policy.Add(Most - 1);
        Assert.False(policy.IsDue(wireBytes: 50));
        policy.Add(1);
        Assert.True(policy.IsDue(wireBytes: 50));
    }

    [Theory]
    [InlineData(Most, 50 + Most - 1, false)]
    [InlineData(Most, 50 + Most, true)]
    [InlineData((4 * FlushPolicy.MostWireBytes) - 1, 50, false)]
    [InlineData(4 * FlushPolicy.MostWireBytes, 50, true)]
    public void Bytes_that_shrink_are_due_as_they_are_on_the_wire_and_with_half_a_megabyte_before_that_whatever_the_window(int rawBytes, long wireBytes, bool isDue)
    {
        var policy = Begin(shrinks: true);
        policy.Add(rawBytes);
        Assert.Equal(isDue, policy.IsDue(wireBytes));
    }

    [Fact]
    public void A_flush_begins_anew_with_the_limit_of_the_time()
    {
        var policy = Begin(shrinks: false);
        policy.Add(Most);
        policy.Reset(wireBytes: 50 + Most, mostBytes: 10);
        Assert.True(policy.IsEmpty);
        policy.Add(10);
        Assert.True(policy.IsDue(wireBytes: 60 + Most));
    }

    private static FlushPolicy Begin(bool shrinks)
    {
        var policy = new FlushPolicy(shrinks);
        policy.Reset(wireBytes: 50, Most);
        return policy;
    }
}
