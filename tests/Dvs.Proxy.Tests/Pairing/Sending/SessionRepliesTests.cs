using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Sending;

/// <summary>What a session's peer says to an idle sender: over TCP the sender itself reads it, between two waits for a command.</summary>
public class SessionRepliesTests
{
    private const int HelloMilliseconds = 20_000;

    [Fact]
    public async Task An_idle_sender_looks_for_the_last_acknowledgement_and_then_sleeps()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere the connection's watcher reads.");
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer);
        Eventually.True(() => node.Device.Waits.LastOrDefault() == HelloMilliseconds, "a sender without traffic sleeps", () => node.Log.All);
        node.Device.Waits.Clear();

        node.Device.Enqueue(ScriptedNode.Message(0, 1, 2));
        peer.ReadCommand();
        Eventually.True(() => node.Device.Waits.Count(static wait => wait < HelloMilliseconds) >= 4, "it looks again and again", () => node.Log.All);
        peer.Acknowledge(1);

        Eventually.True(() => node.Device.Waits.Last() > HelloMilliseconds / 2, "it sleeps until the next hello", () => node.Log.All);
        var waits = node.Device.Waits.ToList();
        var looks = waits[..^1];
        Assert.InRange(looks[0], 1, 10);
        Assert.Equal(looks.Order(), looks);
        Assert.True(looks[3] > looks[0], "It looks less and less often.");
        Assert.Equal(HelloMilliseconds - looks.Sum(), waits[^1]);
    }

    [Fact]
    public async Task A_refusal_right_before_the_end_is_the_reason_of_the_end()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer);

        peer.Refuse(SessionRefuseReason.FeatureMismatch);
        peer.CloseSending();

        Eventually.True(
            () => node.Log.Messages.Any(static message => message.Contains("lost its connection", StringComparison.Ordinal)
                && message.Contains("node 1 refuses the session", StringComparison.Ordinal)),
            "the log gives the peer's reason", () => node.Log.All);
    }

    [Fact]
    public async Task An_acknowledgement_of_what_was_not_sent_ends_the_connection()
    {
        using var peer = new ScriptedReceiver();
        await using var node = await StartAsync(peer);
        node.Device.Enqueue(ScriptedNode.Message(0, 1, 2));
        peer.ReadCommand();

        peer.Acknowledge(99);

        Eventually.True(
            () => node.Log.Messages.Any(static message => message.Contains("acknowledges frame 99, which was not sent", StringComparison.Ordinal)),
            "the log gives the reason", () => node.Log.All);
    }

    private static async Task<ScriptedNode> StartAsync(ScriptedReceiver peer)
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", peer.Port, configure: static options =>
            (options.UseSession, options.MaxBatchCommands, options.FrameDigest, options.HelloPeriod) =
            (true, 0, FrameDigestKind.None, TimeSpan.FromMilliseconds(HelloMilliseconds)));
        await node.StartAsync();
        await peer.AcceptAsync();
        peer.AnswerOpen(process: 7);
        return node;
    }
}
