using Dvs.Proxy.Configuration;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>Start, stop and dispose of a multi-node proxy, in any order and at once.</summary>
public class MultiNodeProxyLifetimeTests
{
    [Fact]
    public async Task A_second_start_says_that_it_was_started_and_changes_nothing()
    {
        await using var node = Create();
        await node.StartAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(node.StartAsync);
        Assert.Contains("was started before", error.Message, StringComparison.Ordinal);
        Assert.Single(node.Proxy.GetStatus().Pairs);
        Assert.Single(node.Device.Calls, static call => call.StartsWith("proxies_bind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_before_the_start_does_nothing()
    {
        await using var node = Create();
        await node.Proxy.StopAsync(CancellationToken.None);
        await node.StartAsync();
        Assert.Equal(0, node.Proxy.LocalNodeId);
        Assert.Single(node.Proxy.ListeningEndpoints);
    }

    [Fact]
    public async Task Before_the_start_there_is_nothing_to_see_and_nothing_to_park()
    {
        await using var node = Create();
        Assert.Equal(-1, node.Proxy.LocalNodeId);
        Assert.Empty(node.Proxy.ListeningEndpoints);
        Assert.Empty(node.Proxy.GetStatus().Pairs);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => node.Proxy.ParkAsync());
        Assert.Contains("was not started", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_has_ended_is_not_started_again(bool wasStarted)
    {
        await using var node = Create();
        if (wasStarted)
        {
            await node.StartAsync();
        }

        await node.Proxy.DisposeAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(node.StartAsync);
        Assert.Contains("has ended", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<InvalidOperationException>(() => node.Proxy.ResumeAsync());
        Assert.Contains("has ended", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProxyStopMode.Park)]
    [InlineData(ProxyStopMode.End)]
    public async Task Stop_and_dispose_at_once_end_it_once(ProxyStopMode onStop)
    {
        await using var node = Create();
        node.Options.OnStop = onStop;
        await node.StartAsync();
        await Task.WhenAll(
            Task.Run(() => node.Proxy.StopAsync(CancellationToken.None)),
            Task.Run(() => node.Proxy.DisposeAsync().AsTask()),
            Task.Run(node.Proxy.Dispose),
            Task.Run(() => node.Proxy.StopAsync(CancellationToken.None))).WaitAsync(Eventually.Limit);
        Assert.Equal(["exit 1 sender", "exit 1 receiver"], node.Device.Calls.ToList()[^2..]);
        Assert.Single(node.Device.Calls, static call => call == "exit 1 sender");
        Assert.Empty(node.Proxy.ListeningEndpoints);
    }

    [Fact]
    public async Task The_hosts_task_ends_with_the_proxy()
    {
        await using var node = Create();
        await node.StartAsync();
        Assert.False(node.Proxy.ExecuteTask!.IsCompleted);
        await node.Proxy.DisposeAsync();
        await node.Proxy.ExecuteTask.WaitAsync(Eventually.Limit);
    }

    private static ScriptedNode Create()
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        return node;
    }
}
