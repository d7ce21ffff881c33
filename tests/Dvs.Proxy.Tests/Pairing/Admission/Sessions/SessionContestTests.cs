using System.Buffers;
using System.Net.Sockets;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Admission.Sessions;

/// <summary>
/// Who else speaks in a peer's name: another process with the same node id, a recorded connection, a stranger that guesses. Nothing is delivered
/// twice, nothing real is swallowed, and who is connected stays connected.
/// </summary>
public class SessionContestTests
{
    private const int AnotherProcess = 216;
    private static readonly SessionId Ours = new(0x1111_2222_3333_4444, 0x5555_6666_7777_8888);
    private static readonly SessionId Other = new(2, 2);
    private static readonly Timestamp Now = new(1, 1);

    [Fact]
    public async Task Another_process_in_between_makes_nothing_come_twice()
    {
        await using var node = await StartAsync();
        using (var first = node.ConnectAs(1))
        {
            first.OpenSession(Handshakes.Open(Ours), 1, 0);
            first.SendFrames(1, 5, 1, 0);
            UntilDelivered(node, 5);
        }

        UntilFree(node);
        using (var foreign = node.ConnectAs(1))
        {
            Assert.False(foreign.OpenSession(Handshakes.Open(Other), 1, 0).IsKnown);
            foreign.SendFrames(1, 1, 1, 0);
            UntilDelivered(node, 6);
        }

        UntilFree(node);
        using var again = node.ConnectAs(1);
        var accept = again.OpenSession(Handshakes.Open(Ours, next: 8, isEstablished: true), 1, 0);
        Assert.Equal((true, 5ul), (accept.IsKnown, accept.Delivered));
        again.SendFrames(3, 5, 1, 0);
        UntilDelivered(node, 8);
        Assert.Equal([1, 2, 3, 4, 5, 1, 6, 7], node.Device.Delivered.Select(static command => command.Header.Message.Type));
        Assert.Equal(3, node.Pair(1).Receiver.Duplicates);
    }

    [Fact]
    public async Task A_recorded_connection_that_is_played_again_delivers_nothing()
    {
        await using var node = await StartAsync();
        var recorded = new ArrayBufferWriter<byte>();
        using (var first = node.ConnectAs(1))
        {
            Record(first, recorded);
            UntilDelivered(node, 20);
        }

        // The sender's restart: another process, another session.
        UntilFree(node);
        using (var restarted = node.ConnectAs(1))
        {
            restarted.OpenSession(Handshakes.Open(Other), 1, 0);
            restarted.SendFrames(1, 2, 1, 0);
            UntilDelivered(node, 22);
        }

        UntilFree(node);
        using var played = node.ConnectAs(1);
        played.Send(recorded.WrittenSpan);
        Assert.True(SessionMessage.Is(played.ReceiveHeader(), SessionMessageType.Challenge));
        Assert.True(SessionMessage.TryRead(played.ReceiveHeader(), out SessionRefuse refuse));
        Assert.Equal(SessionRefuseReason.SecretMismatch, refuse.Reason);
        Assert.True(played.IsClosedByPeer());
        Assert.Equal(22, node.Device.Delivered.Count);
        Assert.Equal(2, node.Pair(1).Receiver.Connects);
    }

    [Fact]
    public async Task Another_living_process_is_refused_and_named_once_on_both_sides()
    {
        await using var node = await StartAsync();
        using var first = node.ConnectAs(1);
        first.OpenSession(Handshakes.Open(Ours), 1, 0);
        first.SendFrames(1, 3, 1, 0);
        UntilDelivered(node, 3);

        await using var second = new ScriptedNode(1);
        second.AddPeer(0, "127.0.0.1", 9, configure: options => (options.UseSession, options.Host, options.ConnectPort) =
            (true, node.Address, node.Options.Peers.Single().ListenPort!.Value));
        await second.StartAsync();
        Eventually.True(
            () => second.Pair(0).Sender.LastError?.Contains("another process speaks for this node", StringComparison.Ordinal) == true, "the second is told",
            () => second.Log.All);
        Eventually.True(() => node.Pair(1).AnotherProcess is not null, "the status shows it", () => node.Log.All);
        Assert.Contains("another process at 127.0.0.1", node.Proxy.GetStatus().ToString());
        Assert.Contains(AnotherProcess, node.Log.EventIds);
        Assert.True(node.Log.Contains(first.LocalEndPoint!.ToString()!), node.Log.All);

        first.SendFrames(4, 1, 1, 0);
        UntilDelivered(node, 4);
        Assert.Equal(0, node.Pair(1).Receiver.Disconnects);

        // The second asked whether the first is alive.
        var probes = 0;
        while (first.Available > 0)
        {
            probes += SessionMessage.TryReadAcknowledgement(first.ReceiveHeader(), out _) ? 1 : 0;
        }

        Assert.True(probes >= 2, $"{probes} acknowledgements");

        // The first goes; the second gets in, and all is well.
        first.Dispose();
        second.Device.Enqueue(ScriptedNode.Message(1, 0, 77));
        UntilDelivered(node, 5);
    }

