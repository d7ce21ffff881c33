using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tests.Configuration.Classic;

/// <summary>Bad files, each with every diagnostic it has to give, to the column.</summary>
public class ClassicDiagnosticsTests
{
    private const string Rest = "compress NO; batch NO; };";

    public static TheoryData<string, string[]> BadFiles { get; } = new()
    {
        // Punctuation.
        { "proxy a { proxyid 1 compress NO; batch NO; };", ["1:20: error: proxyid: missing \";\": found \"compress\", expected \";\" behind \"1\""] },
        { "proxy a {\n proxyid 1\n compress NO;\n batch NO; };", ["2:11: error: proxyid: missing \";\": found \"compress\", expected \";\" behind \"1\""] },
        { "proxy a {\n proxyid 1\n oddkey NO;\n " + Rest,
            ["2:11: error: proxyid: missing \";\": found \"oddkey\", expected \";\" behind \"1\"",
             "3:2: error: unknown key: found \"oddkey\", expected one of proxyid, proto, host, rport, sport, rname, rpath, spath, compress, batch, autobind, sendpid, hello, idle, backoff, allow, dcs, sequence, digest, secret, window, maxwindow, spin, resume, atleastonce, tls"] },
        { "proxy a { proxyid 1; batch NO; compress NO };", ["1:43: error: missing \";\": found \"}\", expected \";\" behind \"NO\""] },
        { "proxy a { proxyid 1; compress NO; batch NO; }", ["1:46: error: missing \";\": found the end of the file, expected \";\" behind the \"}\" of \"proxy a\". Write \"};\"."] },
        { "proxy a { proxyid 1; " + Rest[..^1] + "\nproxy b { proxyid 2; " + Rest, ["1:46: error: missing \";\": found \"proxy\", expected \";\" behind the \"}\" of \"proxy a\". Write \"};\"."] },
        { "proxy a { proxyid 1; compress NO; batch NO;\nproxy b { proxyid 2; " + Rest,
            ["2:1: error: missing \"}\": found \"proxy\", expected the \"}\" that closes \"proxy a\", opened in line 1. Add \"};\" before line 2."] },
        { "proxy a { proxyid 1; dcs 0,x -1; " + Rest,
            ["1:26: error: dcs: not a number: found \"0,x\", expected a whole number from 0",
             "1:30: error: dcs: out of range: found \"-1\", expected a whole number from 0"] },
        { "node a { onstop parc; };\nproxy a { proxyid 1; " + Rest,
            ["1:17: error: onstop: unknown value: found \"parc\", expected end or park. Did you mean park?"] },
        { "proxy a { proxyid 1; compress NO; batch NO;\n", ["2:1: error: missing \"}\": found the end of the file, expected the \"}\" that closes \"proxy a\", opened in line 1. Add \"};\" at the end of \"proxy a\"."] },
        { "proxy a { proxyid 1; compress NO; batch NO;\n;", ["2:1: error: bare \";\" where \"}\" belongs: found \";\" in line 2, expected the \"}\" that closes \"proxy a\", opened in line 1. Write \"};\" in line 2."] },
        { "proxy a\n proxyid 1; " + Rest, ["1:8: error: proxy: missing \"{\": found \"proxyid\", expected \"{\". Add \"{\" behind \"a\"."] },
        { "};\nproxy a { proxyid 1; " + Rest, ["1:1: error: unbalanced braces: found \"}\", expected a \"{\" before it. Remove it, or add the missing \"{\"."] },
        { "proxy a { proxyid 1;; " + Rest, ["1:21: warning: empty statement: found \";\", expected a key before it. Remove the \";\"."] },
        { "proxy a { { x; }; proxyid 1; " + Rest, ["1:11: error: section without a name: found \"{\", expected a word before it. Write \"node NAME {\" or \"proxy NAME {\"."] },
        { "node n { nodeid 0\nproxy a { proxyid 1; " + Rest,
            ["1:18: error: missing \";\": found \"proxy\", expected \";\" behind \"0\"",
             "2:1: error: missing \"}\": found \"proxy\", expected the \"}\" that closes \"node n\", opened in line 1. Add \"};\" before line 2."] },

        // Words.
        { "proxy a { proxyid 1; rname \"node0; " + Rest + "\nproxy b { proxyid 1; " + Rest,
            ["1:28: error: unterminated string: found \"node0\", expected a closing quote in the same line",
             "2:19: error: proxyid: duplicate id: found \"1\", expected one that no other proxy has: line 1 has it already"] },
        { "proxy a { proxyid 1; rname \"no\\de\"; " + Rest, ["1:31: error: unknown escape: found \"\\\\d\", expected one of \\\\ \\\" \\' \\n \\r \\t. Write \\\\ for a backslash."] },
        { "proxy a { proxyid 1; " + Rest + " \0", ["1:48: error: not a text file: found a NUL character, expected UTF-8 text. Save the file as UTF-8."] },

        // Sections and keys.
        { "porxy a { proxyid x; " + Rest,
            ["1:1: error: unknown section: found \"porxy\", expected node or proxy. Did you mean \"proxy\"?",
             "1:19: error: proxyid: not a number: found \"x\", expected a whole number from 0"] },
        { "rport 1; proxy a { proxyid 1; " + Rest, ["1:1: error: unknown section: found \"rport\", expected node or proxy. rport belongs into a proxy section."] },
        { "node n; proxy a { proxyid 1; " + Rest, ["1:7: error: node: section without braces: found \";\", expected \"{\". Write \"node NAME { … };\"."] },
        { "node { }; proxy a { proxyid 1; " + Rest, ["1:6: error: node: section without a name: found \"{\", expected a NAME before it"] },
        { "proxy a b { proxyid 1; " + Rest, ["1:9: error: proxy: more than one name: found \"b\", expected \"{\""] },
        { "node n { }; node m { nodeid x; };\nproxy a { proxyid 1; " + Rest,
            ["1:13: error: node: second node section: found \"node\", expected one node section. The first is in line 1: remove one of them.",
             "1:29: error: nodeid: not a number: found \"x\", expected a whole number from 0"] },
        { "proxy a { proxyid 1; rprot 1; " + Rest, ["1:22: error: unknown key: found \"rprot\", expected a key of a proxy section. Did you mean \"rport\"?"] },
        { "proxy a { proxid 1; " + Rest, ["1:11: error: unknown key: found \"proxid\", expected a key of a proxy section. Did you mean \"proxyid\"?"] },
        { "proxy a { proxyid 1; abi lp64; " + Rest, ["1:22: error: unknown key: found \"abi\", expected a key of a proxy section. abi belongs into a node section."] },
        { "proxy a { " + Rest, ["1:1: error: proxyid: missing key: expected the node id of the peer in proxy \"a\""] },
        { "proxy a { proxyid 1; };",
            ["1:1: warning: compress: missing key: expected YES, NO or AUTO in \"proxy a\". It is taken as AUTO.",
             "1:1: warning: batch: missing key: expected YES or NO in \"proxy a\". It is taken as NO."] },
        { "proxy a { proxyid 1; rport 5;\n RPORT 6; " + Rest, ["2:2: error: rport: duplicate key: found \"RPORT\", expected it once: line 1 has it already. Remove one of them."] },
        { "proxy a { proxyid 1; compression YES;\n " + Rest, ["2:2: error: compress: duplicate key: found \"compress\", expected it once: line 1 has it already (compression is the same key). Remove one of them."] },
        { "", [" warning: proxy: no peers: this node will talk to nobody. Add a proxy for every peer node."] },

        // Values.
        { "proxy a { proxyid 08; " + Rest, ["1:19: error: proxyid: not a number: found \"08\", expected a whole number from 0. A leading 0 means octal, as in C: remove it."] },
        { "proxy a { proxyid 0x; " + Rest, ["1:19: error: proxyid: not a number: found \"0x\", expected a whole number from 0"] },
        { "proxy a { proxyid -1; " + Rest, ["1:19: error: proxyid: out of range: found \"-1\", expected a whole number from 0"] },
        { "proxy a { proxyid 1; rport 0; sport 65536; " + Rest,
            ["1:28: error: rport: out of range: found \"0\", expected 1..65535", "1:37: error: sport: out of range: found \"65536\", expected 1..65535"] },
        { "proxy a { proxyid 1; rport 99999999999999999999999999; " + Rest, ["1:28: error: rport: out of range: found \"99999999999999999999999999\", expected 1..65535"] },
        { "node n { baseport 0; abi lp46; }; proxy a { proxyid 1; " + Rest,
            ["1:19: error: baseport: out of range: found \"0\", expected 1..65535", "1:26: error: abi: unknown value: found \"lp46\", expected lp64 or ilp32. Did you mean lp64?"] },
        { "proxy a { proxyid 1; autobind MAYBE; sendpid YSE; " + Rest,
            ["1:31: error: autobind: unknown value: found \"MAYBE\", expected YES or NO", "1:46: error: sendpid: unknown value: found \"YSE\", expected YES or NO. Did you mean YES?"] },
        { "proxy a { proxyid; batch NO NO; compress { }; tls; };",
            ["1:18: error: proxyid: missing value: found \";\", expected a whole number",
             "1:29: error: batch: too many values: found \"NO\", expected \";\" behind YES or NO",
             "1:42: error: compress: missing value: found \"{\", expected YES, NO or AUTO",
             "1:50: error: tls: section without braces: found \";\", expected { cert; key; ca; require; }"] },
        { "proxy a { proxyid 1; compress NO { }; batch NO; };", ["1:34: error: compress: not a section: found \"{\", expected \"compress\" with YES, NO or AUTO, and \";\""] },
        { "proxy a { proxyid 1; rname \"\"; " + Rest, ["1:28: error: rname: empty value: found \"\", expected a word"] },
        { "proxy a { proxyid 1; backoff 5000 100; " + Rest, ["1:30: error: backoff: first wait is longer than the longest: found \"5000\", expected at most the longest wait, 100 ms"] },
        { "proxy a { proxyid 1; hello 30; idle 30; " + Rest,
            ["1:37: error: idle: not longer than the hello period: a silent peer would be cut off between two hellos: found \"30\", expected more than hello (30 s), or 0 for never"] },
        { "proxy a { proxyid 1; allow 10.0.0.1/8 foo 1.2.3 1.2.3.4; " + Rest,
            ["1:28: error: allow: not an address: found \"10.0.0.1/8\", expected an IP address, or a prefix like 10.1.0.0/16. Bits are set behind the prefix: write 10.0.0.0/8 for the network, or 10.0.0.1 for the address.",
             "1:39: error: allow: not an address: found \"foo\", expected an IP address, or a prefix like 10.1.0.0/16. Names of hosts are not looked up here: write the address.",
             "1:43: error: allow: not an address: found \"1.2.3\", expected an IP address, or a prefix like 10.1.0.0/16. An address is four decimal numbers 0..255 without leading zeros. inet_aton would read 1.2.0.3: write 1.2.0.3, if that is meant."] },
        { "proxy a { proxyid 1; host node1:3000; " + Rest, ["1:27: error: host: no host: found \"node1:3000\", expected a host name or address. The port goes into sport."] },
        { "proxy \"a b\" { proxyid 1; host c; " + Rest, ["1:7: error: NAME: has white space or control characters: found \"a b\", expected a name of one word"] },
        { "proxy a-name-far-too-long { proxyid 1; " + Rest,
            ["1:7: warning: NAME: longer than 15 bytes: the driver will know it as \"a-name-far-too-\": found \"a-name-far-too-long\". Choose a short name, and name the host under host."] },
        { "node n { baseport 65530; }; proxy a { proxyid 20; " + Rest,
            ["1:29: error: rport: missing, and its default is no port: expected 1..65535. baseport 65530 + proxyid 20 is 65550: lower the base, or set this port."] },

        // Between proxies.
        { "proxy node1 { proxyid 1; " + Rest + "\nproxy NODE1 { proxyid 1; " + Rest,
            ["2:7: error: NAME: duplicate name: found \"NODE1\", expected one that no other proxy has: line 1 has it already",
             "2:23: error: proxyid: duplicate id: found \"1\", expected one that no other proxy has: line 1 has it already"] },
        { "proxy a { proxyid 1; rport 9; rname x; " + Rest + "\nproxy b { proxyid 2; rport 9; rname y; " + Rest,
            ["2:37: error: rname: port 9 is shared with \"a\", which listens on \"x\": found \"y\", expected the same for both, or two different addresses. Give both the same, or another port."] },
        { "proxy a { proxyid 1; rport 9; rname x; " + Rest + "\nproxy b { proxyid 2; rport 9; " + Rest,
            ["1:37: warning: rname: has no effect: port 9 is shared with \"b\", which listens everywhere: found \"x\". Give both the same, or another port."] },
        { "proxy a { proxyid 1; rport 9; hello 40; " + Rest + "\nproxy b { proxyid 2; rport 9; " + Rest,
            ["1:37: warning: hello: a silent peer is cut off before its first hello, because port 9 is shared: found \"40\", expected less than Dvs:HandshakeTimeout (40 s). Shorten it, raise the other, or give the proxy a port of its own."] },

        // Sessions and TLS.
        { "proxy a { proxyid 1; sequence YES; digest MD5; window 65536; tls { cert a; key b; ca c; require YES; }; " + Rest,
            ["1:55: error: window: out of range: found \"65536\", expected 262144..1073741824"] },
        { "proxy a { proxyid 1; window 0; tls { crt a; key; require ja; }; " + Rest,
            ["1:29: error: window: out of range: found \"0\", expected 262144..1073741824",
             "1:32: error: ca: missing key: expected a PEM file with the authorities that vouch for the peer",
             "1:38: error: unknown key: found \"crt\", expected a key of a tls section. Did you mean \"cert\"?",
             "1:48: error: key: missing value: found \";\", expected a file name",
             "1:58: error: require: unknown value: found \"ja\", expected YES or NO"] },

        // TLS.
        { "proxy a { proxyid 1; tls { crt a; key; require ja; }; " + Rest,
            ["1:22: error: ca: missing key: expected a PEM file with the authorities that vouch for the peer",
             "1:28: error: unknown key: found \"crt\", expected a key of a tls section. Did you mean \"cert\"?",
             "1:38: error: key: missing value: found \";\", expected a file name",
             "1:48: error: require: unknown value: found \"ja\", expected YES or NO"] },
        { "proxy a { proxyid 1; tls { }; " + Rest,
            ["1:22: error: cert: missing key: expected a PEM file with this node's certificate",
             "1:22: error: ca: missing key: expected a PEM file with the authorities that vouch for the peer"] },
        { "proxy a { proxyid 1; tls { cert a; key b; ca c; name *.x; cert d; }; " + Rest,
            ["1:54: error: name: wildcards match nothing: found \"*.x\", expected the whole name in the peer's certificate",
             "1:59: error: cert: duplicate key: found \"cert\", expected it once: line 1 has it already. Remove one of them."] },
        { "proxy a { proxyid 1; rport 9; tls { cert a; key b; ca c; }; " + Rest + "\nproxy b { proxyid 2; rport 9; tls { cert a; key b; ca d; }; " + Rest,
            ["2:55: error: ca: port 9 is shared with \"a\", whose ca differs: found \"d\", expected the same for all proxies of a port. Give both the same, or another port."] },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_bad_file_gives_exactly_these_diagnostics(string text, string[] expected)
    {
        var file = ClassicConfiguration.Parse(text, "f");

        Assert.Equal(expected.Select(line => "f:" + line), file.Diagnostics.Select(diagnostic => diagnostic.ToString()));
        Assert.Equal(expected.Any(line => line.Contains(" error: ", StringComparison.Ordinal)), file.HasErrors);
    }

    [Theory]
    [InlineData("proxyid 32;", "1:19: error: proxyid: out of range: found \"32\", expected 0..31 (the driver knows 32 nodes)")]
    [InlineData("proxyid 0;", "1:19: error: proxyid: is the local node: found \"0\", expected the id of another node. A node needs no proxy for itself: remove this one, or correct the id.")]
    [InlineData("proxyid 1; proto TIPC;", "1:28: error: proto: transport is a word of the format, but nothing implements it: found \"TIPC\", expected a registered transport: tcp, memory")]
    [InlineData("proxyid 1; proto udp;", "1:28: error: proto: transport is a word of the format, but nothing implements it: found \"udp\", expected a registered transport: tcp, memory")]
    [InlineData("proxyid 1; proto quic;", "1:28: error: proto: unknown transport: found \"quic\", expected a registered transport: tcp, memory")]
    public void What_only_the_driver_shows_has_a_line_too(string keys, string expected)
    {
        var file = ClassicConfiguration.Parse($"proxy a {{ {keys} {Rest}", "f");

        Assert.Empty(file.Diagnostics);
        Assert.Equal(["f:" + expected], file.Check(new DvsInfo(), 0, ["tcp", "memory"]).Select(diagnostic => diagnostic.ToString()));
    }

    [Fact]
    public void The_node_section_may_not_contradict_the_driver()
    {
        var file = ClassicConfiguration.Parse("node n { nodeid 3; }; proxy a { proxyid 1; " + Rest, "f");

        Assert.Empty(file.Check(new DvsInfo(), 3));
        Assert.Empty(file.Check(new DvsInfo(), -1));
        Assert.Equal(
            "f:1:17: error: nodeid: contradicts the driver: found \"3\", expected 2, the node id of the driver. Correct it or leave it out; or this file belongs to another node.",
            Assert.Single(file.Check(new DvsInfo(), 2)).ToString());
        Assert.Equal("f:1:17: error: nodeid: out of range: found \"3\", expected 0..2 (the driver knows 3 nodes)", file.Check(new DvsInfo { MaxNodes = 3 })[0].ToString());
    }

    [Fact]
    public void Without_a_driver_the_files_own_node_id_counts()
    {
        var file = ClassicConfiguration.Parse("node n { nodeid 1; baseport 65535; }; proxy a { proxyid 0; " + Rest + "\nproxy b { proxyid 1; rport 5; sport 6; " + Rest, "f");

        Assert.Equal(
            ["f:1:39: error: sport: missing, and its default is no port: expected 1..65535. baseport 65535 + local node id 1 is 65536: lower the base, or set this port.",
             "f:2:19: error: proxyid: is the local node: found \"1\", expected the id of another node. A node needs no proxy for itself: remove this one, or correct the id."],
            file.Check().Select(diagnostic => diagnostic.ToString()));
    }

    [Fact]
    public void More_proxies_than_other_nodes_are_an_error_at_the_first_that_is_too_many()
    {
        var text = string.Join('\n', Enumerable.Range(1, 4).Select(id => $"proxy n{id} {{ proxyid {id}; {Rest}"));

        var found = ClassicConfiguration.Parse(text, "f").Check(new DvsInfo { MaxNodes = 4 }, 0);

        Assert.Equal(
            ["f:4:7: error: NAME: too many proxies: 4: found \"n4\", expected at most 3: the driver knows 4 nodes, this one included",
             "f:4:20: error: proxyid: out of range: found \"4\", expected 0..3 (the driver knows 4 nodes)"],
            found.Select(diagnostic => diagnostic.ToString()));
    }

    [Fact]
    public void A_diagnostic_can_be_taken_apart()
    {
        var found = Assert.Single(ClassicConfiguration.Parse("proxy a { proxyid 1; rport 0; " + Rest, "f").Diagnostics);

        Assert.Equivalent(
            new ConfigurationDiagnostic
            {
                Severity = ConfigurationSeverity.Error,
                Problem = "out of range",
                File = "f",
                Line = 1,
                Column = 28,
                Key = "rport",
                Found = "\"0\"",
                Expected = "1..65535",
            },
            found,
            strict: true);
    }

    [Fact]
    public void What_a_message_shows_of_the_file_cannot_upset_a_terminal()
    {
        var text = ClassicConfiguration.Parse("proxy a { \u001b[2J\u202eok" + new string('x', 500) + " 1; proxyid 1; " + Rest, "f").Diagnostics[0].ToString();

        Assert.DoesNotContain(text, char.IsControl);
        Assert.Contains("\\u001b[2J\\u202eok", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 1, 400);
    }
}
