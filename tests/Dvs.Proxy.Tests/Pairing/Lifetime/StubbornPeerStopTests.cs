using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Tests.Faults.Relays;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Lifetime;

/// <summary>A stop ends in its time, and ends what is open, whatever the other side does.</summary>
public class StubbornPeerStopTests
{
    [Fact]
    public async Task A_stop_cuts_a_connection_on_which_nothing_is_acknowledged_and_leaves_no_thread_behind()
    {
        await using var a = new ScriptedNode(0);
        await using var b = new ScriptedNode(1);
        var (portOfA, portOfB) = (LoopbackPort.Reserve(a.Address), LoopbackPort.Reserve(b.Address));
        using var relay = new SwallowingRelay(new IPEndPoint(IPAddress.Parse(b.Address), portOfB));
        a.AddPeer(1, relay.EndPoint.Address.ToString(), relay.EndPoint.Port, portOfA, static peer =>
        {
            peer.UseSession = true;
            peer.Allow.Add("127.0.0.0/8");
        });
        b.AddPeer(0, a.Address, portOfA, portOfB, static peer =>
        {
            peer.UseSession = true;
            peer.Allow.Add("127.0.0.0/8");
        });
        await a.StartAsync();
        await b.StartAsync();
        Eventually.True(() => a.Pair(1).IsConnected && b.Pair(0).IsConnected, "both are connected", () => $"{a.Log.All}\n{b.Log.All}");

        relay.SwallowsAnswers = true;
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 0));
        Eventually.True(() => b.Device.Delivered.Count == 1, "the command arrives", () => a.Log.All);
        await a.StopAsync();

        Assert.False(a.Log.Contains("did not end within"), a.Log.All);
        Assert.Equal((1, 0), (a.Pair(1).Sender.UnknownFate, a.Pair(1).Sender.Lost));
    }

    [Fact]
    public async Task A_stop_ends_the_connections_that_have_not_shown_whose_they_are()
    {
        const int Silent = 5;
        await using var node = new ScriptedNode(0);
        node.Options.HandshakeTimeout = TimeSpan.FromMinutes(10);
        node.AddPeer(1, "127.0.0.1", 9, configure: static peer =>
        {
            peer.UseSession = true;
            peer.HelloPeriod = TimeSpan.FromMinutes(1);
        });
        await node.StartAsync();
        var sockets = Enumerable.Range(0, Silent).Select(_ => node.ConnectAs(1)).ToArray();
        try
        {
            await node.StopAsync();
            foreach (var socket in sockets)
            {
                Eventually.True(() => HasEnded(socket), "the connection ends", () => node.Log.All);
            }
        }
        finally
        {
            Array.ForEach(sockets, static socket => socket.Dispose());
        }
    }

    private static bool HasEnded(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0 && socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
