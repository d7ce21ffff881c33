using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>Whatever a peer, or who plays it, answers: the next connection works, and what cannot be known is counted.</summary>
public class SessionWedgeTests
{
    private const int SessionLost = 209;

    // One acknowledgement with a flipped bit, still within what was sent: 14 in place of 12. Then a cut.
    [Fact]
    public async Task A_flipped_bit_in_an_acknowledgement_costs_what_it_hid_and_not_the_pair()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer, commands: 20);
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        Read(peer, 1, 20);
        peer.Acknowledge(12 ^ 2);
        peer.CloseSending();

        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7, isKnown: true, delivered: 12);
        Assert.True(peer.Opened.IsEstablished);
        var lost = peer.Opened.Id;
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        Assert.False(peer.Opened.IsEstablished);
        Assert.Equal(lost.Process, peer.Opened.Id.Process);
        Assert.NotEqual(lost.Number, peer.Opened.Id.Number);
        Read(peer, 15, 20);
        peer.Acknowledge(20);

        Eventually.True(() => node.Pair(1).Sender.State == ProxyState.Connected, "it is connected", () => node.Log.All);
        var sender = node.Pair(1).Sender;
        Assert.Equal((2, 0, 0), (sender.UnknownFate, sender.PossiblyRepeated, sender.Lost));
        Assert.Equal(1, node.Log.EventIds.Count(static id => id == SessionLost));
        Assert.True(node.Log.Contains("frame 12 is the last it delivered"), node.Log.All);
        node.Device.Enqueue(ScriptedNode.Message(0, 1, 21));
        Read(peer, 21, 21);
    }

    // The same by a stranger: two packets from an allowed address, without a digest.
    [Fact]
    public async Task A_peer_that_claims_more_than_was_sent_does_not_stop_the_pair()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer, commands: 3);
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        Read(peer, 1, 3);
        peer.Acknowledge(99);
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7, isKnown: true, delivered: 99);
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        node.Device.Enqueue(ScriptedNode.Message(0, 1, 4));
        Read(peer, 4, 4);
        Assert.Equal(3, node.Pair(1).Sender.UnknownFate);
    }

    // Another session, and one frame of it, came between; the receiver is the same, and knows ours. Nothing is dropped, nothing repeated.
    [Fact]
    public async Task A_peer_that_heard_another_session_in_between_goes_on_with_ours()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer, commands: 10);
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        Read(peer, 1, 10);
        peer.CloseSending();
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7, isKnown: true, delivered: 4);
        Read(peer, 5, 10);
        var sender = node.Pair(1).Sender;
        Assert.Equal((0, 0, 0, 1), (sender.UnknownFate, sender.PossiblyRepeated, sender.Lost, sender.Resumes));
        Assert.DoesNotContain(SessionLost, node.Log.EventIds);
    }

    private static async Task<ScriptedNode> StartAsync(ScriptedReceiver peer, int commands)
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", peer.Port, configure: static options => (options.UseSession, options.MaxBatchCommands, options.FrameDigest) = (true, 0, FrameDigestKind.None));
        for (var number = 1; number <= commands; number++)
        {
            node.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        await node.StartAsync();
        return node;
    }

    private static void Read(ScriptedReceiver peer, int first, int last)
    {
        for (var number = first; number <= last; number++)
        {
            Assert.Equal(number, peer.ReadCommand().Message.Type);
        }
    }
}
