using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Lifetime;

/// <summary>
/// How pairs end: the driver hears that both directions are disconnected before the first thread of the pair ends, the sender's thread ends
/// first and the receiver's when that one is gone, and nothing is called afterwards. Whatever ends them.
/// </summary>
public class PairEndingTests
{
    private static readonly string[] InOrder =
        ["proxy_conn 1 ReceiverDisconnected", "proxy_conn 1 SenderDisconnected", "exit 1 sender", "exit 1 receiver"];

    public enum Cause
    {
        Stop,
        Dispose,
        FaultOfTheSender,
        FaultOfTheReceiver,
        FaultOfBoth,
    }

    public static TheoryData<Cause, bool, int> Causes
    {
        get
        {
            var data = new TheoryData<Cause, bool, int>();
            foreach (var cause in Enum.GetValues<Cause>())
            {
                data.Add(cause, false, 0);
                data.Add(cause, true, 20);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task A_connected_pair_ends_in_order(Cause cause, bool sequence, int exitDelay)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => peer.UseSession = sequence);
        await using var first = a;
        await using var second = b;
        a.Device.ExitDelay = exitDelay;

        await EndAsync(cause, a, b);

        AssertOrder(a);
        Assert.Equal(cause >= Cause.FaultOfTheSender, a.Log.EventIds.Contains(119));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pair_that_was_never_connected_ends_in_the_same_order(bool sequence)
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: peer => peer.UseSession = sequence);
        await node.StartAsync();

        await node.StopAsync();

        AssertOrder(node);
    }

    [Theory]
    [InlineData(DvkError.ProxyFree)]
    [InlineData(DvkError.NoProxy)]
    public async Task A_start_that_fails_halfway_ends_what_was_bound_in_order(DvkError refusal)
    {
        var a = new ScriptedNode(0);
        await using var first = a;
        a.AddPeer(1, "127.0.0.1", 9);
        a.AddPeer(2, "127.0.0.1", 9);
        a.Device.OnNodeUp = node => node == 2 ? refusal : DvkError.Ok;

        var exception = await Assert.ThrowsAsync<DvkException>(a.StartAsync);

        Assert.Equal(refusal, exception.Error);
        AssertOrder(a);
        AssertOrder(a, 2);
    }

    [Fact]
    public async Task A_pair_that_is_refused_at_registration_is_told_nothing()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        node.Device.OnBindProxies = static _ => DvkError.ResourceBusy;

        await Assert.ThrowsAsync<DvkException>(node.StartAsync);

