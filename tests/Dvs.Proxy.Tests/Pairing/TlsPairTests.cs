using System.Net.Sockets;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Tests.Pairing.Receiving;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.Transport.Tls;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>Proxies with TLS between them: who gets in, who does not, and what the logs say.</summary>
public sealed class TlsPairTests : IDisposable
{
    private static readonly DateTimeOffset OurExpiry = new(DateTimeOffset.UtcNow.AddDays(100).UtcDateTime.Date, TimeSpan.Zero);
    private static readonly DateTimeOffset TheirExpiry = OurExpiry.AddDays(11);

    private readonly TestPki _pki = new();
    private readonly TestPki _others = new("Other CA");

    public void Dispose()
    {
        _pki.Dispose();
        _others.Dispose();
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    public async Task Commands_arrive_once_in_order_over_mutual_tls(bool compress, bool batch, bool session)
    {
        var (a, b) = Nodes(
            _pki.IssueFiles("node0"), _pki.IssueFiles("node1"), peer => (peer.Compress, peer.Batch, peer.UseSession, peer.FrameDigest) =
                (compress ? PayloadCompression.On : PayloadCompression.Off, batch, session, session ? FrameDigestKind.Md5 : FrameDigestKind.None));
        await using var first = a;
        await using var second = b;
        await StartAsync(a, b);
        const int Count = 300;
        var block = new byte[65_536];
        new Random(26).NextBytes(block.AsSpan(0, 8192));
        for (var number = 0; number < Count; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
            b.Device.Enqueue(ScriptedNode.Message(1, 0, number));
            if (number % 50 == 0)
            {
                a.Device.Enqueue(ScriptedNode.Block(0, 1, block.Length), block);
            }
        }

        Eventually.True(() => b.Device.Delivered.Count == Count + 6 && a.Device.Delivered.Count == Count, "all commands arrived", () => Logs(a, b));
        Assert.Equal(Enumerable.Range(0, Count), TypesOf(b));
        Assert.Equal(Enumerable.Range(0, Count), TypesOf(a));
        Assert.All(b.Device.Delivered.Where(static item => item.Header.Command == CommandCode.CopyInData), item => Assert.Equal(block, item.Payload));
        Assert.True(a.Log.Contains("Peer node1: TLS with"), a.Log.All);
        Assert.True(a.Log.Contains("Tls13"), a.Log.All);
        Assert.True(b.Log.Contains("its certificate is \"node0\""), b.Log.All);
    }

    [Fact]
    public async Task The_status_tells_protocol_peer_and_both_expiries_while_connected()
    {
        var (a, b) = Nodes(
            _pki.WriteFiles("node0", _pki.Issue("node0", ["node0"], to: OurExpiry)),
            _pki.WriteFiles("node1", _pki.Issue("node1", ["node1"], to: TheirExpiry)),
            static _ => { });
        await using var first = a;
        await using var second = b;
        await StartAsync(a, b);

        var pair = a.Pair(1);
        Assert.Equal(("CN=node0", OurExpiry), (pair.OwnCertificateSubject, pair.OwnCertificateExpires));
        foreach (var tls in new[] { pair.Sender.Tls, pair.Receiver.Tls })
        {
            Assert.StartsWith("Tls13 TLS_", tls?.Protocol, StringComparison.Ordinal);
            Assert.Equal(("CN=node1", TheirExpiry), (tls!.PeerSubject, tls.PeerExpires));
        }

        Assert.Equal("CN=node0", b.Pair(0).Receiver.Tls?.PeerSubject);
        var text = a.Proxy.GetStatus().ToString();
        Assert.Contains($"our certificate CN=node0, valid until {OurExpiry:yyyy-MM-dd} 00:00 UTC", text, StringComparison.Ordinal);
        Assert.Matches($"to   Tls13 TLS_[A-Z0-9_]+; its certificate CN=node1, valid until {TheirExpiry:yyyy-MM-dd} 00:00 UTC", text);
        await b.StopAsync();
        Eventually.True(() => a.Pair(1) is { Sender.Tls: null, Receiver.Tls: null, OwnCertificateSubject: "CN=node0" }, "a lost connection has no TLS", () => Logs(a, b));
    }

    [Fact]
    public async Task Peers_that_share_a_port_are_told_apart_by_their_certificates_before_they_say_anything()
    {
        await using var hub = await StartHub(1, 2);
        using var two = TestTlsClient.Connect(hub.ConnectAs(2), _pki, _pki.IssueFiles("node2"));

        Eventually.True(() => hub.Pair(2).Receiver.State == ProxyState.Connected, "the silent peer is known", () => hub.Log.All);
        Assert.NotEqual(ProxyState.Connected, hub.Pair(1).Receiver.State);
        two.Stream.Write(Frames.Message(2, 0));
        Eventually.True(() => hub.Device.Delivered.Count == 1, "and heard", () => hub.Log.All);
    }

    [Fact]
    public async Task A_peer_that_speaks_for_another_nodes_id_is_cut_off()
    {
        await using var hub = await StartHub(1, 2);
        using var one = TestTlsClient.Connect(hub.ConnectAs(1), _pki, _pki.IssueFiles("node1"));
        one.Stream.Write(Frames.Message(2, 0));

        Eventually.True(() => hub.Log.Contains("Peer node1: malformed frame"), "the liar is named by its certificate", () => hub.Log.All);
        Assert.True(hub.Log.Contains("c_snode = 2, but the peer is node 1"), hub.Log.All);
        Assert.Empty(hub.Device.Delivered);
        Eventually.True(one.IsClosedByPeer, "it is cut off");
    }

    [Fact]
    public async Task A_certificate_of_several_peers_still_needs_the_first_frame()
    {
        await using var hub = await StartHub(1, 2, 3);
        var both = _pki.WriteFiles("both", _pki.Issue("both", ["node1", "node2"]));
        using var two = TestTlsClient.Connect(hub.ConnectAs(1), _pki, both);
        two.Stream.Write(Frames.Message(2, 0));
        Eventually.True(() => hub.Device.Delivered.Count == 1 && hub.Pair(2).Receiver.State == ProxyState.Connected, "the frame says which of the two", () => hub.Log.All);

        using var three = TestTlsClient.Connect(hub.ConnectAs(1), _pki, both);
        three.Stream.Write(Frames.Message(3, 0));
        Eventually.True(() => hub.Log.Contains("it claims to be node3 (node 3), of which its certificate is not"), "a third is not its to speak for", () => hub.Log.All);
        Assert.Single(hub.Device.Delivered);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_with_its_date_on_both_sides()
    {
        var expiring = _pki.IssueFiles("node1");
        await using var node = await StartListener(Tls(_pki.IssueFiles("node0")));
        var expired = _pki.WriteFiles("expired", _pki.Issue("node1", ["node1"], from: DateTimeOffset.UtcNow.AddDays(-3), to: DateTimeOffset.UtcNow.AddDays(-1)));
        using var late = TestTlsClient.Connect(node.ConnectAs(1), _pki, expired);

        Eventually.True(() => node.Log.Contains("refused: TLS: its certificate (\"node1\") expired on"), "the log says when", () => node.Log.All);
        Assert.Equal(1, node.Pair(1).Receiver.Refused);
        Assert.DoesNotContain("proxy_conn 1 ReceiverConnected", node.Device.Calls);
        using var good = TestTlsClient.Connect(node.ConnectAs(1), _pki, expiring);
        Eventually.True(() => node.Pair(1).Receiver.State == ProxyState.Connected, "the renewed one gets in", () => node.Log.All);

        using var server = new TestTlsServer(expired);
        await using var sender = await StartSender(server.Port, Tls(_pki.IssueFiles("node0")));
        Eventually.True(() => sender.Log.Contains("connected, but TLS failed: its certificate (\"node1\") expired on"), "the sender says when", () => sender.Log.All);
        Assert.Equal(ConnectionEndCause.CertificateRefused, sender.Pair(1).Sender.LastErrorCause);
        Assert.DoesNotContain("proxy_conn 1 SenderConnected", sender.Device.Calls);
    }

    [Fact]
    public async Task Every_other_reason_why_a_connection_fails_is_logged_whatever_was_said_before()
    {
        var address = LoopbackPort.NewAddress();
        var port = LoopbackPort.Reserve(address);
        await using var sender = await StartSender(port, Tls(_pki.IssueFiles("node0")), address);
        Eventually.True(() => sender.Pair(1).Sender.Refused >= 2, "nobody listens", () => sender.Log.All);
        Assert.Equal(ConnectionEndCause.ConnectionRefused, sender.Pair(1).Sender.LastErrorCause);

        var expired = _pki.WriteFiles("expired", _pki.Issue("node1", ["node1"], from: DateTimeOffset.UtcNow.AddDays(-3), to: DateTimeOffset.UtcNow.AddDays(-1)));
        using (new TestTlsServer(expired, address, port))
        {
            Eventually.True(() => sender.Log.Contains("expired on"), "the other reason is logged, too", () => sender.Log.All);
            Assert.Equal(2, sender.Log.EventIds.Count(static id => id == 202));
        }

        using var plain = new TcpListener(System.Net.IPAddress.Parse(address), port);
        plain.Start();
        Eventually.True(() => AnswerWithoutTls(plain) && sender.Log.Contains("is not TLS"), "and that the peer speaks no TLS", () => sender.Log.All);
        Assert.Equal(ConnectionEndCause.TlsFailed, sender.Pair(1).Sender.LastErrorCause);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_on_both_sides()
    {
        await using var node = await StartListener(Tls(_pki.IssueFiles("node0")));
        using var stranger = TestTlsClient.Connect(node.ConnectAs(1), _others, _others.IssueFiles("node1"));
        Eventually.True(() => node.Log.Contains("was issued by \"Other CA\", which is none of the authorities in"), "the log says which", () => node.Log.All);

        using var server = new TestTlsServer(_others.IssueFiles("node1"));
        await using var sender = await StartSender(server.Port, Tls(_pki.IssueFiles("node0")));
        Eventually.True(() => sender.Log.Contains("TLS failed: its certificate (\"node1\") was issued by \"Other CA\""), "the sender says which", () => sender.Log.All);
    }

    [Fact]
    public async Task A_certificate_with_another_name_is_refused_on_both_sides()
    {
        await using var node = await StartListener(Tls(_pki.IssueFiles("node0")));
        using var stranger = TestTlsClient.Connect(node.ConnectAs(1), _pki, _pki.IssueFiles("node7"));
        Eventually.True(() => node.Log.Contains("TLS: its certificate is for \"node7\"; expected \"node1\" or \"127.0.0.1\""), "both names are there", () => node.Log.All);

        using var server = new TestTlsServer(_pki.IssueFiles("node7"));
        await using var sender = await StartSender(server.Port, Tls(_pki.IssueFiles("node0")));
        Eventually.True(() => sender.Log.Contains("TLS failed: its certificate is for \"node7\"; expected \"node1\" or \"127.0.0.1\""), "the sender says so, too", () => sender.Log.All);
    }

    [Fact]
    public async Task A_certificate_may_carry_the_hosts_name_or_address_or_a_configured_one()
    {
        await using var node = await StartListener(Tls(_pki.IssueFiles("node0")));
        var byAddress = _pki.WriteFiles("address", _pki.Issue("x", null, [System.Net.IPAddress.Loopback]));
        using var client = TestTlsClient.Connect(node.ConnectAs(1), _pki, byAddress);
        Eventually.True(() => node.Pair(1).Receiver.State == ProxyState.Connected, "the address of the host will do", () => node.Log.All);

        await using var strict = await StartListener(peer =>
        {
            Tls(_pki.IssueFiles("node0"))(peer);
            peer.Tls!.PeerName = "special";
        });
        using var plainName = TestTlsClient.Connect(strict.ConnectAs(1), _pki, _pki.IssueFiles("node1"));
        Eventually.True(() => strict.Log.Contains("its certificate is for \"node1\"; expected \"special\""), "a configured name is the only one", () => strict.Log.All);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused()
    {
        await using var node = await StartListener(Tls(_pki.IssueFiles("node0")));
        using var anonymous = TestTlsClient.Connect(node.ConnectAs(1), _pki, null);

        Eventually.True(() => node.Log.Contains("refused: TLS: it showed no certificate"), "the log says so", () => node.Log.All);
        Eventually.True(anonymous.IsClosedByPeer, "it is closed");
    }

    [Fact]
    public async Task A_plain_peer_at_a_tls_port_is_refused_and_the_log_says_why()
    {
        await using var node = await StartListener(Tls(_pki.IssueFiles("node0")));
        using var plain = node.ConnectAs(1);
        plain.Send(Frames.Message(1, 0));

        Eventually.True(() => node.Log.Contains("it does not speak TLS, which is required here (tls section: require)"), "the log says so", () => node.Log.All);
        Assert.Empty(node.Device.Delivered);
    }

    [Fact]
    public async Task A_tls_peer_at_a_plain_port_is_refused_and_both_logs_say_why()
    {
        await using var plain = new ScriptedNode(1);
        var portOfPlain = LoopbackPort.Reserve(plain.Address);
        plain.AddPeer(0, "127.0.0.1", 9, portOfPlain);
        await plain.StartAsync();
        await using var sender = new ScriptedNode(0);
        sender.AddPeer(1, plain.Address, portOfPlain, configure: Tls(_pki.IssueFiles("node0")));
        await sender.StartAsync();

        Eventually.True(() => plain.Log.Contains("the peer speaks TLS, for which this node's configuration has no tls section"), "the plain node", () => plain.Log.All);
        Eventually.True(() => sender.Log.Contains("the peer speaks no TLS with us (a tls section in its configuration?)"), "the TLS node", () => sender.Log.All);
        Assert.DoesNotContain("proxy_conn 1 SenderConnected", sender.Device.Calls);
    }

    [Fact]
    public async Task During_a_migration_plain_peers_are_let_in_and_connections_made_plain()
    {
        await using var migrating = new ScriptedNode(0);
        await using var classic = new ScriptedNode(1);
        var portOfMigrating = LoopbackPort.Reserve(migrating.Address);
        var portOfClassic = LoopbackPort.Reserve(classic.Address);
        migrating.AddPeer(1, classic.Address, portOfClassic, portOfMigrating, peer =>
        {
            Tls(_pki.IssueFiles("node0"))(peer);
            (peer.Tls!.RequireWhenAccepting, peer.Tls.UseWhenConnecting) = (false, false);
        });
        classic.AddPeer(0, migrating.Address, portOfMigrating, portOfClassic);
        await StartAsync(migrating, classic);
        migrating.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        classic.Device.Enqueue(ScriptedNode.Message(1, 0, 2));
        Eventually.True(() => migrating.Device.Delivered.Count == 1 && classic.Device.Delivered.Count == 1, "plain both ways", () => Logs(migrating, classic));

        using var modern = TestTlsClient.Connect(migrating.ConnectAs(1), _pki, _pki.IssueFiles("node1"));
        modern.Stream.Write(Frames.Message(1, 0));
        Eventually.True(() => migrating.Device.Delivered.Count == 2, "and TLS, too", () => migrating.Log.All);
    }

    [Fact]
    public async Task Certificates_are_renewed_without_a_restart()
    {
        var filesOfA = _pki.IssueFiles("node0");
        var filesOfB = _pki.IssueFiles("node1");
        var (a, b) = Nodes(filesOfA, filesOfB);
        await using var first = a;
        await using var second = b;
        await StartAsync(a, b);

        _pki.WriteFiles("node1", _pki.Issue("renewed", ["node1"]));
        File.SetLastWriteTimeUtc(filesOfB.Certificate, DateTime.UtcNow.AddMinutes(1));
        Assert.False(b.Log.Contains("the files changed"), "nobody made a new connection yet");
        using var visitor = TestTlsClient.Connect(b.ConnectAs(0), _pki, filesOfA);

        Assert.Equal("CN=renewed", visitor.PeerSubject);
        Assert.True(b.Log.Contains("the files changed; new connections use the certificate \"renewed\""), b.Log.All);

        File.WriteAllText(filesOfB.Certificate, "rubbish");
        using var again = TestTlsClient.Connect(b.ConnectAs(0), _pki, filesOfA);
        Assert.Equal("CN=renewed", again.PeerSubject);
        Eventually.True(() => b.Log.Contains("stays in use"), "the bad file is reported", () => b.Log.All);

        // The visitors took the place of A's connection to B; the one from B to A lives on with the certificate it began with.
        Assert.Equal(1, b.Pair(0).Sender.Connects);
        Assert.Equal(0, b.Pair(0).Sender.Disconnects);
    }

    [Fact]
    public async Task A_renewed_authority_shuts_out_the_certificates_of_the_old()
    {
        var filesOfNode = _pki.IssueFiles("node0");
        await using var node = await StartListener(Tls(filesOfNode));
        var visitor = _pki.IssueFiles("node1");
        using var before = TestTlsClient.Connect(node.ConnectAs(1), _pki, visitor);
        Eventually.True(() => node.Pair(1).Receiver.State == ProxyState.Connected, "the old authority counts", () => node.Log.All);

        File.WriteAllText(_pki.AuthorityFile, File.ReadAllText(_others.AuthorityFile));
        File.SetLastWriteTimeUtc(_pki.AuthorityFile, DateTime.UtcNow.AddMinutes(1));
        using var after = TestTlsClient.Connect(node.ConnectAs(1), _pki, visitor);

        Eventually.True(() => node.Log.Contains("was issued by \"Test CA\", which is none of the authorities in"), "the new one does now", () => node.Log.All);
    }

    [Fact]
    public async Task In_a_session_a_sender_whose_certificate_is_refused_never_counts_as_connected_and_says_why()
    {
        await using var node = await StartListener(peer =>
        {
            Tls(_pki.IssueFiles("node0"))(peer);
            peer.UseSession = true;
        });
        await using var wrong = new ScriptedNode(1);
        wrong.AddPeer(0, node.Address, node.Options.Peers[0].ListenPort!.Value, configure: peer =>
        {
            Tls(_pki.IssueFiles("node7"))(peer);
            (peer.UseSession, peer.Tls!.PeerName) = (true, "node0");
        });
        await wrong.StartAsync();

        Eventually.True(
            () => wrong.Pair(0).Sender.LastError?.Contains("as it does when it refuses our certificate", StringComparison.Ordinal) == true,
            "the refused one suspects why",
            () => wrong.Log.All);
        Eventually.True(() => node.Log.Contains("its certificate is for \"node7\"; expected \"node1\""), "the other one knows", () => node.Log.All);
        Assert.DoesNotContain("proxy_conn 0 SenderConnected", wrong.Device.Calls);
    }

    [Fact]
    public async Task A_sender_whose_peer_stalls_in_the_handshake_gives_up_in_its_time()
    {
        await using var sender = new ScriptedNode(0);
        var address = LoopbackPort.NewAddress();
        using var stalled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        stalled.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), 0));
        stalled.Listen();
        sender.AddPeer(1, address, ((System.Net.IPEndPoint)stalled.LocalEndPoint!).Port, configure: peer =>
        {
            Tls(_pki.IssueFiles("node0"))(peer);
            peer.ConnectTimeout = TimeSpan.FromSeconds(1);
        });
        await sender.StartAsync();

        Eventually.True(
            () => sender.Pair(1).Sender.LastError?.Contains("connected, but the TLS handshake did not end within 1 s", StringComparison.Ordinal) == true,
            "it is said",
            () => sender.Log.All);
    }

    private static bool AnswerWithoutTls(TcpListener listener)
    {
        while (listener.Pending())
        {
            using var client = listener.AcceptSocket();
            client.Send("220 mail.example ESMTP\r\n"u8);
            _ = client.Receive(new byte[1]);
        }

        return true;
    }

    private static Action<PeerOptions> Tls(TlsFiles files) => peer => peer.Tls = TestPki.Options(files);

    private static string Logs(ScriptedNode a, ScriptedNode b) => $"{a.Log.All}\n{b.Log.All}";

    private static IEnumerable<int> TypesOf(ScriptedNode node) =>
        node.Device.Delivered.Where(static item => item.Header.Command == CommandCode.SendMessage).Select(static item => item.Header.Message.Type);

    private static (ScriptedNode A, ScriptedNode B) Nodes(TlsFiles filesOfA, TlsFiles filesOfB, Action<PeerOptions>? configure = null)
    {
        var a = new ScriptedNode(0);
        var b = new ScriptedNode(1);
        var portOfA = LoopbackPort.Reserve(a.Address);
        var portOfB = LoopbackPort.Reserve(b.Address);
        a.AddPeer(1, b.Address, portOfB, portOfA, Tls(filesOfA) + configure);
        b.AddPeer(0, a.Address, portOfA, portOfB, Tls(filesOfB) + configure);
        return (a, b);
    }

    private static async Task StartAsync(ScriptedNode a, ScriptedNode b)
    {
        await a.StartAsync();
        await b.StartAsync();
        Eventually.True(() => a.Pair(1).IsConnected && b.Pair(0).IsConnected, "both nodes are connected", () => Logs(a, b));
    }

    // All peers at one port.
    private async Task<ScriptedNode> StartHub(params int[] peers)
    {
        var hub = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(hub.Address);
        var files = _pki.IssueFiles("node0");
        foreach (var peer in peers)
        {
            hub.AddPeer(peer, "127.0.0.1", 9, shared, Tls(files));
        }

        await hub.StartAsync();
        return hub;
    }

    private static async Task<ScriptedNode> StartListener(Action<PeerOptions> configure)
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: configure);
        await node.StartAsync();
        return node;
    }

    private static async Task<ScriptedNode> StartSender(int port, Action<PeerOptions> configure, string host = "127.0.0.1")
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, host, port, configure: configure);
        await node.StartAsync();
        return node;
    }
}
