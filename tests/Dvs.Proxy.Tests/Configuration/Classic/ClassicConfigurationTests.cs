using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Tests.Configuration.Classic;

/// <summary>Good files, and the examples of the field notes.</summary>
public class ClassicConfigurationTests
{
    [Fact]
    public void The_field_notes_example_gives_exactly_the_error_of_its_bare_semicolon()
    {
        var file = ClassicConfiguration.Parse(FieldNotes.WithBareSemicolon, "multi_proxy.cfg");

        Assert.Equal(
            "multi_proxy.cfg:5:1: error: bare \";\" where \"}\" belongs: found \";\" in line 5, expected the \"}\" that closes \"node node0\", opened in line 2. Write \"};\" in line 5.",
            Assert.Single(file.Check()).ToString());
        Assert.Equal(["node1", "node2"], file.Options.Peers.Select(peer => peer.Name));
        Assert.Equal(3000, file.Options.BasePort);
    }

    [Fact]
    public void Behind_the_bare_semicolon_the_rest_is_still_checked()
    {
        var text = FieldNotes.WithBareSemicolon.Replace("sendPID\t\tNO", "sendPDI\t\tNO", StringComparison.Ordinal).Replace("proxyID\t\t2", "proxyID\t\t1", StringComparison.Ordinal);

        Assert.Equal([(5, 1), (16, 11), (17, 2)], ClassicConfiguration.Parse(text, "f").Diagnostics.Select(found => (found.Line, found.Column)));
    }

    [Fact]
    public void The_corrected_field_notes_example_is_good()
    {
        var file = ClassicConfiguration.Parse(FieldNotes.Corrected, "f");

        Assert.Equal(["compress", "batch"], file.Check().Select(static found => found.Key)); // what the other node's file has to say
        Assert.False(file.HasErrors);
        var options = file.Options;
        Assert.Equal((0, "node0", 3000), (options.NodeId, options.NodeName, options.BasePort));
        PeerOptions[] peers = [.. options.Peers];
        Assert.Equal(("node1", 1, true, PayloadCompression.On, true, true), (peers[0].Name, peers[0].ProxyId, peers[0].FillInSourceProcessId, peers[0].Compress, peers[0].Batch, peers[0].AutoBind));
        Assert.Equal(("node2", 2, false, PayloadCompression.Off, false, false), (peers[1].Name, peers[1].ProxyId, peers[1].FillInSourceProcessId, peers[1].Compress, peers[1].Batch, peers[1].AutoBind));
        Assert.All(peers, peer => Assert.Equal(("tcp", null, null, null), (peer.Transport, peer.ListenPort, peer.ConnectPort, peer.Host)));
    }

    [Theory]
    [InlineData(FieldNotes.Described)]
    [InlineData(FieldNotes.OneProxy)]
    public void The_other_examples_are_good(string text)
    {
        var file = ClassicConfiguration.Parse(text, "f");

        Assert.DoesNotContain(file.Check(), static found => found.Severity == ConfigurationSeverity.Error);
        Assert.Equal(("node1", 1, 3001, 3000), (file.Options.Peers[0].Name, file.Options.Peers[0].ProxyId, file.Options.Peers[0].ListenPort, file.Options.Peers[0].ConnectPort));
    }

