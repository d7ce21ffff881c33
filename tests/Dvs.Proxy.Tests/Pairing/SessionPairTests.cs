using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>Sessions between two running proxies: what the driver hears, what stops whom, and what is said to a peer without sessions.</summary>
public class SessionPairTests
{
    [Fact]
    public async Task A_lost_connection_is_not_told_to_the_driver_within_the_resume_window()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.UseSession = true);
        await using var first = a;
        await b.StopAsync();
        Eventually.True(() => a.Pair(1) is { Sender.Disconnects: 1, Receiver.Disconnects: 1 }, "both connections are gone", () => a.Log.All);
        Assert.DoesNotContain(a.Device.Calls, static call => call.EndsWith("Disconnected", StringComparison.Ordinal));

        await using var again = await RestartAsync(b);
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 7));
        Eventually.True(() => again.Device.Delivered.Count == 1, "traffic goes on", () => a.Log.All);
        Assert.DoesNotContain(a.Device.Calls, static call => call.EndsWith("Disconnected", StringComparison.Ordinal));
        await b.DisposeAsync();
    }

    [Fact]
    public async Task After_the_resume_window_the_driver_is_told_once_and_again_when_the_peer_is_back()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => (peer.UseSession, peer.ResumeWindow) = (true, TimeSpan.FromMilliseconds(300)));
        await using var first = a;
        await b.StopAsync();

        Eventually.True(
            () => a.Device.Calls.Contains("proxy_conn 1 SenderDisconnected") && a.Device.Calls.Contains("proxy_conn 1 ReceiverDisconnected"), "the driver is told", () => a.Log.All);
        await using var again = await RestartAsync(b);
        Eventually.True(() => a.Device.Calls.Count(static call => call == "proxy_conn 1 SenderConnected") == 2, "the driver is told that the peer is back");
        Assert.Equal(1, a.Device.Calls.Count(static call => call == "proxy_conn 1 SenderDisconnected"));
        await b.DisposeAsync();
    }

    [Fact]
    public async Task A_graceful_stop_leaves_nothing_of_unknown_fate()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.UseSession = true);
        await using var second = b;
        for (var number = 0; number < 2000; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => a.Pair(1).Sender.Commands > 100, "the sender has begun");
        await a.StopAsync();

        var sent = a.Pair(1).Sender;
        Assert.Equal((0, 0), (sent.UnknownFate, sent.Lost));
        Eventually.True(() => b.Device.Delivered.Count == sent.Commands, "all that was fetched was delivered", () => $"{sent.Commands} fetched, {b.Device.Delivered.Count} delivered\n{a.Log.All}");
        await a.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_delivers_nothing_stops_the_fetching_at_the_window()
    {
        const int Window = 512 * 1024;
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => (peer.UseSession, peer.WindowBytes) = (true, Window));
        await using var first = a;
        await using var second = b;
        using var gate = new ManualResetEventSlim();
        b.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) =>
        {
            gate.Wait();
            return DvkError.Ok;
        };
        var block = new byte[65_536];
        for (var number = 0; number < 100; number++)
        {
            a.Device.Enqueue(ScriptedNode.Block(0, 1, block.Length), block);
        }

        const int Fitting = Window / (65_536 + 168);
        Eventually.True(() => a.Pair(1).Sender.Commands >= Fitting - 2, "the window fills", () => a.Proxy.GetStatus().ToString());
        Assert.InRange(a.Pair(1).Sender.Commands, Fitting - 2, Fitting);
        gate.Set();
        Eventually.True(() => b.Device.Delivered.Count == 100, "and then all arrive");
    }

    [Fact]
    public async Task The_window_may_be_limited_in_frames_too()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => (peer.UseSession, peer.WindowFrames, peer.MaxBatchCommands) = (true, 10, 0));
        await using var first = a;
        await using var second = b;
        using var gate = new ManualResetEventSlim();
        b.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) =>
        {
            gate.Wait();
            return DvkError.Ok;
        };
        for (var number = 0; number < 100; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => a.Pair(1).Sender.Commands >= 9, "the window fills", () => a.Proxy.GetStatus().ToString());
        Assert.InRange(a.Pair(1).Sender.Commands, 9, 10);
        gate.Set();
        Eventually.True(() => b.Device.Delivered.Count == 100, "and then all arrive");
    }

    [Fact]
    public async Task A_classic_receiver_is_named_as_such_with_the_key_to_change()
    {
        await using var node = new ScriptedNode(0);
        using var classic = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        classic.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        classic.Listen();
        node.AddPeer(1, "127.0.0.1", ((IPEndPoint)classic.LocalEndPoint!).Port, configure: static peer => (peer.UseSession, peer.ConnectTimeout) = (true, TimeSpan.FromMilliseconds(200)));
        await node.StartAsync();

        // The log has the first failure only, which on a slow machine may be another; the last error is renewed with every attempt.
        Eventually.True(
            () => node.Pair(1).Sender.LastError is { } error
                && error.Contains("the peer seems to be a classic proxy", StringComparison.Ordinal)
                && error.Contains("sequence NO for proxy node1", StringComparison.Ordinal),
            "it is said what to change",
            () => node.Log.All);
        Assert.DoesNotContain("proxy_conn 1 SenderConnected", node.Device.Calls);
    }

    [Fact]
    public async Task A_classic_sender_is_refused_with_the_key_to_change()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: static peer => peer.UseSession = true);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);
        var header = ScriptedNode.Message(1, 0, 1);
        var bytes = new byte[168];
        WireLayout.Lp64.Write(bytes, in header);

        socket.Send(bytes);

        Eventually.True(() => node.Pair(1).Receiver.LastError?.Contains("sequence NO for proxy node1", StringComparison.Ordinal) == true, "the reason is kept", () => node.Log.All);
        Assert.Empty(node.Device.Delivered);
    }

    [Fact]
    public async Task A_classic_side_ignores_an_open_and_says_nothing()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);
        var open = ScriptedNode.Message(1, 0, 0x0d50);
        (open.Command, open.Message.Source) = (CommandCode.None, 1);
        var command = ScriptedNode.Message(1, 0, 5);
        var bytes = new byte[336];
        WireLayout.Lp64.Write(bytes, in open);
        WireLayout.Lp64.Write(bytes.AsSpan(168), in command);

        socket.Send(bytes);

        Eventually.True(() => node.Device.Delivered.Count == 1, "the command behind it is delivered", () => node.Log.All);
        Assert.Equal(0, socket.Available);
        Assert.Equal(ProxyState.Connected, node.Pair(1).Receiver.State);
    }

    private static async Task<ScriptedNode> RestartAsync(ScriptedNode stopped)
    {
        var again = new ScriptedNode(stopped.NodeId, stopped.Address);
        foreach (var peer in stopped.Options.Peers)
        {
            again.Options.Peers.Add(peer);
        }

        await again.StartAsync();
        return again;
    }
}
