using System.Net.Sockets;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.Transport.Tcp;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Pairing.Admission.Sessions;

/// <summary>Whole proxies that run with one node id beside the node that they both speak to, and a process that went without a word.</summary>
public class TwinNodeTests
{
    private const int AnotherProcess = 216;
    private const int Each = 300;
    private const string ToldSecond = "another process speaks for this node";

    [Fact]
    public async Task Of_two_proxies_with_one_node_id_one_is_served_and_the_other_once_that_has_stopped()
    {
        await using var node = new ScriptedNode(0);
        await using var first = new ScriptedNode(1);
        await using var second = new ScriptedNode(1);
        var (port, portOfFirst) = (LoopbackPort.Reserve(node.Address), LoopbackPort.Reserve(first.Address));
        node.AddPeer(1, first.Address, portOfFirst, port, Configure);
        first.AddPeer(0, node.Address, port, portOfFirst, Configure);
        second.AddPeer(0, node.Address, port, configure: Configure);
        await node.StartAsync();
        await first.StartAsync();
        Eventually.True(() => node.Pair(1).IsConnected && first.Pair(0).IsConnected, "the first is connected", () => node.Log.All);

        await second.StartAsync();
        for (var number = 0; number < Each; number++)
        {
            first.Device.Enqueue(ScriptedNode.Message(1, 0, number));
            second.Device.Enqueue(ScriptedNode.Message(1, 0, Each + number));
            node.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => second.Pair(0).Sender.Refused >= 2, "the second tries more than once", () => second.Log.All);
        UntilDelivered(node, Each);
        UntilDelivered(first, Each);
        AssertToldOnce(node, refused: second);
        Assert.Equal((1, 0), (node.Pair(1).Receiver.Connects, node.Pair(1).Receiver.Disconnects));
        Assert.Equal(Enumerable.Range(0, Each), Delivered(node));

        await first.StopAsync();
        UntilDelivered(node, 2 * Each);
        Assert.Equal(Enumerable.Range(0, 2 * Each), Delivered(node));
        Assert.Equal(Enumerable.Range(0, Each), Delivered(first));
        Assert.Empty(second.Device.Delivered);
        Assert.Null(node.Pair(1).AnotherProcess);
        AssertNothingUnaccounted(first.Pair(0).Sender);
        AssertNothingUnaccounted(second.Pair(0).Sender);
        Assert.Equal(0, node.Pair(1).Receiver.Duplicates);

        // And the other way round: that is another contest, and said, too.
        await using var again = new ScriptedNode(1);
        again.AddPeer(0, node.Address, port, configure: Configure);
        await again.StartAsync();
        Eventually.True(() => again.Log.Contains(ToldSecond), "the first is the second now", () => again.Log.All);
        Assert.Equal(2, node.Log.EventIds.Count(static id => id == AnotherProcess));
        Assert.NotNull(node.Pair(1).AnotherProcess);
        again.Device.Enqueue(ScriptedNode.Message(1, 0, 2 * Each));
        await second.StopAsync();
        UntilDelivered(node, (2 * Each) + 1);
        Assert.Equal(Enumerable.Range(0, (2 * Each) + 1), Delivered(node));
    }

    // A machine that was switched off and on again: its farewell never came, and what is said to it is answered with a reset.
    [Fact]
    public async Task A_process_that_went_without_a_word_is_found_out_by_asking_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs socket filters of Linux.");
        await using var node = StartNode(out var network);
        await node.StartAsync();
        Socket held;
        using (var first = node.ConnectAs(1))
        {
            first.OpenSession(Handshakes.Open(new SessionId(1, 1)), 1, 0);
            first.SendFrames(1, 3, 1, 0);
            UntilDelivered(node, 3);
            Assert.True(SessionMessage.TryReadAcknowledgement(first.ReceiveHeader(), out _));
            held = ((TcpConnection)Assert.Single(network.Connections)).Socket;
            Eventually.True(() => Unacknowledged(held) == 0, "nothing is under way that would ask by itself");
            BlackHole.Open(held);
            first.LingerState = new LingerOption(true, 0);
        }