    [Fact]
    public void Every_key_is_read()
    {
        const string Text = """
            node "node\"0" { nodeid 0; baseport 0x1000; abi ILP32; };
            proxy node1 {
                proxyid 017; proto tcp; host "192.168.0.101"; rport 4001; sport 4000; rname 127.0.0.1;
                compress YES; batch yes; autobind Yes; sendpid no;
                hello 10; idle 0; backoff 50 2000;
                allow 10.0.0.0/8 192.168.0.101
                      "fe80::/10";
                sequence NO; digest no; window 0x100000; resume 10; atleastonce no;
            };
            """;

        var file = ClassicConfiguration.Parse(Text, "f");

        Assert.Empty(file.Diagnostics);
        Assert.Equal((0, "node\"0", 4096, DataModel.Ilp32), (file.Options.NodeId, file.Options.NodeName, file.Options.BasePort, file.Options.DataModel));
        var peer = Assert.Single(file.Options.Peers);
        Assert.Equal(("node1", 15, "tcp", "192.168.0.101", 4001, 4000, "127.0.0.1"), (peer.Name, peer.ProxyId, peer.Transport, peer.Host, peer.ListenPort, peer.ConnectPort, peer.ListenHost));
        Assert.Equal((PayloadCompression.On, true, true, false), (peer.Compress, peer.Batch, peer.AutoBind, peer.FillInSourceProcessId));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.Zero), (peer.HelloPeriod, peer.IdleTimeout));
        Assert.Equal(FrameDigestKind.None, peer.FrameDigest);
        Assert.Equal((TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2)), (peer.BackoffMinimum, peer.BackoffMaximum));
        Assert.Equal(["10.0.0.0/8", "192.168.0.101", "fe80::/10"], peer.Allow);
    }

    [Theory]
    [InlineData("compress yes;", PayloadCompression.On)]
    [InlineData("compression NO;", PayloadCompression.Off)]
    [InlineData("compress Auto;", PayloadCompression.Auto)]
    public void Compression_is_on_or_off_or_decides_itself(string statement, PayloadCompression expected)
    {
        var file = ClassicConfiguration.Parse($"proxy a {{ proxyid 1; batch NO; sequence YES; {statement} }};", "f");

        Assert.Empty(file.Diagnostics);
        Assert.Equal(expected, file.Options.Peers[0].Compress);
    }

    [Theory]
    [InlineData("", null, 64 << 20)]
    [InlineData("window AUTO;", null, 64 << 20)]
    [InlineData("window auto; maxwindow 0x100000;", null, 1 << 20)]
    [InlineData("window 300000;", 300_000, 64 << 20)]
    public void A_window_has_a_size_or_finds_one(string statements, int? bytes, int largest)
    {
        var file = ClassicConfiguration.Parse($"proxy a {{ proxyid 1; compress NO; batch NO; sequence YES; {statements} }};", "f");

        Assert.Empty(file.Diagnostics);
        Assert.Equal((bytes, largest), (file.Options.Peers[0].WindowBytes, file.Options.Peers[0].LargestWindowBytes));
    }

    [Theory]
    [InlineData("window AUT;", "window: not a number: found \"AUT\"")]
    [InlineData("spin 10001;", "spin: out of range: found \"10001\", expected 0..10000")]
    [InlineData("maxwindow AUTO;", "maxwindow: not a number: found \"AUTO\"")]
    [InlineData("maxwindow 1000;", "maxwindow: out of range: found \"1000\", expected 262144..1073741824")]
    public void A_window_that_is_none_is_refused(string statement, string says)
    {
        var file = ClassicConfiguration.Parse($"proxy a {{ proxyid 1; compress NO; batch NO; sequence YES; {statement} }};", "f");
        Assert.Contains(says, Assert.Single(file.Diagnostics).ToString());
    }

    [Fact]
    public void Spin_is_in_microseconds()
    {
        var file = ClassicConfiguration.Parse("proxy a { proxyid 1; compress NO; batch NO; spin 50; };", "f");
        Assert.Empty(file.Diagnostics);
        Assert.Equal(TimeSpan.FromMicroseconds(50), file.Options.Peers[0].Spin);
    }

    [Theory]
    [InlineData("dcs 0,1;")]
    [InlineData("dcs 0 1;")]
    [InlineData("dcs 0, 0x1,;")]
    public void A_list_of_numbers_may_have_commas(string statement)
    {
        var file = ClassicConfiguration.Parse($"node n {{ onstop PARK; }}; proxy a {{ proxyid 1; compress NO; batch NO; {statement} }};", "f");

        Assert.Empty(file.Diagnostics);
        Assert.Equal([0, 1], file.Options.Peers[0].Dcs);
        Assert.Equal(ProxyStopMode.Park, file.Options.OnStop);
        var applied = new ProxyOptions();
        file.ApplyTo(applied);
        Assert.Equal(ProxyStopMode.Park, applied.OnStop);
    }

    [Fact]
    public void Every_key_is_described_and_known_in_any_case()
    {
        var keys = ClassicConfiguration.DescribeKeys();

        Assert.Equal(
            ["node nodeid", "node baseport", "node abi", "node onstop",
             "proxy proxyid", "proxy proto", "proxy host", "proxy rport", "proxy sport", "proxy rname", "proxy rpath", "proxy spath", "proxy compress", "proxy batch", "proxy autobind", "proxy sendpid",
             "proxy hello", "proxy idle", "proxy backoff", "proxy allow", "proxy dcs", "proxy sequence", "proxy digest", "proxy secret", "proxy window", "proxy maxwindow", "proxy spin", "proxy resume", "proxy atleastonce", "proxy tls",
             "tls cert", "tls key", "tls ca", "tls require", "tls connect", "tls tls12", "tls name"],
            keys.Select(key => $"{key.Section} {key.Name}"));
        Assert.Equal(["compression"], keys.Single(key => key.Name == "compress").Aliases);
        Assert.All(keys, key => Assert.All(new[] { key.Values, key.Default, key.Description }, text => Assert.NotEmpty(text)));
        foreach (var key in keys.Where(key => key.Section != "tls"))
        {
            var text = $"{key.Section} x {{ {key.Name.ToUpperInvariant()} ; }};";
            Assert.DoesNotContain(ClassicConfiguration.Parse(text, "f").Diagnostics, found => found.Problem == "unknown key");
        }
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r")]
    [InlineData("\n")]
    public void Every_kind_of_line_end_counts_once(string lineEnd)
    {
        var text = "# one\n\nproxy a {\n\tproxyid 1; compress NO; batch NO;\n\trport 0;\n};".Replace("\n", lineEnd, StringComparison.Ordinal);

        var found = Assert.Single(ClassicConfiguration.Parse(text, "f").Diagnostics);

        Assert.Equal((5, 8), (found.Line, found.Column));
    }

    [Fact]
    public void A_statement_may_go_over_lines_and_have_comments_in_it()
    {
        const string Text = "proxy # the peer;\n a\n{\nproxyid # }\n 1\n;compress NO;batch#\nNO;};";

        Assert.Empty(ClassicConfiguration.Parse(Text, "f").Diagnostics);
    }

    [Fact]
    public void Two_addresses_may_have_listeners_of_their_own_at_one_port()
    {
        const string Text = "proxy a { proxyid 1; rport 9; rname 127.0.0.1; compress NO; batch NO; };proxy b { proxyid 2; rport 9; rname 127.0.0.2; compress NO; batch NO; };";

        Assert.Empty(ClassicConfiguration.Parse(Text, "f").Diagnostics);
    }

    [Fact]
    public void Applied_to_options_it_keeps_what_the_file_cannot_say_and_remembers_its_lines()
    {
        var options = new ProxyOptions { ShutdownTimeout = TimeSpan.FromSeconds(9), Peers = { new PeerOptions { Name = "old" } } };

        ClassicConfiguration.Parse("proxy a {\n proxyid 7; compress NO; batch NO; };", "f").ApplyTo(options);

        Assert.Equal(TimeSpan.FromSeconds(9), options.ShutdownTimeout);
        Assert.Equal("a", Assert.Single(options.Peers).Name);
        Assert.Equal("f:2:10: error: proxyid: is the local node: found \"7\", expected the id of another node. A node needs no proxy for itself: remove this one, or correct the id.",
            Assert.Single(ProxyOptionsRules.Validate(options, new(), 7, ["tcp"])).ToString());
    }

    [Fact]
    public void A_file_with_errors_is_not_applied()
    {
        var file = ClassicConfiguration.Parse("proxy a { };", "f");

        var exception = Assert.Throws<ConfigurationException>(() => file.ApplyTo(new ProxyOptions()));
        Assert.Equal(file.Diagnostics, exception.Diagnostics);
    }
}
