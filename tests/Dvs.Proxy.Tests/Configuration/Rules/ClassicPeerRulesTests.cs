using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tests.Configuration.Rules;

/// <summary>What check-config says of peers that may be classic C proxies.</summary>
public class ClassicPeerRulesTests
{
    [Fact]
    public void Each_dangerous_key_earns_one_warning_that_names_its_peers()
    {
        var text = """
            proxy a { proxyid 1; compress YES; batch NO; };
            proxy b { proxyid 2; compress YES; batch YES; };
            proxy c { proxyid 3; compress NO; batch NO; };
            """;

        Assert.Equal(
            ["f:1:31: warning: compress: a classic C proxy must have compress YES, too: with NO it hands compressed bytes to its driver as if they were the data: found \"YES\". "
                + "Make sure of it at \"a\", \"b\", or set NO here; between proxies of this kind sequence YES on both nodes needs no such care.",
             "f:2:42: warning: batch: a classic C proxy must have batch YES and autobind NO: with batch NO it drops every command of a batch but the first, and with autobind YES it breaks "
                + "the connection at a batched command of a process it does not know: found \"YES\". "
                + "Make sure of it at \"b\", or set NO here; between proxies of this kind sequence YES on both nodes needs no such care."],
            ClassicConfiguration.Parse(text, "f").Check(localNodeId: 0).Select(static found => found.ToString()));
    }

    [Fact]
    public void A_whole_cluster_earns_no_more()
    {
        var text = string.Join('\n', Enumerable.Range(1, 31).Select(static id => $"proxy n{id} {{ proxyid {id}; compress YES; batch YES; }};"));

        var found = ClassicConfiguration.Parse(text, "f").Check(localNodeId: 0);

        Assert.Equal(["compress", "batch"], found.Select(static each => each.Key));
        Assert.All(found, static each => Assert.Contains("\"n8\" and 23 more", each.Suggestion, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("sequence YES;", "tcp")] // a C proxy has no session
    [InlineData("", "memory")] // nor another transport
    public void A_peer_that_cannot_be_one_earns_none(string keys, string transport)
    {
        var text = $"proxy a {{ proxyid 1; proto {transport}; compress YES; batch YES; {keys} }};";

        Assert.Empty(ClassicConfiguration.Parse(text, "f").Check(localNodeId: 0, transportNames: ["tcp", "memory"]));
    }

    [Fact]
    public void Compression_that_decides_itself_is_none_without_a_session() =>
        Assert.Empty(ClassicConfiguration.Parse("proxy a { proxyid 1; compress AUTO; batch NO; };", "f").Check(localNodeId: 0));

    [Fact]
    public void Nor_does_one_that_is_connected_to_by_tls()
    {
        var peer = new PeerOptions { Name = "a", UseSession = false, Tls = new TlsOptions() };

        Assert.False(ClassicPeerRules.MayBeClassic(peer));
        peer.Tls.UseWhenConnecting = false;
        Assert.True(ClassicPeerRules.MayBeClassic(peer));
    }

    [Theory]
    [InlineData(false, 30, 95)]
    [InlineData(false, 5, 95)]
    [InlineData(false, 32, 96)]
    [InlineData(true, 30, 90)]
    [InlineData(true, 5, 15)]
    public void Silence_is_borne_as_long_as_a_healthy_c_proxy_may_be_silent(bool sequence, int hello, int idle)
    {
        var peer = new PeerOptions { Name = "a", ProxyId = 1, UseSession = sequence, HelloPeriod = TimeSpan.FromSeconds(hello) };

        Assert.Equal(TimeSpan.FromSeconds(idle), PeerResolver.Resolve(new ProxyOptions { Peers = { peer } }, new DvsInfo(), 0)[0].IdleTimeout);
    }

    [Theory]
    [InlineData("hello 10; idle 94;", true)]
    [InlineData("hello 10; idle 95;", false)]
    [InlineData("hello 10; idle 0;", false)]
    [InlineData("hello 10; idle 20; sequence YES;", false)]
    public void A_shorter_one_that_is_written_out_holds_and_earns_a_warning(string keys, bool isWarned)
    {
        var file = ClassicConfiguration.Parse($"proxy a {{ proxyid 1; {keys} compress NO; batch NO; }};", "f");

        Assert.False(file.HasErrors);
        Assert.Equal(
            isWarned
                ? ["f:1:37: warning: idle: a healthy classic C proxy would be cut off: it says hello every 30 s, and does not connect again: found \"94\", expected at least 95 s, or 0 for never. "
                    + "Leave it out, or, where the peer is no C proxy, set sequence YES on both nodes."]
                : [],
            file.Diagnostics.Select(static found => found.ToString()));
        Assert.Equal(isWarned ? TimeSpan.FromSeconds(94) : file.Options.Peers[0].IdleTimeout, EffectiveOptions.IdleTimeout(file.Options.Peers[0]));
    }
}
