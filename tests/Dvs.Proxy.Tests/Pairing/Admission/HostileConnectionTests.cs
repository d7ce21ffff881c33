using System.Net.Sockets;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Admission;

/// <summary>
/// What a peer can send wrongly: the connection is closed, the log says which peer and field, nothing of the frame reaches the driver, and
/// the process and the other pairs go on.
/// </summary>
public partial class HostileConnectionTests
{
    private const int HeaderSize = 168;

    public static TheoryData<string, Func<byte[]>, string> BadFrames => new()
    {
        { "a truncated header", () => Frame()[..100], "in the middle of a frame, after 100 of its bytes" },
        { "an unknown command", () => Frame(command: 99), "c_cmd" },
        { "c_len beyond the limit", () => Frame(command: (int)CommandCode.CopyInData, payloadLength: 65_537, copyLength: 65_537), "c_len" },
        { "a negative c_len", () => Frame(command: (int)CommandCode.CopyInData, payloadLength: -1, copyLength: 10), "c_len" },
    };

    public static TheoryData<string, Func<byte[]>, string> FramesToSkip => new()
    {
        { "c_batch_nr that contradicts c_len", () => [.. Frame(flags: 1, payloadLength: HeaderSize, batchCount: 2), .. Frame()], "c_batch_nr" },
        { "a corrupt LZ4 frame", () => [.. Frame(command: (int)CommandCode.CopyInData, flags: 2, payloadLength: 40, copyLength: 500), .. new byte[40]], "LZ4" },
        { "a bomb", Bomb, "65536" },
        { "another node's id", () => Frame(sourceNode: 5), "c_snode" },
        { "a command for another node", () => Frame(destinationNode: 7), "c_dnode" },
        { "unknown flags", () => Frame(flags: 1UL << 40), "c_flags" },
        { "a payload where none belongs", () => [.. Frame(payloadLength: 30), .. new byte[30]], "c_len" },
    };

