using Dvs.Proxy.Configuration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Pairing.Lifetime;

/// <summary>A proxy of a session that is stopped or parked takes its leave: nothing gets lost, repeated or of unknown fate, and the peer knows why.</summary>
public class PlannedStopTests
{
    public static TheoryData<string> Ways => new("tcp", "tls", "memory", "tls in memory");

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Requests_arrive_once_at_a_receiver_that_is_stopped_after_each(string way)
    {
        const int Requests = 20;
        var world = new World(way, static peer =>
        {
            peer.AtLeastOnce = true;

            // No acknowledgement goes out by itself: the farewell alone tells what was delivered.
            peer.AcknowledgementDelay = TimeSpan.FromSeconds(1);
        });
        await using var a = await world.StartAsync(0);
        var arrived = new List<int>();
        for (var request = 0; request < Requests; request++)
        {
            await using var b = await world.StartAsync(1);
            a.Device.Enqueue(ScriptedNode.Message(0, 1, request));
            Eventually.True(() => !b.Device.Delivered.IsEmpty, "the request arrives", () => $"{a.Log.All}\n{b.Log.All}");
            await b.StopAsync();
            arrived.AddRange(TypesOf(b));
        }

        Assert.Equal(Enumerable.Range(0, Requests), arrived);
        var sender = a.Pair(1).Sender;
        Assert.Equal((0, 0, 0), (sender.PossiblyRepeated, sender.UnknownFate, sender.Lost));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_a_stopped_receiver_has_not_delivered_arrives_at_the_next(string way)
    {
        const int Commands = 3000;
        var world = new World(way, static peer => (peer.Batch, peer.FrameDigest) = (true, FrameDigestKind.Md5));
        await using var a = await world.StartAsync(0);
        var b = await world.StartAsync(1);
        for (var number = 0; number < Commands; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => b.Device.Delivered.Count > 10, "some arrive", () => a.Log.All);
        await b.StopAsync();
        var arrived = TypesOf(b);
        await b.DisposeAsync();

        await using var next = await world.StartAsync(1);
        Eventually.True(() => arrived.Count + next.Device.Delivered.Count >= Commands, "the rest arrives", () => $"{a.Log.All}\n{next.Log.All}");
        Assert.Equal(Enumerable.Range(0, Commands), arrived.Concat(TypesOf(next)));
        var sender = a.Pair(1).Sender;
        Assert.Equal((0, 0), (sender.UnknownFate, sender.Lost));
        Assert.Equal(0, a.Pair(1).Sender.PossiblyRepeated);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Both_sides_know_that_the_other_stops(string way)
    {
        var world = new World(way);
        await using var a = await world.StartAsync(0);
        await using var b = await world.StartAsync(1);
        Connected(a, b);
        await b.StopAsync();
        Eventually.True(
            () => Has(a.Pair(1).Sender, ConnectionEndCause.PeerStopped) && Has(a.Pair(1).Receiver, ConnectionEndCause.PeerStopped),
            "both threads know",
            () => $"{a.Proxy.GetStatus()}\n{a.Log.All}\n{b.Log.All}");
        Assert.True(a.Log.Contains("the peer closed the connection: it stops"), a.Log.All);
        Assert.True(Has(b.Pair(0).Sender, ConnectionEndCause.Stopped) && Has(b.Pair(0).Receiver, ConnectionEndCause.Stopped), b.Log.All);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Both_sides_know_that_the_other_parks_and_all_goes_on_afterwards(string way)
    {
        var world = new World(way);
        await using var a = await world.StartAsync(0);
        await using var b = await world.StartAsync(1);
        Connected(a, b);
        await b.Proxy.ParkAsync();
        Eventually.True(
            () => Has(a.Pair(1).Sender, ConnectionEndCause.PeerParked) && Has(a.Pair(1).Receiver, ConnectionEndCause.PeerParked),
            "both threads know",
            () => $"{a.Proxy.GetStatus()}\n{a.Log.All}\n{b.Log.All}");
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 7));
        await b.Proxy.ResumeAsync();
        Eventually.True(() => b.Device.Delivered.Count == 1, "traffic goes on", () => a.Log.All);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_sender_whose_connection_was_idle_is_told_so(string way)
    {
        var world = new World(way, static peer => (peer.HelloPeriod, peer.IdleTimeout) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)));
        var quiet = new World(way, world, static peer => (peer.HelloPeriod, peer.IdleTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3)));
        await using var a = await quiet.StartAsync(0);
        await using var b = await world.StartAsync(1);
        Eventually.True(() => Has(a.Pair(1).Sender, ConnectionEndCause.Idle), "the sender knows", () => $"{a.Log.All}\n{b.Log.All}");
        Eventually.True(() => Has(b.Pair(0).Receiver, ConnectionEndCause.Idle), "so does the receiver", () => b.Log.All);
        Assert.True(a.Log.Contains("it has heard nothing of us for too long (idle)"), a.Log.All);
    }

    private static void Connected(ScriptedNode a, ScriptedNode b) =>
        Eventually.True(() => a.Pair(1).IsConnected && b.Pair(0).IsConnected, "both are connected", () => $"{a.Log.All}\n{b.Log.All}");

    private static bool Has(DirectionSnapshot direction, ConnectionEndCause cause) => direction.DisconnectsByCause.Any(count => count.Cause == cause);

    private static List<int> TypesOf(ScriptedNode node) => [.. node.Device.Delivered.Select(static delivered => delivered.Header.Message.Type)];

    /// <summary>Two places for nodes that find each other, whichever process is there.</summary>
    private sealed class World(string way, Action<PeerOptions>? configure = null)
    {
        private readonly IProxyTransport _transport = way.EndsWith("memory", StringComparison.Ordinal) ? new InMemoryTransport() : new TcpTransport();
        private readonly string[] _addresses = [LoopbackPort.NewAddress(), LoopbackPort.NewAddress()];
        private int[]? _ports;

        public World(string way, World other, Action<PeerOptions> configure)
            : this(way, configure)
        {
            (_transport, _addresses, _ports) = (other._transport, other._addresses, other.Ports);
        }

        private int[] Ports => _ports ??= [LoopbackPort.Reserve(_addresses[0]), LoopbackPort.Reserve(_addresses[1])];

        public async Task<ScriptedNode> StartAsync(int nodeId)
        {
            var other = 1 - nodeId;
            var node = new ScriptedNode(nodeId, _addresses[nodeId], new TransportRegistry([_transport]));
            node.AddPeer(other, _addresses[other], Ports[other], Ports[nodeId], peer =>
            {
                (peer.UseSession, peer.Transport) = (true, _transport.Name);
                peer.Tls = way.StartsWith("tls", StringComparison.Ordinal) ? SchedulePki.Options(nodeId) : null;
                configure?.Invoke(peer);
            });
            await node.StartAsync();
            return node;
        }
    }
}
