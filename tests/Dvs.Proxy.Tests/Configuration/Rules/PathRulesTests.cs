using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Configuration.Rules;

/// <summary>Peers whose addresses are paths.</summary>
public class PathRulesTests
{
    private const string Rest = "compress NO; batch NO; };";

    [Fact]
    public void Both_paths_of_a_file_reach_the_peer()
    {
        var file = ClassicConfiguration.Parse($"proxy a {{ proxyid 1; proto unix; rpath /run/dvs/here; spath @there; {Rest}", "f");

        Assert.Empty(file.Diagnostics);
        var peer = Assert.Single(PeerResolver.Resolve(file.Options, new DvsInfo(), 0));
        Assert.Equal((TransportEndpoint.AtPath("@there"), TransportEndpoint.AtPath("/run/dvs/here")), (peer.Remote, peer.Listen));
        Assert.Empty(file.Check(localNodeId: 0));
    }

    [Theory]
    [InlineData("spath /b;", "1:1: error: rpath: missing: proto unix needs it: expected an absolute file name, or @ and an abstract name")]
    [InlineData("rpath /a;", "1:1: error: spath: missing: proto unix needs it: expected an absolute file name, or @ and an abstract name")]
    [InlineData("rpath dvs/a; spath /b;", "1:40: error: rpath: a path is absolute: begin it with /, or an abstract name with @: found \"dvs/a\", expected an absolute file name, or @ and an abstract name")]
    [InlineData("rpath /a; spath /a;", "1:50: error: spath: the same as rpath: this node would connect to itself: found \"/a\", expected where the peer listens")]
    [InlineData("rpath /a; spath /b; host h;", "1:59: warning: host: has no effect: the addresses of proto unix are paths: found \"h\". Remove it.")]
    [InlineData("rpath /a; spath /b; sport 3000;", "1:60: warning: sport: has no effect: the addresses of proto unix are paths: found \"3000\". Remove it.")]
    [InlineData("rpath /a; spath /b; allow 10.0.0.1;", "1:60: warning: allow: has no effect: the addresses of proto unix are paths: found \"10.0.0.1\". Remove it.")]
    public void What_is_wrong_with_them_is_said_where_it_stands(string keys, string expected) =>
        Assert.Equal("f:" + expected, Assert.Single(ClassicConfiguration.Parse($"proxy a {{ proxyid 1; proto unix; {keys} {Rest}", "f").Diagnostics).ToString());

    [Fact]
    public void A_transport_s_name_is_escaped_where_it_is_quoted()
    {
        var found = ClassicConfiguration.Parse($"proxy a {{ proxyid 1; proto \u0001x; rpath r; spath s; host h; {Rest}", "f").Diagnostics;

        Assert.Equal(
            "f:1:55: warning: host: has no effect: the addresses of proto \\x01x are paths: found \"h\". Remove it.",
            Assert.Single(found).ToString());
    }

    [Fact]
    public void TCP_takes_no_path() => Assert.Equal(
        "f:1:28: error: spath: a path, which TCP does not take: found \"/a\". Remove it, or set proto unix.",
        Assert.Single(ClassicConfiguration.Parse($"proxy a {{ proxyid 1; spath /a; {Rest}", "f").Diagnostics).ToString());

    [Fact]
    public void Peers_may_share_a_path_but_not_with_certificates_that_differ()
    {
        Assert.Empty(ProxyOptionsRules.ValidateStatic(new ProxyOptions { Peers = { Peer(1, "one.pem"), Peer(2, "one.pem") } }));

        var found = Assert.Single(ProxyOptionsRules.ValidateStatic(new ProxyOptions { Peers = { Peer(1, "one.pem"), Peer(2, "two.pem") } }));
        Assert.Equal("Dvs:Peers:1:Tls:CertificateFile", found.Key);
        Assert.Equal("\"/here\" is shared with \"node1\", whose Tls:CertificateFile differs", found.Problem);

        static PeerOptions Peer(int id, string certificate) => new()
        {
            Name = $"node{id}",
            ProxyId = id,
            Transport = "unix",
            ListenPath = "/here",
            ConnectPath = $"/there{id}",
            Tls = new TlsOptions { CertificateFile = certificate, KeyFile = "key.pem", CaFile = "ca.pem" },
        };
    }

    [Fact]
    public void A_registered_transport_may_take_paths_of_its_own_kind()
    {
        var options = new ProxyOptions { Peers = { new PeerOptions { Name = "a", ProxyId = 1, Transport = "serial", ListenPath = "tty0", ConnectPath = "tty1" } } };

        Assert.Empty(ProxyOptionsRules.ValidateStatic(options));
        var peer = Assert.Single(PeerResolver.Resolve(options, new DvsInfo(), 0));
        Assert.Equal((TransportEndpoint.AtPath("tty1"), TransportEndpoint.AtPath("tty0")), (peer.Remote, peer.Listen));
    }
}
