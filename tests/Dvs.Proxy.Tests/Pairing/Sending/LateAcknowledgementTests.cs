using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Sending;

/// <summary>
/// A peer's process acknowledges, and dies while the sender is blocked in writing. What it acknowledged is delivered, whether or not the
/// sender came to take note of it before the connection ended.
/// </summary>
public class LateAcknowledgementTests
{
    private const int Commands = 800;
    private const int Acknowledged = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_acknowledged_while_the_sender_was_blocked_is_not_of_unknown_fate(bool atLeastOnce)
    {
        using var peer = new ScriptedReceiver(receiveBufferSize: 16 * 1024);
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", peer.Port, configure: options =>
            (options.UseSession, options.WindowBytes, options.FrameDigest, options.AtLeastOnce) = (true, 128 << 20, FrameDigestKind.None, atLeastOnce));
        QueueBlocks(node);
        await node.StartAsync();

        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        UntilBlocked(node);
        peer.Acknowledge(Acknowledged);
        peer.CloseSending();
        Eventually.True(() => node.Pair(1).Sender.Disconnects == 1, "the sender sees the end", () => node.Log.All);

        await peer.AcceptAsync();
        peer.AnswerOpen(process: 8);
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 8);
        var next = peer.ReadCommand().Message.Type;

        var sender = node.Pair(1).Sender;
        Assert.Equal(Acknowledged + sender.UnknownFate, next);
        Assert.Equal(atLeastOnce, sender.UnknownFate == 0);
        Assert.Equal(atLeastOnce, sender.PossiblyRepeated > 0);
        Assert.True(sender.PossiblyRepeated + sender.UnknownFate + Acknowledged <= Commands);
    }

    private static void QueueBlocks(ScriptedNode node)
    {
        var block = new byte[65_536];
        for (var number = 0; number < Commands; number++)
        {
            var header = ScriptedNode.Block(0, 1, block.Length);
            header.Message.Type = number;
            node.Device.Enqueue(in header, block);
        }
    }

    // It has begun, and fetches no more although it could: it can only be writing.
    private static void UntilBlocked(ScriptedNode node)
    {
        const int Looks = 200;
        var (last, same) = (0L, 0);
        Eventually.True(
            () =>
            {
                var now = node.Pair(1).Sender.Commands;
                (last, same) = (now, now == last && now > Acknowledged ? same + 1 : 0);
                return same >= Looks;
            },
            "the sender is blocked",
            () => node.Log.All);
        Assert.InRange(last, Acknowledged + 1, Commands - 1);
    }
}