    // The driver is slow, so the end of the first is not read yet.
    [Fact]
    public async Task A_process_that_died_with_much_under_way_is_no_other_living_one()
    {
        await using var node = await StartAsync();
        using var gate = new ManualResetEventSlim();
        var delivered = 0;
        node.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) =>
        {
            Interlocked.Increment(ref delivered);
            gate.Wait();
            return Dvs.Proxy.Device.DvkError.Ok;
        };
        using (var first = node.ConnectAs(1))
        {
            first.OpenSession(Handshakes.Open(Ours), 1, 0);
            first.SendFrames(1, 3, 1, 0);
            Eventually.True(() => Volatile.Read(ref delivered) == 1, "the driver is busy", () => node.Log.All);
        }

        using var restarted = node.ConnectAs(1);
        restarted.ProveSession(Handshakes.Open(Other), 1, 0);
        Eventually.True(() => node.Log.EventIds.Contains(205), "it takes the place", () => node.Log.All);
        gate.Set();
        Assert.True(SessionMessage.TryRead(restarted.ReceiveHeader(), out SessionAccept _));
        Assert.DoesNotContain(AnotherProcess, node.Log.EventIds);
    }

    [Fact]
    public async Task The_same_process_takes_its_place_again_at_once()
    {
        await using var node = await StartAsync();
        using var first = node.ConnectAs(1);
        first.OpenSession(Handshakes.Open(Ours), 1, 0);
        first.SendFrames(1, 3, 1, 0);
        UntilDelivered(node, 3);
        using var again = node.ConnectAs(1);
        var accept = again.OpenSession(Handshakes.Open(Ours, next: 4, isEstablished: true), 1, 0);
        Assert.Equal((true, 3ul), (accept.IsKnown, accept.Delivered));
        Assert.True(first.IsClosedByPeer());
        Assert.DoesNotContain(AnotherProcess, node.Log.EventIds);
    }

    // ACCEPT once told whoever asked the session and the last number: with both, a forged command took the place of a real one.
    [Fact]
    public async Task A_stranger_from_an_allowed_address_learns_no_session_and_can_put_nothing_into_it()
    {
        await using var node = await StartAsync();
        using (var first = node.ConnectAs(1))
        {
            first.OpenSession(Handshakes.Open(Ours), 1, 0);
            first.SendFrames(1, 5, 1, 0);
            UntilDelivered(node, 5);
        }

        UntilFree(node);
        using (var stranger = node.ConnectAs(1))
        {
            var accept = stranger.OpenSession(Handshakes.Open(new SessionId(Ours.Process, 1), next: 6, isEstablished: true), 1, 0);
            Assert.Equal((false, 0ul), (accept.IsKnown, accept.Delivered));
            stranger.SendFrames(6, 1, 1, 0);
            Assert.True(stranger.IsClosedByPeer());
        }

        UntilFree(node);
        using (var stranger = node.ConnectAs(1))
        {
            // Without a proof not even with the right one.
            stranger.SendMessage(SessionMessage.Create(Handshakes.Open(Ours, next: 6, isEstablished: true), 1, 0, Now));
            stranger.SendFrames(6, 1, 1, 0);
            Assert.True(stranger.IsClosedByPeer());
        }

        Assert.Equal(5, node.Device.Delivered.Count);
        using var again = node.ConnectAs(1);
        Assert.Equal(5ul, again.OpenSession(Handshakes.Open(Ours, next: 7, isEstablished: true), 1, 0).Delivered);
        again.SendFrames(6, 1, 1, 0);
        UntilDelivered(node, 6);
        Assert.Equal(0, node.Pair(1).Receiver.Duplicates);
    }

    [Fact]
    public async Task A_living_connection_is_not_given_up_for_who_has_not_proven_itself()
    {
        await using var node = await StartAsync();
        using var first = node.ConnectAs(1);
        first.OpenSession(Handshakes.Open(Ours), 1, 0);
        first.SendFrames(1, 1, 1, 0);
        UntilDelivered(node, 1);

        using var silent = node.ConnectAs(1);
        using var classic = node.ConnectAs(1);
        var hello = new byte[168];
        WireLayout.Lp64.Write(hello, ControlMessage.Create(ControlType.LoadLevel, 1, 0, Now));
        classic.Send(hello);
        Assert.True(SessionMessage.TryRead(classic.ReceiveHeader(), out SessionRefuse refuse));
        Assert.Equal(SessionRefuseReason.OpenExpected, refuse.Reason);
        using var halfway = node.ConnectAs(1);
        halfway.SendMessage(SessionMessage.Create(Handshakes.Open(Ours, next: 2, isEstablished: true), 1, 0, Now));
        Assert.True(SessionMessage.TryRead(halfway.ReceiveHeader(), out SessionChallenge _));
        using var guesses = node.ConnectAs(1);
        guesses.SendMessage(SessionMessage.Create(Handshakes.Open(Ours, next: 2, isEstablished: true), 1, 0, Now));
        guesses.ReceiveHeader();
        guesses.SendMessage(SessionMessage.Create(new SessionProof(UInt128.MaxValue, 1), 1, 0, Now));
        Assert.True(SessionMessage.TryRead(guesses.ReceiveHeader(), out refuse));
        Assert.Equal(SessionRefuseReason.SecretMismatch, refuse.Reason);

        first.SendFrames(2, 1, 1, 0);
        UntilDelivered(node, 2);
        Assert.Equal((1, 0), (node.Pair(1).Receiver.Connects, node.Pair(1).Receiver.Disconnects));
    }

    [Fact]
    public async Task With_a_secret_only_who_has_it_gets_in()
    {
        var file = Path.GetTempFileName();
        var secret = "0123456789abcdef-secret"u8.ToArray();
        await File.WriteAllBytesAsync(file, secret);
        try
        {
            await using var node = await StartAsync(file);
            const SessionFeatures Sealed = SessionFeatures.Sequence | SessionFeatures.Digest | SessionFeatures.Secret;
            using var without = node.ConnectAs(1);
            without.SendMessage(SessionMessage.Create(Handshakes.Open(Ours), 1, 0, Now));
            Assert.True(SessionMessage.TryRead(without.ReceiveHeader(), out SessionRefuse refuse));
            Assert.Equal(SessionRefuseReason.SecretMismatch, refuse.Reason);

            using var wrong = node.ConnectAs(1);
            wrong.ProveSession(Handshakes.Open(Ours, features: Sealed), 1, 0, new byte[20]);
            Assert.True(SessionMessage.TryRead(wrong.ReceiveHeader(), out refuse));
            Assert.Equal(SessionRefuseReason.SecretMismatch, refuse.Reason);
            Eventually.True(
                () => node.Pair(1).Receiver.LastError?.Contains("secrets for proxy node1 differ", StringComparison.Ordinal) == true, "it is said why", () => node.Log.All);

            using var right = node.ConnectAs(1);
            Assert.False(right.OpenSession(Handshakes.Open(Ours, features: Sealed), 1, 0, secret).IsKnown);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<ScriptedNode> StartAsync(string? secretFile = null)
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: options => (options.UseSession, options.SecretFile) = (true, secretFile));
        node.Options.Peers.Single().Allow.Add("127.0.0.0/8");
        await node.StartAsync();
        return node;
    }

    // What goes over the wire from the sender, and what it is answered, as a middle box sees it.
    private static void Record(Socket socket, ArrayBufferWriter<byte> recorded)
    {
        var open = Handshakes.Open(Ours);
        SessionMessage.WriteFrame(recorded, WireLayout.Lp64, SessionMessage.Create(in open, 1, 0, Now));
        socket.Send(recorded.WrittenSpan);
        Assert.True(SessionMessage.TryRead(socket.ReceiveHeader(), out SessionChallenge challenge));
        var rest = new ArrayBufferWriter<byte>();
        var keys = new SessionKeys(default, 1, 0, in open, in challenge, 3);
        SessionMessage.WriteFrame(rest, WireLayout.Lp64, SessionMessage.Create(new SessionProof(keys.ProofMac, 3), 1, 0, Now));
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.Lp64, Sequenced = true, FirstSequence = 1 }, rest);
        for (var number = 1; number <= 20; number++)
        {
            writer.Write(ScriptedNode.Message(1, 0, number), default);
        }

        socket.Send(rest.WrittenSpan);
        recorded.Write(rest.WrittenSpan);
    }

    private static void UntilDelivered(ScriptedNode node, int count) =>
        Eventually.True(() => node.Device.Delivered.Count >= count, $"{count} are delivered", () => node.Log.All);

    private static void UntilFree(ScriptedNode node) =>
        Eventually.True(() => node.Pair(1).Receiver is { State: not Dvs.Proxy.Diagnostics.ProxyState.Connected }, "the connection ended", () => node.Log.All);
}