    [Theory]
    [MemberData(nameof(FramesToSkip))]
    public async Task A_bad_frame_of_a_classic_peer_whose_end_is_known_is_skipped_and_the_connection_stays(string what, Func<byte[]> bytes, string named)
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);
        socket.Send(Frame());
        Eventually.True(() => node.Device.Delivered.Count == 1, "the good frame before it is delivered", () => node.Log.All);

        socket.Send(bytes());
        socket.Send(Frame());

        Eventually.True(() => node.Device.Delivered.Count == 2, $"the good frame behind {what} is delivered", () => node.Log.All);
        Eventually.True(() => node.Log.Contains(named), "the log names the field", () => node.Log.All);
        Assert.Contains(403, node.Log.EventIds);
        var receiver = node.Pair(1).Receiver;
        Assert.Equal((1, 1, 0, 1), (receiver.Connects, receiver.Malformed, receiver.Disconnects, receiver.InvalidCommands));
    }

    [Theory]
    [InlineData(16, 2)]
    [InlineData(17, 1)]
    public async Task A_classic_peer_that_sends_bad_frames_only_has_lost_its_place_and_is_closed(int count, int delivered)
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);
        socket.Send(Frame());
        for (var number = 0; number < count; number++)
        {
            socket.Send(Frame(sourceNode: 5));
        }

        Eventually.True(() => node.Pair(1).Receiver.Malformed == count, "all were seen", () => node.Log.All);
        if (delivered == 2)
        {
            socket.Send(Frame());
            Eventually.True(() => node.Device.Delivered.Count == 2, "it is served on", () => node.Log.All);
            Assert.Equal(0, node.Pair(1).Receiver.Disconnects);
            return;
        }

        Assert.Equal(0, ReceiveAll(socket));
        Eventually.True(() => node.Pair(1).Receiver.LastErrorCause == ConnectionEndCause.MalformedFrame, "the cause is kept", () => node.Log.All);
        Assert.Single(node.Device.Delivered);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_accepts_and_closes_at_once_does_not_fill_the_log(bool session)
    {
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        peer.Listen();
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", ((System.Net.IPEndPoint)peer.LocalEndPoint!).Port, configure: options =>
            (options.UseSession, options.BackoffMinimum, options.BackoffMaximum) = (session, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)));
        node.Options.LogBurst = 3;
        node.Options.LogPeriod = TimeSpan.FromSeconds(1);
        var closing = new Thread(() =>
        {
            try
            {
                while (true)
                {
                    peer.Accept().Dispose();
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The test is over: which of the two it is depends on whether the socket was closed during a call or before one.
            }
        })
        { IsBackground = true };
        closing.Start();
        var started = System.Diagnostics.Stopwatch.StartNew();
        await node.StartAsync();
        var sender = () => node.Pair(1).Sender;

        // A session says once that it gets no answer; a classic sender connects, and says that and the loss.
        Eventually.True(() => sender().Refused + sender().Disconnects >= 200, "the peer closes many connections", () => node.Log.All);
        if (!session)
        {
            Eventually.True(
                () => node.Log.Messages.Any(static message => LeftOut().Match(message) is { Success: true } match && int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) > 0),
                "the next message says how many were left out",
                () => node.Log.All);
        }

        peer.Dispose();
        var periods = 2 + (int)started.Elapsed.TotalSeconds;
        foreach (var kind in new[] { 200, 201, 202 })
        {
            Assert.InRange(node.Log.EventIds.Count(id => id == kind), kind == 202 == session ? 1 : 0, 3 * periods);
        }
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"sender lost its connection to .* ([0-9]+) such messages were left out before\.")]
    private static partial System.Text.RegularExpressions.Regex LeftOut();

    [Theory]
    [MemberData(nameof(BadFrames))]
    public async Task A_bad_frame_closes_its_connection_and_nothing_else(string what, Func<byte[]> bytes, string named)
    {
        await using var node = new ScriptedNode(0);
        await using var friend = new ScriptedNode(2);
        var portOfFriend = LoopbackPort.Reserve(friend.Address);
        var portForFriend = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9);
        node.AddPeer(2, friend.Address, portOfFriend, portForFriend);
        friend.AddPeer(0, node.Address, portForFriend, portOfFriend);
        await node.StartAsync();
        await friend.StartAsync();
        using var socket = node.ConnectAs(1);

        socket.Send(Frame());
        Eventually.True(() => node.Device.Delivered.Count == 1, "the good frame before it is delivered", () => node.Log.All);
        socket.Send(bytes());
        socket.Shutdown(SocketShutdown.Send);

        Eventually.True(() => node.Pair(1).Receiver.Disconnects == 1, $"the connection that sent {what} is closed", () => node.Log.All);
        Assert.Equal(0, ReceiveAll(socket));
        Assert.Single(node.Device.Delivered);
        Eventually.True(
            () => node.Log.Messages.Any(message => message.Contains("node1", StringComparison.Ordinal) && message.Contains(named, StringComparison.Ordinal)),
            "the log, which is written after the counting, names peer and field", () => node.Log.All);
        friend.Device.Enqueue(ScriptedNode.Message(2, 0, 3));
        Eventually.True(() => node.Device.Delivered.Count == 2, "the other pair goes on", () => node.Log.All);

        using var again = node.ConnectAs(1);
        again.Send(Frame());
        Eventually.True(() => node.Device.Delivered.Count == 3, "the peer may come again", () => node.Log.All);
    }

    [Theory]
    [InlineData(DataModel.Lp64, DataModel.Ilp32)]
    [InlineData(DataModel.Ilp32, DataModel.Lp64)]
    public async Task A_peer_of_the_other_data_model_is_told_to_differ_and_nothing_of_it_is_delivered(DataModel ours, DataModel peers)
    {
        await using var node = new ScriptedNode(0);
        node.Options.DataModel = ours;
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);

        socket.Send(Frames(peers));

        Assert.Equal(0, ReceiveAll(socket));
        Eventually.True(() => node.Log.Contains("abi"), "the log says that the abi seems to differ", () => node.Log.All);
        Assert.Contains(node.Log.Messages, static message => message.Contains("node1", StringComparison.Ordinal) && message.Contains("abi", StringComparison.Ordinal));
        Assert.Empty(node.Device.Delivered);
    }

    [Fact]
    public async Task An_address_that_is_no_peers_is_refused()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: static peer => peer.Allow.Add("10.1.2.3"));
        await node.StartAsync();
        using var socket = node.ConnectAs(1);

        Assert.Equal(0, ReceiveAll(socket));
        Eventually.True(() => node.Log.Contains("refused: its address is none that a peer of this port may come from"), "the refusal is logged", () => node.Log.All);
        Assert.Equal(1, node.Pair(1).Receiver.Refused);
        Assert.DoesNotContain("proxy_conn 1 ReceiverConnected", node.Device.Calls);
    }

    [Fact]
    public async Task On_a_shared_port_a_strangers_node_is_refused_and_silence_has_its_limit()
    {
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared);
        node.AddPeer(2, "127.0.0.1", 9, shared);
        node.Options.HandshakeTimeout = TimeSpan.FromSeconds(3);
        await node.StartAsync();
        using var stranger = node.ConnectAs(1);
        stranger.Send(Frame(sourceNode: 9));
        Assert.Equal(0, ReceiveAll(stranger));
        using var silent = node.ConnectAs(1);
        silent.Send(Frame()[..50]);
        Assert.Equal(0, ReceiveAll(silent));

        Eventually.True(() => node.Log.Contains("from node 9 to node 0, which is no peer of this port"), "the stranger is named", () => node.Log.All);
        Eventually.True(() => node.Log.Contains("had sent 50 bytes"), "the silence is measured", () => node.Log.All);
        Assert.Empty(node.Device.Delivered);
    }

    [Fact]
    public async Task Connections_that_do_not_say_whose_they_are_are_limited_in_number()
    {
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared);
        node.AddPeer(2, "127.0.0.1", 9, shared);
        node.Options.MaxPendingConnections = 4;
        await node.StartAsync();
        var sockets = Enumerable.Range(0, 40).Select(_ => node.ConnectAs(1)).ToList();

        Eventually.True(() => node.Pair(1).Receiver.Refused == 36, "all but four are refused", () => node.Log.All);
        sockets.ForEach(static socket => socket.Dispose());
        Eventually.True(() => node.Pair(1).Receiver.Refused == 40, "the four have gone");
        using var good = node.ConnectAs(1);
        good.Send(Frame());
        Eventually.True(() => node.Device.Delivered.Count == 1, "a peer gets in again", () => node.Log.All);
    }

    [Fact]
    public async Task A_new_connection_of_a_peer_replaces_its_old_one_once_it_has_shown_whose_it_is()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        using var old = node.ConnectAs(1);
        old.Send(Frame());
        Eventually.True(() => node.Device.Delivered.Count == 1, "the first connection serves");
        using var scan = node.ConnectAs(1);
        scan.Dispose();
        old.Send(Frame());
        Eventually.True(() => node.Device.Delivered.Count == 2, "a silent visitor takes nothing from it");

        using var replacement = node.ConnectAs(1);
        replacement.Send(Frame());

        Eventually.True(() => node.Device.Delivered.Count == 3, "the new connection serves", () => node.Log.All);
        Assert.Equal(0, ReceiveAll(old));
        Assert.Equal(2, node.Pair(1).Receiver.Connects);
        Assert.Equal([new DisconnectCount(ConnectionEndCause.Replaced, 1)], node.Pair(1).Receiver.DisconnectsByCause);
        Eventually.True(() => node.Log.Contains("replaced by a newer connection from"), "the log says why it was closed", () => node.Log.All);
    }

    [Fact]
    public async Task A_connection_that_brings_nothing_is_closed_after_its_idle_time()
    {
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: static peer =>
        {
            peer.HelloPeriod = TimeSpan.FromMilliseconds(100);
            peer.IdleTimeout = TimeSpan.FromMilliseconds(300);
        });
        await node.StartAsync();
        using var socket = node.ConnectAs(1);

        Assert.Equal(0, ReceiveAll(socket));
        Eventually.True(() => node.Device.Calls.Contains("proxy_conn 1 ReceiverDisconnected"), "the driver knows");
        var receiver = node.Pair(1).Receiver;
        Assert.Equal((1, ConnectionEndCause.Idle), (receiver.Disconnects, receiver.LastErrorCause));
        Assert.Equal([new DisconnectCount(ConnectionEndCause.Idle, 1)], receiver.DisconnectsByCause);
        Eventually.True(() => node.Log.Contains("receiver closed its connection from"), "the log says who closed it", () => node.Log.All);
        Assert.True(node.Log.Contains("it was idle for more than 0.3 s"), node.Log.All);
    }

    // Reads until the other side closes; a reset counts as closed.
    private static int ReceiveAll(Socket socket)
    {
        socket.ReceiveTimeout = (int)Eventually.Limit.TotalMilliseconds;
        var buffer = new byte[1024];
        var total = 0;
        try
        {
            for (int count; (count = socket.Receive(buffer)) > 0; total += count)
            {
            }
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
        }

        return total;
    }

    private static byte[] Frame(
        int command = (int)CommandCode.SendMessage, ulong flags = 0, int payloadLength = 0, int batchCount = 0, int copyLength = 0, int sourceNode = 1, int destinationNode = 0)
    {
        var header = ScriptedNode.Message(sourceNode, destinationNode, 1);
        header.Command = (CommandCode)command;
        header.Flags = (CommandFlags)flags;
        header.PayloadLength = payloadLength;
        header.BatchCount = batchCount;
        header.Copy.Length = copyLength;
        var bytes = new byte[HeaderSize];
        WireLayout.Lp64.Write(bytes, in header);
        return bytes;
    }

    // A block that decompresses to far more than a payload may hold.
    private static byte[] Bomb()
    {
        using var compressed = new MemoryStream();
        using (var encoder = K4os.Compression.LZ4.Streams.LZ4Stream.Encode(compressed, leaveOpen: true))
        {
            encoder.Write(new byte[8 << 20]);
        }

        var frame = compressed.ToArray();
        return [.. Frame(command: (int)CommandCode.CopyInData, flags: 2, payloadLength: frame.Length, copyLength: 65_536), .. frame];
    }

    private static byte[] Frames(DataModel model)
    {
        var layout = WireLayout.For(model);
        var bytes = new byte[3 * layout.HeaderSize];
        for (var index = 0; index < 3; index++)
        {
            var header = ScriptedNode.Message(1, 0, 1);
            header.SendSequence = (ulong)index;
            layout.Write(bytes.AsSpan(layout.HeaderSize * index), in header);
        }

        return bytes;
    }
}
