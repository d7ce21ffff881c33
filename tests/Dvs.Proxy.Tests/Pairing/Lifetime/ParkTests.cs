using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Pairing.Receiving;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Pairing.Lifetime;

/// <summary>A proxy that parks: no network, the driver told, the threads still bound; and that serves again when it is resumed.</summary>
public class ParkTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_parked_proxy_has_no_network_and_keeps_its_threads_bound_and_out_of_the_driver(bool sequence)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => peer.UseSession = sequence);
        await using var first = a;
        await using var second = b;
        var bound = a.Device.GetProxyInfo(1);
        var listens = a.Proxy.ListeningEndpoints[0];

        await a.Proxy.ParkAsync();

        Assert.True(a.Proxy.IsParked);
        Assert.Equal((ProxyState.Parked, ProxyState.Parked), (a.Pair(1).Sender.State, a.Pair(1).Receiver.State));
        Assert.Equal(["proxy_conn 1 ReceiverDisconnected", "proxy_conn 1 SenderDisconnected"], a.Device.Calls.TakeLast(2).Order(StringComparer.Ordinal));
        Assert.Empty(a.Proxy.ListeningEndpoints);
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(listens.Host!), listens.Port)));
        }

        var waits = a.Device.Waits.Count;
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        Eventually.True(() => b.Pair(0) is { Sender.State: not ProxyState.Connected, Receiver.State: not ProxyState.Connected }, "the peer sees the connections end");
        Assert.Equal((0, waits), (a.Device.Fetched(1), a.Device.Waits.Count));

        await a.Proxy.ResumeAsync();

        Eventually.True(() => a.Pair(1).IsConnected && b.Pair(0).IsConnected, "both are connected again", () => $"{a.Log.All}\n{b.Log.All}");
        Eventually.True(() => b.Device.Delivered.Count == 1, "what waited in the driver is sent");
        Assert.False(a.Proxy.IsParked);
        Assert.Equal(listens, a.Proxy.ListeningEndpoints[0]);
        Assert.Equivalent(bound, a.Device.GetProxyInfo(1));
        Assert.Equal([100, 110, 111], a.Log.EventIds.Where(static id => id is 100 or 101 or 110 or 111));
        Assert.Single(a.Device.Calls, static call => call.StartsWith("proxies_bind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_keeps_over_a_parking_what_its_peer_has_not_acknowledged()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.UseSession = true);
        await using var first = a;
        await using var second = b;
        using var gate = new ManualResetEventSlim();
        a.Options.ShutdownTimeout = TimeSpan.FromMilliseconds(500);
        b.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) =>
        {
            gate.Wait();
            return DvkError.Ok;
        };
        const int Count = 500;
        for (var number = 0; number < Count; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => a.Pair(1).Sender.Commands > 100, "the sender has begun");
        await a.Proxy.ParkAsync();
        Assert.Equal(ProxyState.Parked, a.Pair(1).Sender.State);

        gate.Set();
        await a.Proxy.ResumeAsync();

        Eventually.True(() => b.Device.Delivered.Count == Count, "all arrive", () => $"{a.Log.All}\n{b.Log.All}");
        Assert.Equal(Enumerable.Range(0, Count), b.Device.Delivered.Select(static item => item.Header.Message.Type));
        Eventually.True(() => a.Pair(1).Sender.Resumes == 1, "the session goes on", () => a.Log.All);
        Assert.Equal((0, 0), (a.Pair(1).Sender.UnknownFate, a.Pair(1).Sender.Lost));
    }

    [Fact]
    public async Task What_the_peer_sends_to_a_parked_proxy_in_a_session_arrives_when_it_is_resumed()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.UseSession = true);
        await using var first = a;
        await using var second = b;
        for (var round = 0; round < 3; round++)
        {
            var from = round * 100;
            await a.Proxy.ParkAsync();
            for (var number = from; number < from + 100; number++)
            {
                b.Device.Enqueue(ScriptedNode.Message(1, 0, number));
            }

            await a.Proxy.ResumeAsync();
            Eventually.True(() => a.Device.Delivered.Count == from + 100, "all arrive", () => $"{a.Log.All}\n{b.Log.All}");
        }

        Assert.Equal(Enumerable.Range(0, 300), a.Device.Delivered.Select(static item => item.Header.Message.Type));
        Assert.Equal(0, b.Pair(0).Sender.UnknownFate);
    }

    [Fact]
    public async Task A_port_that_the_system_chose_is_the_same_after_a_parking()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, receivePort: 0);
        node.AddPeer(2, "127.0.0.1", 9, receivePort: 0);
        await node.StartAsync();
        var before = node.Proxy.ListeningEndpoints;

        await node.Proxy.ParkAsync();
        await node.Proxy.ResumeAsync();

        Assert.Equal(before, node.Proxy.ListeningEndpoints);
        Assert.Equal(2, before.Select(static endpoint => endpoint.Port).Distinct().Count());
    }

    [Fact]
    public async Task A_connection_made_after_a_parking_counts_as_newer_than_all_before()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        for (var connections = 1; connections <= 3; connections++)
        {
            using var socket = node.ConnectAs(1);
            socket.Send(Frames.Message(1, 0));
            Eventually.True(() => node.Device.Delivered.Count == connections, "it is served", () => node.Log.All);
        }

        await node.Proxy.ParkAsync();
        await node.Proxy.ResumeAsync();
        using var after = node.ConnectAs(1);
        after.Send(Frames.Message(1, 0));

        Eventually.True(() => node.Device.Delivered.Count == 4, "so is the one after", () => node.Log.All);
    }

    [Fact]
    public async Task A_port_that_was_taken_meanwhile_leaves_the_proxy_parked_until_it_is_free()
    {
        await using var node = new ScriptedNode(0);
        var port = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, port);
        await node.StartAsync();
        await node.Proxy.ParkAsync();
        using (var other = new TcpListener(IPAddress.Parse(node.Address), port))
        {
            other.Start();
            await Assert.ThrowsAsync<ProxyTransportException>(() => node.Proxy.ResumeAsync());
            Assert.True(node.Proxy.IsParked);
        }

        await node.Proxy.ResumeAsync();

        Eventually.True(() => node.Pair(1).Receiver.State == ProxyState.Waiting, "it serves again");
    }

    [Fact]
    public async Task A_thread_held_up_in_the_driver_does_not_hold_up_the_parking_and_the_driver_is_told()
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

        await a.Proxy.ParkAsync().WaitAsync(Eventually.Limit);

        Assert.Contains(112, a.Log.EventIds);
        Assert.Contains("proxy_conn 1 ReceiverDisconnected", a.Device.Calls);
        gate.Set();
        Eventually.True(() => a.Pair(1).Receiver.State == ProxyState.Parked, "it parks when the call returns");
        await a.Proxy.ResumeAsync();
        Eventually.True(() => a.Pair(1).IsConnected, "and serves again", () => a.Log.All);
    }

    [Fact]
    public async Task A_stop_parks_where_the_options_say_so_and_the_next_one_ends()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;
        a.Options.OnStop = ProxyStopMode.Park;

        await a.Proxy.StopAsync(CancellationToken.None);

        Assert.True(a.Proxy.IsParked);
        Assert.DoesNotContain(a.Device.Calls, static call => call.StartsWith("exit", StringComparison.Ordinal));
        await a.StopAsync();
        Assert.False(a.Proxy.IsParked);
        Assert.Equal(["exit 1 sender", "exit 1 receiver"], a.Device.Calls.TakeLast(2));
        Assert.Equal(2, a.Device.Calls.Count(static call => call.EndsWith("Disconnected", StringComparison.Ordinal)));
        Assert.Equal((ProxyState.Stopped, ProxyState.Stopped), (a.Pair(1).Sender.State, a.Pair(1).Receiver.State));
    }

    [Fact]
    public async Task A_parked_pair_that_the_driver_unbinds_ends_and_is_not_resumed()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        node.AddPeer(2, "127.0.0.1", 9);
        await node.StartAsync();
        await node.Proxy.ParkAsync();

        node.Device.Unbind(1);

        Eventually.True(() => node.Pair(1) is { Sender.State: ProxyState.Stopped, Receiver.State: ProxyState.Stopped }, "both threads ended", () => node.Log.All);
        await node.Proxy.ResumeAsync();
        Eventually.True(() => node.Pair(2).Sender.Refused > 0, "the other pair serves again");
        Assert.Equal(ProxyState.Stopped, node.Pair(1).Receiver.State);
    }

    [Fact]
    public async Task Parking_and_resuming_twice_are_once_and_neither_is_for_a_proxy_that_does_not_run()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.Proxy.ParkAsync());
        await node.StartAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(node.StartAsync);
        await node.Proxy.ResumeAsync();
        await node.Proxy.ParkAsync();
        await node.Proxy.ParkAsync();
        Assert.Single(node.Log.EventIds, static id => id == 110);
        await node.Proxy.ResumeAsync();
        await node.Proxy.ResumeAsync();
        Assert.Single(node.Log.EventIds, static id => id == 111);
        await node.StopAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => node.Proxy.ParkAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.Proxy.ResumeAsync());
    }

    [Fact]
    public async Task Processes_talk_on_after_a_parking_with_the_bindings_they_had()
    {
        await using var mesh = await EmulatedMesh.StartAsync(2);
        mesh.BindRemotely(0, 5, 0, "server");
        mesh.BindRemotely(0, 6, 1, "client");
        var replies = 0;
        var failed = DvkError.Ok;
        var answers = 0;
        var server = DvkProcess.Start(mesh.Devices[0], 0, 5, "server", process =>
        {
            for (var count = 0; count < 20; count++)
            {
                var request = process.ReceiveRequest(TimeSpan.FromSeconds(30));
                process.Reply(request.Source, in request, TimeSpan.FromSeconds(30));
                Volatile.Write(ref replies, count + 1);
            }
        });
        var client = DvkProcess.Start(mesh.Devices[1], 0, 6, "client", process =>
        {
            for (var count = 0; count < 20; count++)
            {
                if (count == 10)
                {
                    // Until then the acknowledgement of the last reply may wait in the driver, which forgets it when it is told.
                    Eventually.True(() => Volatile.Read(ref replies) == 10, "the last reply is acknowledged");
                    mesh.Proxies[1].ParkAsync().GetAwaiter().GetResult();
                    var refused = new Message { Type = 1 };
                    failed = process.TrySendReceive(5, ref refused, TimeSpan.FromSeconds(30));
                    mesh.Proxies[1].ResumeAsync().GetAwaiter().GetResult();
                    Eventually.True(() => mesh.Proxies.All(static proxy => proxy.GetStatus().Pairs[0].IsConnected), "both are connected again");
                }

                var request = new Message { Type = 1 };
                process.SendReceive(5, ref request, TimeSpan.FromSeconds(30));
                answers++;
            }
        });

        client.Join();
        server.Join();
        Assert.Equal((20, DvkError.NotConnected), (answers, failed));
    }
}
