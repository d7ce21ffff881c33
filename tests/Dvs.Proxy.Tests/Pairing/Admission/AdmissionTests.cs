using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tests.Pairing.Receiving;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.Transport;
using Dvs.Proxy.Tests.Transport.Tls;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Pairing.Admission;

/// <summary>Visitors that come in numbers, say nothing, or say it slowly: they are bounded, cut in time, and keep nobody out.</summary>
public sealed class AdmissionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_dribbles_is_cut_in_time_and_others_are_served_meanwhile(bool tls)
    {
        using var pki = new TestPki();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var node = new ScriptedNode(0, time: time);
        var shared = LoopbackPort.Reserve(node.Address);
        var options = tls ? TestPki.Options(pki.IssueFiles("node0")) : null;
        node.AddPeer(1, "127.0.0.1", 9, shared, peer => peer.Tls = options);
        node.AddPeer(2, "127.0.0.1", 9, shared, peer => peer.Tls = options);
        var files = tls ? pki.IssueFiles("node2") : null;
        node.Options.HandshakeTimeout = TimeSpan.FromMinutes(10);
        await node.StartAsync();

        // A header, or the beginning of a TLS handshake whose record never ends.
        var bytes = tls ? [0x16, 0x03, 0x01, 0x02, 0x00, .. new byte[163]] : Frames.Message(1, 0);
        using var slow = node.ConnectAs(1);
        var cut = Task.Factory.StartNew(() => Dribble(slow, bytes), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using var prompt = node.ConnectAs(2);
        using var secured = tls ? await SecureAsync() : null;
        if (secured is null)
        {
            prompt.Send(Frames.Message(2, 0));
        }
        else
        {
            secured.Stream.Write(Frames.Message(2, 0));
        }

        Eventually.True(() => LookedAt() && node.Device.Delivered.Count == 1, "the prompt peer is served", () => node.Log.All);
        Assert.False(cut.IsCompleted, "while the other still dribbles");
        time.Advance(node.Options.HandshakeTimeout);
        await cut.WaitAsync(Eventually.Limit);
        Eventually.True(
            () => LookedAt() && node.Log.Contains("it did not say whose it is within 600 s (HandshakeTimeout)"), "the log says why", () => node.Log.All);
        Assert.Single(node.Device.Delivered);

        async Task<TestTlsClient> SecureAsync()
        {
            var connecting = Patience.OnThread(() => TestTlsClient.Connect(prompt, pki, files!));
            Eventually.True(() => LookedAt() && connecting.IsCompleted, "the handshake ends", () => node.Log.All);
            return await connecting;
        }

        // So that the admission looks at what has come.
        bool LookedAt()
        {
            time.Advance(TimeSpan.FromMilliseconds(5));
            return true;
        }
    }

    [Fact]
    public async Task A_flood_from_an_address_that_is_no_peers_is_turned_away_and_the_log_stays_short()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: static peer => peer.Allow.Add("127.0.0.2"));
        node.Options.LogBurst = 3;
        node.Options.LogPeriod = TimeSpan.FromMinutes(10);
        await node.StartAsync();
        const int Flood = 1000;
        for (var number = 0; number < Flood; number++)
        {
            using var stranger = ConnectFrom("127.0.0.3", node);
            Eventually.True(() => node.Pair(1).Receiver.Refused >= number - 50, "they are turned away as they come", () => node.Log.All);
        }

        Eventually.True(() => node.Pair(1).Receiver.Refused == Flood, "all are turned away", () => node.Log.All);
        Assert.Equal(3, node.Log.EventIds.Count(static id => id == 401));
        Assert.True(node.Log.Contains("its address is none that a peer of this port may come from"), node.Log.All);
        using var peer = ConnectFrom("127.0.0.2", node);
        peer.Send(Frames.Message(1, 0));
        Eventually.True(() => node.Device.Delivered.Count == 1, "the peer gets in", () => node.Log.All);
    }

    [Fact]
    public async Task One_address_cannot_push_out_the_connections_of_another()
    {
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared);
        node.AddPeer(2, "127.0.0.1", 9, shared);
        node.Options.MaxPendingConnections = 8;
        node.Options.MaxPendingPerAddress = 8;
        await node.StartAsync();
        using var slowPeer = ConnectFrom("127.0.0.2", node);
        var crowd = Enumerable.Range(0, 100).Select(_ => ConnectFrom("127.0.0.3", node)).ToList();
        Eventually.True(() => node.Pair(1).Receiver.Refused == 93, "all but seven of the crowd are closed", () => node.Log.All);

        slowPeer.Send(Frames.Message(2, 0));

        Eventually.True(() => node.Device.Delivered.Count == 1, "the quiet one is still there", () => node.Log.All);
        crowd.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public async Task An_address_has_its_own_limit()
    {
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared);
        node.AddPeer(2, "127.0.0.1", 9, shared);
        node.Options.MaxPendingPerAddress = 2;
        await node.StartAsync();
        var crowd = Enumerable.Range(0, 10).Select(_ => ConnectFrom("127.0.0.3", node)).ToList();

        Eventually.True(() => node.Pair(1).Receiver.Refused == 8, "two are left", () => node.Log.All);
        Eventually.True(() => node.Log.Contains("it had to make room for a newer one"), "the log says why", () => node.Log.All);
        crowd.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public async Task A_claim_to_be_a_peer_of_another_address_is_refused_by_name()
    {
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared, static peer => peer.Allow.Add("127.0.0.2"));
        node.AddPeer(2, "127.0.0.1", 9, shared, static peer => peer.Allow.Add("127.0.0.3"));
        await node.StartAsync();
        using var liar = ConnectFrom("127.0.0.3", node);
        liar.Send(Frames.Message(1, 0));

        Eventually.True(() => node.Log.Contains("it claims to be node1 (node 1), but its address is none of that peer's"), "the log says so", () => node.Log.All);
        Assert.Empty(node.Device.Delivered);
        Assert.NotEqual(ProxyState.Connected, node.Pair(1).Receiver.State);
    }

    [Fact]
    public async Task A_host_by_name_is_known_when_its_first_connection_comes()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "localhost", 9);
        await node.StartAsync();
        using var peer = ConnectFrom("127.0.0.1", node);
        peer.Send(Frames.Message(1, 0));

        Eventually.True(() => node.Device.Delivered.Count == 1, "the name was looked up", () => node.Log.All);
        Assert.Equal(0, node.Pair(1).Receiver.Refused);
    }

    private static Socket ConnectFrom(string address, ScriptedNode node)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        socket.Connect(new IPEndPoint(IPAddress.Parse(node.Address), node.Options.Peers[0].ListenPort!.Value));
        return socket;
    }

    // One byte at a time until the other side closes.
    private static void Dribble(Socket socket, byte[] bytes)
    {
        try
        {
            var watch = Stopwatch.StartNew();
            for (var index = 0; watch.Elapsed < Eventually.Limit; index++)
            {
                if (index < bytes.Length - 1)
                {
                    socket.Send(bytes.AsSpan(index, 1));
                }

                if (socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead) && socket.Receive(new byte[1]) == 0)
                {
                    return;
                }
            }
        }
        catch (SocketException)
        {
            return;
        }

        throw new TimeoutException("The connection was never cut.");
    }
}
