using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Control;

public class ControlMessageExchangeTests
{
    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public async Task A_peer_binds_our_process_on_request(DataModel abi)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(abi: abi);
        await using var first = a;
        await using var second = b;

        var result = await a.Proxy.RequestRemoteBindAsync(1, dcId: 3, endpoint: 50, "client").WaitAsync(Eventually.Limit);

        Assert.Equal(DvkError.Ok, result);
        Assert.Contains("bind Remote 3 50 0 client", b.Device.Calls);
    }

    [Fact]
    public async Task The_bind_waits_until_the_dc_includes_the_node()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        b.Device.Dc = new DcInfo { Nodes = 0b10 };

        var result = a.Proxy.RequestRemoteBindAsync(1, 0, 50, "client");
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        Eventually.True(() => b.Device.Delivered.Count == 1, "the receiver goes on meanwhile");
        Assert.False(result.IsCompleted);
        b.Device.Dc = new DcInfo { Nodes = 0b11 };

        Assert.Equal(DvkError.Ok, await result.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task The_drivers_refusal_comes_back()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        b.Device.OnBind = static _ => (DvkError.SlotUsed, 0);

        Assert.Equal(DvkError.SlotUsed, await a.Proxy.RequestRemoteBindAsync(1, 0, 50, "client").WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_peer_may_bind_its_own_processes_only()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);
        var request = ControlMessage.RemoteBind(1, 0, new RemoteBindRequest(0, 50, NodeId: 2, "stranger"), DataModel.Lp64, new Timestamp(1_700_000_000, 0));
        var bytes = new byte[168];
        WireLayout.Lp64.Write(bytes, in request);

        socket.Send(bytes);

        Eventually.True(() => node.Log.Contains("EDVSBADNODEID"), "the request is refused", () => node.Log.All);
        Assert.DoesNotContain(node.Device.Calls, call => call.StartsWith("bind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Load_thresholds_are_set_and_answered_with_the_load()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;

        var percent = await a.Proxy.SetPeerLoadThresholdsAsync(1, new LoadThresholds(20, 60, 5)).WaitAsync(Eventually.Limit);

        Assert.InRange(percent, 0, 100);
        Assert.Equal(percent, a.Pair(1).PeerCpuPercent);
    }

    [Fact]
    public async Task A_sender_with_nothing_to_send_says_hello()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.HelloPeriod = TimeSpan.FromMilliseconds(50));
        await using var first = a;
        await using var second = b;

        Eventually.True(() => b.Pair(0).Receiver.Controls >= 3, "hellos keep coming");
        Assert.NotNull(b.Pair(0).PeerCpuPercent);
        Assert.Empty(b.Device.Delivered);
    }

    [Fact]
    public async Task A_request_ends_when_its_caller_gives_up_and_the_next_one_gets_its_turn()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        b.Device.Dc = new DcInfo { Nodes = 0 };
        using var giveUp = new CancellationTokenSource();
        var abandoned = a.Proxy.RequestRemoteBindAsync(1, 0, 50, "client", giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);
        b.Device.Dc = new DcInfo { Nodes = 1 };

        Assert.Equal(DvkError.Ok, await a.Proxy.RequestRemoteBindAsync(1, 0, 51, "client").WaitAsync(Eventually.Limit));
    }
}
