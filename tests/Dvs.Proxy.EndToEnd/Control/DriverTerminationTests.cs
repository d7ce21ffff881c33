using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tool.Control;

namespace Dvs.Proxy.EndToEnd.Control;

/// <summary>Whose SIGTERM it was.</summary>
public class DriverTerminationTests
{
    [Fact]
    public async Task While_every_pair_serves_or_connects_a_sigterm_is_the_operators()
    {
        var termination = new DriverTermination(() => Status(Pair(1, ProxyState.Connected, ProxyState.Waiting), Pair(2, ProxyState.Connecting, ProxyState.Created)));

        Assert.Null(await termination.FindUnboundPairAsync());
    }

    [Theory]
    [InlineData(ProxyState.Stopped, ProxyState.Connected)]
    [InlineData(ProxyState.Waiting, ProxyState.Stopped)]
    [InlineData(ProxyState.Faulted, ProxyState.Stopped)]
    public async Task A_pair_that_ended_by_itself_excuses_one_sigterm_and_no_second_one(ProxyState sender, ProxyState receiver)
    {
        var termination = new DriverTermination(() => Status(Pair(1, ProxyState.Connected, ProxyState.Connected), Pair(2, sender, receiver)));

        Assert.Equal("node2", await termination.FindUnboundPairAsync());
        Assert.Null(await termination.FindUnboundPairAsync());
    }

    [Fact]
    public async Task The_signal_may_come_before_the_thread_has_ended()
    {
        var reads = 0;
        var termination = new DriverTermination(
            () => Status(Pair(3, ++reads < 4 ? ProxyState.Connected : ProxyState.Stopped, ProxyState.Connected)), patience: Limits.Condition);

        Assert.Equal("node3", await termination.FindUnboundPairAsync());
        Assert.Equal(4, reads);
    }

    private static ProxyStatus Status(params PairStatus[] pairs) => new()
    {
        NodeId = 0,
        StartedAt = DateTimeOffset.UnixEpoch,
        TakenAt = DateTimeOffset.UnixEpoch,
        Pairs = pairs,
    };

    private static PairStatus Pair(int nodeId, ProxyState sender, ProxyState receiver) => new()
    {
        Name = $"node{nodeId}",
        NodeId = nodeId,
        ConnectsTo = "127.0.0.1:3000",
        ListensOn = "127.0.0.1:3001",
        Sender = new DirectionSnapshot { State = sender },
        Receiver = new DirectionSnapshot { State = receiver },
    };
}
