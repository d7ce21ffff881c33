using System.Net;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tests.Faults.Relays;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>A session whose answers are swallowed, though TCP is answered: the sender does not wait for ever.</summary>
public class SilentPeerTests
{
    private const int WindowFrames = 50;

    private static readonly TimeSpan Hello = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task A_sender_that_gets_no_answer_closes_says_why_and_resumes_when_answers_come_again()
    {
        await using var a = new ScriptedNode(0);
        await using var b = new ScriptedNode(1);
        using var relay = Connect(a, b);
        await a.StartAsync();
        await b.StartAsync();
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 0));
        Eventually.True(() => b.Device.Delivered.Count == 1 && b.Pair(0).IsConnected, "traffic goes", () => a.Log.All);

        relay.SwallowsAnswers = true;
        Eventually.True(() => a.Pair(1).Sender.Disconnects == 1, "the sender gives the connection up", () => a.Log.All);
        var sender = a.Pair(1).Sender;
        Assert.Contains(new DisconnectCount(ConnectionEndCause.PeerSilent, 1), sender.DisconnectsByCause);
        Assert.True(a.Log.Contains("the peer has answered nothing for 0.5 s (idle)"), a.Log.All);

        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        relay.SwallowsAnswers = false;
        Eventually.True(() => b.Device.Delivered.Count == 2, "the session goes on", () => a.Log.All);
        Assert.Equal([0, 1], b.Device.Delivered.Select(static delivered => delivered.Header.Message.Type));
        sender = a.Pair(1).Sender;
        Assert.Equal((0, 0), (sender.Lost, sender.UnknownFate));
        Assert.DoesNotContain("proxy_conn 1 SenderDisconnected", a.Device.Calls);
    }

    [Fact]
    public async Task A_window_that_stays_full_is_silence_too()
    {
        await using var a = new ScriptedNode(0);
        await using var b = new ScriptedNode(1);
        using var relay = Connect(a, b);
        await a.StartAsync();
        await b.StartAsync();
        Eventually.True(() => b.Pair(0).IsConnected && a.Pair(1).IsConnected, "they are connected", () => a.Log.All);
        relay.SwallowsAnswers = true;
        const int Count = WindowFrames + 100;
        for (var number = 0; number < Count; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => a.Pair(1).Sender.Disconnects > 0, "the sender gives the connection up", () => a.Log.All);
        relay.SwallowsAnswers = false;
        Eventually.True(() => b.Device.Delivered.Count >= Count, "all arrive", () => a.Log.All);
        Assert.Equal(Enumerable.Range(0, Count), b.Device.Delivered.Select(static delivered => delivered.Header.Message.Type));
    }

    [Fact]
    public async Task A_peer_that_stays_silent_is_told_to_the_driver_after_the_resume_window()
    {
        await using var a = new ScriptedNode(0);
        await using var b = new ScriptedNode(1);
        using var relay = Connect(a, b, TimeSpan.FromMilliseconds(300));
        await a.StartAsync();
        await b.StartAsync();
        Eventually.True(() => a.Pair(1).IsConnected, "they are connected", () => a.Log.All);
        relay.SwallowsAnswers = true;
        Eventually.True(() => a.Device.Calls.Contains("proxy_conn 1 SenderDisconnected"), "the driver is told", () => a.Log.All);
        relay.SwallowsAnswers = false;
        Eventually.True(
            () => a.Device.Calls.Count(static call => call == "proxy_conn 1 SenderConnected") == 2, "and that the peer is back", () => a.Log.All);
    }

    // Quiet for longer than the limit, but answered: nothing ends.
    [Fact]
    public async Task A_peer_that_answers_hellos_is_not_silent()
    {
        await using var a = new ScriptedNode(0);
        await using var b = new ScriptedNode(1);
        using var relay = Connect(a, b);
        await a.StartAsync();
        await b.StartAsync();
        Eventually.True(() => a.Pair(1).IsConnected, "they are connected", () => a.Log.All);
        var enough = 3 * (int)(Idle / Hello);
        Eventually.True(() => a.Pair(1).Sender.Controls >= enough, "many hellos", () => a.Log.All);
        Assert.Equal(0, a.Pair(1).Sender.Disconnects);
        Assert.Equal(1, relay.Accepted);
    }

    private static SwallowingRelay Connect(ScriptedNode a, ScriptedNode b, TimeSpan? resume = null)
    {
        var (portOfA, portOfB) = (LoopbackPort.Reserve(a.Address), LoopbackPort.Reserve(b.Address));
        var relay = new SwallowingRelay(new IPEndPoint(IPAddress.Parse(b.Address), portOfB));
        a.AddPeer(1, relay.EndPoint.Address.ToString(), relay.EndPoint.Port, portOfA, peer =>
        {
            peer.UseSession = true;
            peer.HelloPeriod = Hello;
            peer.IdleTimeout = Idle;
            peer.WindowFrames = WindowFrames;
            peer.ConnectTimeout = TimeSpan.FromMilliseconds(500);
            peer.ResumeWindow = resume ?? peer.ResumeWindow;
            peer.Allow.Add("127.0.0.0/8");
        });
        b.AddPeer(0, a.Address, portOfA, portOfB, peer =>
        {
            peer.UseSession = true;
            peer.HelloPeriod = Hello; // or this direction would be idle
            peer.Allow.Add("127.0.0.0/8");
        });
        return relay;
    }
}
