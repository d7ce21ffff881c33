using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Tests.Pairing.Receiving;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Pairing.Lifetime;

/// <summary>Whatever is thrown where nobody expects it: what serves goes on serving.</summary>
public class SurvivalTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_log_that_fails_for_a_while_costs_its_messages_and_nothing_else(bool session)
    {
        var log = new FailingLogger { Fails = true };
        await using var a = new ScriptedNode(0, log: log);
        await using var b = new ScriptedNode(1);
        var (portOfA, portOfB) = (LoopbackPort.Reserve(a.Address), LoopbackPort.Reserve(b.Address));
        a.AddPeer(1, b.Address, portOfB, portOfA, peer => peer.UseSession = session);
        a.AddPeer(2, "127.0.0.1", 9, portOfA, peer => peer.UseSession = session);
        b.AddPeer(0, a.Address, portOfA, portOfB, peer => peer.UseSession = session);
        await a.StartAsync();
        using (var stranger = ConnectTo(a, portOfA))
        {
            stranger.Send(Frames.Message(9, 0));
            Eventually.True(() => a.Pair(1).Receiver.Refused >= 1, "a stranger is turned away");
        }

        await b.StartAsync();
        Eventually.True(() => a.Pair(1).IsConnected && b.Pair(0).IsConnected, "both nodes are connected", () => b.Log.All);
        b.Device.OnPut = static (in CommandHeader _, ReadOnlySpan<byte> _) => DvkError.TrapDenied;
        a.Device.OnPut = static (in CommandHeader _, ReadOnlySpan<byte> _) => DvkError.TrapDenied;
        b.Device.Enqueue(ScriptedNode.Message(1, 0, 1));
        a.Device.EnqueueError(DvkError.BadProcess, 1);
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        Eventually.True(() => a.Device.Delivered.Count == 1 && b.Device.Delivered.Count == 1, "traffic goes both ways");
        Assert.True(a.Proxy.GetStatus().LogFailures > 0);
        Assert.Empty(log.Messages);

        log.Fails = false;
        using (var stranger = ConnectTo(a, portOfA))
        {
            stranger.Send(Frames.Message(9, 0));
            Eventually.True(() => log.Messages.Any(static message => message.Contains("is no peer of this port", StringComparison.Ordinal)), "the log works again");
        }

        await a.StopAsync();

        // Counted where it throws: a thread that was about to log when the log was mended may have met the old one.
        Assert.Equal(log.Failures, a.Proxy.GetStatus().LogFailures);
    }

    [Fact]
    public async Task The_node_goes_on_accepting_after_whatever_its_listener_throws()
    {
        var transport = new FaultyListening(new TcpTransport());
        await using var node = new ScriptedNode(0, transports: new TransportRegistry([transport]));
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        Eventually.True(() => transport.Thrown == 2, "the listener has thrown twice", () => node.Log.All);
        using var socket = node.ConnectAs(1);
        socket.Send(Frames.Message(1, 0));

        Eventually.True(() => node.Device.Delivered.Count == 1, "the peer is accepted and served", () => node.Log.All);
        Assert.Contains(206, node.Log.EventIds);
        await node.StopAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fault_of_the_senders_thread_costs_its_connection_and_it_serves_again_on_the_same_thread(bool session)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => peer.UseSession = session);
        await using var first = a;
        await using var second = b;
        var thread = a.Device.GetProxyInfo(1).Sender.LinuxProcessId;

        a.Device.EnqueueFault(1);

        Eventually.True(() => a.Pair(1).Sender is { Faults: 1, Connects: 2, State: ProxyState.Connected }, "it connects again", () => a.Log.All);
        Assert.Contains("proxy_conn 1 SenderDisconnected", a.Device.Calls);
        Assert.Contains(103, a.Log.EventIds);
        Assert.Equal([new DisconnectCount(ConnectionEndCause.Fault, 1)], a.Pair(1).Sender.DisconnectsByCause);
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 5));
        Eventually.True(() => b.Device.Delivered.Count == 1, "it serves", () => a.Log.All);
        Assert.Equal(thread, a.Device.GetProxyInfo(1).Sender.LinuxProcessId);
        Assert.DoesNotContain(a.Device.Calls, static call => call.StartsWith("exit", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_fault_of_the_receivers_thread_costs_its_connection_and_delivers_nothing_twice(bool session)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => peer.UseSession = session);
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = static (in CommandHeader header, ReadOnlySpan<byte> _) =>
            header.Message.Type == 2 ? throw new InvalidOperationException("the script says so") : DvkError.Ok;
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        Eventually.True(() => b.Device.Delivered.Count == 1, "the first is delivered");

        a.Device.Enqueue(ScriptedNode.Message(0, 1, 2));
        Eventually.True(() => b.Pair(0).Receiver is { Faults: 1, Connects: 2, State: ProxyState.Connected }, "it is served again", () => b.Log.All);
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 3));

        Eventually.True(() => b.Device.Delivered.Any(static delivered => delivered.Header.Message.Type == 3), "what follows is delivered", () => b.Log.All);
        Assert.Equal([1, 2, 3], b.Device.Delivered.Select(static delivered => delivered.Header.Message.Type));
        Assert.Equal((1, 0), (b.Pair(0).Receiver.UnknownFate, b.Pair(0).Receiver.Lost));
        Assert.Contains("proxy_conn 0 ReceiverDisconnected", b.Device.Calls);
    }

    [Fact]
    public async Task A_transport_that_throws_what_it_should_not_is_tried_again()
    {
        var transport = new FaultyConnecting(new TcpTransport());
        using var receiver = new ScriptedReceiver();
        await using var node = new ScriptedNode(0, transports: new TransportRegistry([transport]));
        node.AddPeer(1, "127.0.0.1", receiver.Port);
        await node.StartAsync();
        await receiver.AcceptAsync();

        Eventually.True(() => node.Pair(1).Sender is { State: ProxyState.Connected, Faults: 3 }, "the fourth attempt works", () => node.Log.All);
        await node.StopAsync();
    }

    [Fact]
    public async Task A_driver_that_was_closed_early_does_not_make_a_stop_throw()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var second = b;
        a.Device.OnConnectionChange = static _ => throw new ObjectDisposedException("the script");
        a.Device.EnqueueFault(1);
        Eventually.True(() => a.Pair(1).Sender is { Faults: 1, Connects: 2 }, "it goes on as far as it can", () => a.Log.All);

        await a.StopAsync().WaitAsync(Eventually.Limit);

        Assert.Contains(118, a.Log.EventIds);
        a.Proxy.Dispose();
    }

    [Fact]
    public async Task Commands_that_a_broken_classic_connection_took_along_are_counted_at_least()
    {
        using var receiver = new ScriptedReceiver(receiveBufferSize: 4096);
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", receiver.Port);
        await node.StartAsync();
        await receiver.AcceptAsync();
        Eventually.True(() => node.Pair(1).Sender.State == ProxyState.Connected, "the sender is connected");
        for (var number = 0; number < 400; number++)
        {
            node.Device.Enqueue(ScriptedNode.Block(0, 1, 60_000), new byte[60_000]);
        }

        Eventually.True(() => Blocked(node), "the sender waits for the peer to read");
        var fetched = node.Device.Fetched(1);
        receiver.Reset();

        Eventually.True(() => node.Pair(1).Sender.Disconnects == 1, "the connection breaks", () => node.Log.All);
        var sender = node.Pair(1).Sender;
        Assert.InRange(sender.Lost, 1, fetched);
        Assert.Equal(ConnectionEndCause.PeerReset, sender.LastErrorCause);
        Eventually.True(() => node.Log.Contains("At least ") && node.Log.Contains(" lost with it (a classic peer acknowledges nothing)"), "the log says so", () => node.Log.All);
        Assert.True(node.Log.Contains("the peer reset the connection"), node.Log.All);
    }

    [Fact]
    public async Task A_failure_for_another_reason_is_logged_again()
    {
        using var closed = new ScriptedReceiver();
        var port = closed.Port;
        closed.Dispose();
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", port, configure: static peer => (peer.UseSession, peer.ConnectTimeout) = (true, TimeSpan.FromSeconds(1)));
        await node.StartAsync();
        Eventually.True(() => node.Pair(1).Sender.Refused >= 3, "it has tried some times", () => node.Log.All);
        Assert.Equal(1, node.Log.EventIds.Count(static id => id == 202));
        Assert.Equal(ConnectionEndCause.ConnectionRefused, node.Pair(1).Sender.LastErrorCause);

        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, port);
        listener.Start();

        Eventually.True(() => node.Log.EventIds.Count(static id => id == 202) == 2, "the other reason is logged", () => node.Log.All);
        Assert.True(node.Log.Contains("no answer to the session's OPEN"), node.Log.All);
        Eventually.True(() => node.Pair(1).Sender.LastErrorCause == ConnectionEndCause.HandshakeTimeout, "the cause is kept");
    }

    // Whoever accepts and closes at once is tried again after pauses: in a second far fewer times than without them.
    [Fact]
    public async Task A_peer_that_accepts_and_closes_at_once_is_not_hammered()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepted = 0;
        var accepting = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    (await listener.AcceptSocketAsync()).Dispose();
                    Interlocked.Increment(ref accepted);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
            }
        });
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, configure: static peer =>
            (peer.BackoffMinimum, peer.BackoffMaximum) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1)));
        await node.StartAsync();
        Eventually.True(() => node.Pair(1).Sender.Disconnects == 1, "the first is closed", () => node.Log.All);

        Eventually.True(() => node.Pair(1).Sender.State == ProxyState.Waiting, "it pauses");
        await node.StopAsync();
        Assert.Equal(1, Volatile.Read(ref accepted));
        listener.Stop();
        await accepting;
    }

    private static bool Blocked(ScriptedNode node)
    {
        var before = node.Device.Fetched(1);
        SpinWait.SpinUntil(() => node.Device.Fetched(1) != before, TimeSpan.FromMilliseconds(300));
        return before > 0 && node.Device.Fetched(1) == before;
    }

    private static Socket ConnectTo(ScriptedNode node, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(new IPEndPoint(IPAddress.Parse(node.Address), port));
        return socket;
    }

    /// <summary>Its listener throws twice before it works.</summary>
    private sealed class FaultyListening(IProxyTransport inner) : IProxyTransport
    {
        private int _thrown;

        public string Name => inner.Name;

        public int Thrown => Volatile.Read(ref _thrown);

        public async ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) =>
            new Listener(await inner.ListenAsync(local, cancellationToken), this);

        public ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken) =>
            inner.ConnectAsync(remote, cancellationToken);

        private sealed class Listener(IProxyListener inner, FaultyListening transport) : IProxyListener
        {
            public TransportEndpoint LocalEndpoint => inner.LocalEndpoint;

            public ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken) => transport._thrown < 2
                ? throw (Interlocked.Increment(ref transport._thrown) == 1 ? new NotSupportedException("the script says so") : new OperationCanceledException())
                : inner.AcceptAsync(cancellationToken);

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }

    /// <summary>Three attempts to connect throw what nobody expects.</summary>
    private sealed class FaultyConnecting(IProxyTransport inner) : RememberingTransport(inner)
    {
        private int _attempts;

        public override ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken) =>
            ++_attempts > 3 ? base.ConnectAsync(remote, cancellationToken) : throw new TypeLoadException("the script says so");
    }
}