        BlackHole.Close(held);
        Assert.Equal(ProxyState.Connected, node.Pair(1).Receiver.State);

        using var restarted = node.ConnectAs(1);
        restarted.OpenSession(Handshakes.Open(new SessionId(2, 2)), 1, 0);
        restarted.SendFrames(1, 2, 1, 0);
        UntilDelivered(node, 5);
        Assert.DoesNotContain(AnotherProcess, node.Log.EventIds);
        Assert.Null(node.Pair(1).AnotherProcess);
        Assert.Equal([new DisconnectCount(ConnectionEndCause.PeerReset, 1)], node.Pair(1).Receiver.DisconnectsByCause);
    }

    [Fact]
    public async Task A_process_that_answers_nothing_keeps_its_place_until_it_does()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs socket filters of Linux.");
        await using var node = StartNode(out var network);
        await node.StartAsync();
        Socket held;
        using (var first = node.ConnectAs(1))
        {
            first.OpenSession(Handshakes.Open(new SessionId(1, 1)), 1, 0);
            held = ((TcpConnection)Assert.Single(network.Connections)).Socket;
            BlackHole.Open(held);
            first.LingerState = new LingerOption(true, 0);
        }

        using (var refused = node.ConnectAs(1))
        {
            refused.ProveSession(Handshakes.Open(new SessionId(2, 2)), 1, 0);
            Assert.True(SessionMessage.TryRead(refused.ReceiveHeader(), out SessionRefuse refuse));
            Assert.Equal(SessionRefuseReason.AnotherProcess, refuse.Reason);
        }

        BlackHole.Close(held);
        Eventually.True(() => node.Pair(1).Receiver.State != ProxyState.Connected, "the question is asked again until it is answered", () => node.Log.All);
        using var restarted = node.ConnectAs(1);
        restarted.OpenSession(Handshakes.Open(new SessionId(2, 2)), 1, 0);
    }

    private static ScriptedNode StartNode(out RememberingTransport network)
    {
        network = new RememberingTransport(new TcpTransport(new TcpTransportOptions { UnansweredLimit = Timeout.InfiniteTimeSpan }));
        var node = new ScriptedNode(0, transports: new TransportRegistry([network]));
        node.AddPeer(1, "127.0.0.1", 9, configure: Configure);
        return node;
    }

    private static void Configure(PeerOptions peer)
    {
        peer.UseSession = true;
        peer.Allow.Add("127.0.0.0/8");
    }

    private static void AssertToldOnce(ScriptedNode node, ScriptedNode refused)
    {
        Assert.Equal(1, node.Log.EventIds.Count(static id => id == AnotherProcess));
        Assert.Contains("another process at 127.0.0.1", node.Proxy.GetStatus().ToString());
        Assert.Equal(1, refused.Log.Messages.Count(static message => message.Contains(ToldSecond, StringComparison.Ordinal)));
        Assert.Contains(ToldSecond, refused.Proxy.GetStatus().ToString());
        Assert.Equal(ConnectionEndCause.AnotherProcess, refused.Pair(0).Sender.LastErrorCause);
    }

    private static void AssertNothingUnaccounted(DirectionSnapshot sender) =>
        Assert.Equal((Each, 0, 0, 0), (sender.Commands, sender.Lost, sender.UnknownFate, sender.PossiblyRepeated));

    private static IEnumerable<int> Delivered(ScriptedNode node) => node.Device.Delivered.Select(static command => command.Header.Message.Type);

    // tcpi_unacked
    private static int Unacknowledged(Socket socket)
    {
        Span<byte> info = stackalloc byte[28];
        socket.GetRawSocketOption(6, 11, info);
        return BitConverter.ToInt32(info[24..]);
    }

    private static void UntilDelivered(ScriptedNode node, int count) =>
        Eventually.True(() => node.Device.Delivered.Count >= count, $"{count} are delivered", () => node.Log.All);
}