        Assert.Equal(["proxies_bind node1 1 65536", "exit", "exit"], node.Device.Calls);
    }

    [Theory]
    [InlineData(DvkError.Shutdown)]
    [InlineData(DvkError.NoProxy)]
    [InlineData(DvkError.ProxyFree)]
    [InlineData(DvkError.BadProxy)]
    [InlineData(DvkError.BadCall)]
    [InlineData(DvkError.DvsNotInitialised)]
    public async Task A_pair_that_the_driver_no_longer_knows_is_told_nothing_and_its_threads_end_one_after_the_other(DvkError error)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.UseSession = true);
        await using var first = a;
        await using var second = b;

        a.Device.EnqueueError(error, 1);

        UntilStopped(a, 1);
        Assert.Equal(InOrder[2..], a.Device.Calls.TakeLast(2));
        Assert.DoesNotContain(a.Device.Calls, static call => call.EndsWith("Disconnected", StringComparison.Ordinal));
        Assert.Equal(0, a.Device.OverlappingExits);
        Assert.Contains(104, a.Log.EventIds);
    }

    [Fact]
    public async Task A_thread_that_does_not_come_back_is_left_behind_and_the_driver_hears_of_both_ends_all_the_same()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        using var gate = new ManualResetEventSlim();
        a.Options.ShutdownTimeout = TimeSpan.FromMilliseconds(200);
        a.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) =>
        {
            gate.Wait();
            return DvkError.Ok;
        };
        b.Device.Enqueue(ScriptedNode.Message(1, 0, 1));
        Eventually.True(() => a.Device.Delivered.Count == 1, "the receiver is in the driver");

        await a.StopAsync().WaitAsync(Eventually.Limit);

        Assert.Contains(102, a.Log.EventIds);
        Assert.Equal(InOrder[..2], a.Device.Calls.TakeLast(2).Order(StringComparer.Ordinal));
        gate.Set();
        Eventually.True(() => a.Device.Calls.Contains(InOrder[3]), "both threads end then");
        AssertOrder(a);
    }

    [Fact]
    public async Task A_driver_that_does_not_let_a_thread_go_holds_up_the_other_for_a_while_only()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        a.Device.ExitDelay = int.MaxValue;

        await a.StopAsync().WaitAsync(Eventually.Limit);

        Assert.Contains(113, a.Log.EventIds);
        Assert.Equal(InOrder[2..], a.Device.Calls.TakeLast(2));
    }

    [Fact]
    public async Task Where_threads_do_not_survive_their_end_a_faulted_pair_keeps_them_until_the_proxy_stops()
    {
        await using var node = new ScriptedNode(0);
        node.Device.Fixes = DvkFixes.ThirdPartyCopy;
        node.AddPeer(1, "127.0.0.1", 9);
        using var receiver = new ScriptedReceiver();
        node.AddPeer(2, "127.0.0.1", receiver.Port);
        await node.StartAsync();
        await receiver.AcceptAsync();
        Assert.Contains(108, node.Log.EventIds);
        Eventually.True(() => node.Pair(2).Sender.State == ProxyState.Connected, "the sender is connected");

        node.Device.EnqueueBrokenInvariant(2);

        Eventually.True(() => node.Device.Calls.Contains("proxy_conn 2 ReceiverDisconnected"), "both have stopped serving");
        Assert.Equal((ProxyState.Faulted, ProxyState.Stopped), (node.Pair(2).Sender.State, node.Pair(2).Receiver.State));
        Assert.DoesNotContain(node.Device.Calls, static call => call.StartsWith("exit", StringComparison.Ordinal));
        await node.StopAsync();
        Assert.Contains(109, node.Log.EventIds);
        AssertOrder(node, 1);
        AssertOrder(node, 2);
    }

    [Fact]
    public async Task Where_threads_survive_their_end_nothing_is_said_of_it()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        await node.StopAsync();

        Assert.DoesNotContain(node.Log.EventIds, static id => id is 108 or 109);
    }

    [Theory]
    [InlineData(NodeFlags.Attached, 0)]
    [InlineData(NodeFlags.Attached | NodeFlags.SenderConnected, 2)]
    [InlineData(NodeFlags.Attached | NodeFlags.ReceiverConnected, 2)]
    public async Task A_node_that_was_left_behind_as_connected_is_put_right_at_the_start(NodeFlags flags, int told)
    {
        await using var node = new ScriptedNode(0);
        node.Device.FlagsAfterNodeUp = flags;
        node.AddPeer(1, "127.0.0.1", 9);

        await node.StartAsync();

        Assert.Equal(told, node.Device.Calls.Count(static call => call.EndsWith("Disconnected", StringComparison.Ordinal)));
    }

    private static async Task EndAsync(Cause cause, ScriptedNode node, ScriptedNode peer)
    {
        switch (cause)
        {
            case Cause.Stop:
                await node.StopAsync();
                break;
            case Cause.Dispose:
                node.Proxy.Dispose();
                break;
            default:
                node.Device.OnPut = static (in CommandHeader _, ReadOnlySpan<byte> _) => throw new BrokenInvariantException("the script says so");
                if (cause is Cause.FaultOfTheReceiver or Cause.FaultOfBoth)
                {
                    peer.Device.Enqueue(ScriptedNode.Message(1, 0, 1));
                }

                if (cause is Cause.FaultOfTheSender or Cause.FaultOfBoth)
                {
                    node.Device.EnqueueBrokenInvariant(1);
                }

                break;
        }

        UntilStopped(node, 1);
    }

    private static void UntilStopped(ScriptedNode node, int peer) =>
        Eventually.True(() => node.Device.Calls.Contains($"exit {peer} receiver"), "both threads end", () => $"{string.Join('\n', node.Device.Calls)}\n{node.Log.All}");

    private static void AssertOrder(ScriptedNode node, int peer = 1)
    {
        var calls = node.Device.Calls.Where(call => call.StartsWith($"proxy_conn {peer} ", StringComparison.Ordinal) || call.StartsWith($"exit {peer} ", StringComparison.Ordinal)).ToList();
        var expected = InOrder.Select(call => call.Replace(" 1 ", $" {peer} ", StringComparison.Ordinal)).ToList();
        Assert.True(calls.Count >= 4, string.Join('\n', calls));

        // The directions may come in either order; each is told once, and last of all.
        Assert.Equal(expected[..2], calls[^4..^2].Order(StringComparer.Ordinal));
        Assert.Equal(expected[2..], calls[^2..]);
        Assert.Equal(2, calls.Count(static call => call.EndsWith("Disconnected", StringComparison.Ordinal)));
        Assert.Equal(0, node.Device.OverlappingExits);
    }
}
