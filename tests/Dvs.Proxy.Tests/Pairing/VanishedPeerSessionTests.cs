using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.Transport.Tcp;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>A network that swallows everything, under two running proxies with a session.</summary>
public class VanishedPeerSessionTests
{
    [Fact]
    public async Task What_the_network_swallowed_is_sent_again_on_the_next_connection()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs socket filters of Linux.");
        const int Before = 500;
        const int After = 500;
        await using var a = new ScriptedNode(0, transports: new TransportRegistry([NewTransport(TimeSpan.FromSeconds(1))]));

        // This side is as deaf, but must not be the first to give up: who hangs up is what the test is about.
        var network = new RememberingTransport(NewTransport(Timeout.InfiniteTimeSpan));
        await using var b = new ScriptedNode(1, transports: new TransportRegistry([network]));
        var (portOfA, portOfB) = (LoopbackPort.Reserve(a.Address), LoopbackPort.Reserve(b.Address));
        a.AddPeer(1, b.Address, portOfB, portOfA, static peer => peer.UseSession = true);
        b.AddPeer(0, a.Address, portOfA, portOfB, static peer => peer.UseSession = true);
        await a.StartAsync();
        await b.StartAsync();
        Eventually.True(() => a.Pair(1).IsConnected && b.Pair(0).IsConnected, "both nodes are connected", () => a.Log.All);
        Enqueue(a, 0, Before);
        Eventually.True(() => b.Device.Delivered.Count == Before, "traffic goes");

        foreach (var connection in network.Connections)
        {
            BlackHole.Open(((TcpConnection)connection).Socket);
        }

        Enqueue(a, Before, After);

        Eventually.True(() => b.Device.Delivered.Count == Before + After, "all arrive", () => a.Log.All);
        Assert.Equal(Enumerable.Range(0, Before + After), b.Device.Delivered.Select(static delivered => delivered.Header.Message.Type));
        Assert.True(a.Log.Contains("has left everything unanswered for 1 s: its host or the network is down"), a.Log.All);
        var sender = a.Pair(1).Sender;
        Assert.Equal((0, 0), (sender.Lost, sender.UnknownFate));
        Eventually.True(() => a.Pair(1).Sender.Retransmitted > 0, "it is counted, once the flush that sent it returns");
        Assert.DoesNotContain("proxy_conn 1 SenderDisconnected", a.Device.Calls);
    }

    private static TcpTransport NewTransport(TimeSpan unanswered) => new(new TcpTransportOptions { UnansweredLimit = unanswered });

    private static void Enqueue(ScriptedNode node, int first, int count)
    {
        for (var number = first; number < first + count; number++)
        {
            node.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }
    }
}
