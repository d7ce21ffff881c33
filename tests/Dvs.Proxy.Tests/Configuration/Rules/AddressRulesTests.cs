using System.Net;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Configuration.Rules;

/// <summary>One rule for addresses: in files and options, for check-config and a start, for whom is connected to, listened on and let in.</summary>
public class AddressRulesTests
{
    private const string Rest = "compress NO; batch NO; };";

    public static TheoryData<string> NoAddresses { get; } =
    [
        "192.168.1", "3001", "10.0.0.010", "010.0.0.1", "127.0.0.256", "1.2.3.4.5", "“10.0.0.1”", "fe80::1%no-such-nic", "0x7f.1", "::ffff:010.0.0.1", "224.0.0.1",
    ];

    [Theory]
    [MemberData(nameof(NoAddresses))]
    public void What_is_no_address_is_an_error_wherever_it_stands(string text)
    {
        foreach (var key in new[] { "host", "rname", "allow" })
        {
            var file = ClassicConfiguration.Parse($"proxy a {{ proxyid 1; host h;\n  {key} {text}; {Rest}".Replace(key == "host" ? "host h;" : "#", "", StringComparison.Ordinal), "f");

            var found = Assert.Single(file.Diagnostics);
            Assert.Equal(("f", 2, 4 + key.Length, ConfigurationSeverity.Error, key), (found.File, found.Line, found.Column, found.Severity, found.Key));
            Assert.NotNull(found.Suggestion);
            Assert.Throws<ConfigurationException>(() => file.ApplyTo(new ProxyOptions())); // a start
        }
    }

    [Theory]
    [MemberData(nameof(NoAddresses))]
    public void So_it_is_in_options(string text)
    {
        var peer = new PeerOptions { Name = "a", ProxyId = 1, Host = text, ListenHost = text, Allow = { text } };

        var found = ProxyOptionsRules.ValidateStatic(new ProxyOptions { Peers = { peer } });

        Assert.Equal(["Dvs:Peers:0:Host", "Dvs:Peers:0:ListenHost", "Dvs:Peers:0:Allow:0"], found.Select(static each => each.Key));
        Assert.All(found, static each => Assert.Equal(ConfigurationSeverity.Error, each.Severity));
    }

    [Theory]
    [InlineData("host 10.0.0.010;", "1:27: error: host: looks like an address and is none: found \"10.0.0.010\", expected a host name or address. An address is four decimal numbers 0..255 without leading zeros. inet_aton would read 10.0.0.8: write 10.0.0.8 or 10.0.0.10, whichever is meant.")]
    [InlineData("host 3001;", "1:27: error: host: looks like an address and is none: found \"3001\", expected a host name or address. An address is four decimal numbers 0..255 without leading zeros. inet_aton would read 0.0.11.185: write 0.0.11.185, if that is meant. A port goes into sport.")]
    [InlineData("host 0.0.0.0;", "1:27: error: host: stands for every address of a machine, and names none: found \"0.0.0.0\", expected a host name or address. Name the one host that is meant.")]
    [InlineData("host fe80::1;", "1:27: error: host: is a link-local address without its interface: found \"fe80::1\", expected a host name or address. Add the interface that leads there: fe80::1%eth0, for example.")]
    [InlineData("rname 127.1;", "1:28: error: rname: looks like an address and is none: found \"127.1\", expected a host name or address. An address is four decimal numbers 0..255 without leading zeros. inet_aton would read 127.0.0.1: write 127.0.0.1, if that is meant.")]
    [InlineData("allow 010.0.0.0/8;", "1:28: error: allow: not an address: found \"010.0.0.0/8\", expected an IP address, or a prefix like 10.1.0.0/16. An address is four decimal numbers 0..255 without leading zeros. inet_aton would read 8.0.0.0: write 8.0.0.0 or 10.0.0.0, whichever is meant.")]
    [InlineData("allow node1;", "1:28: error: allow: not an address: found \"node1\", expected an IP address, or a prefix like 10.1.0.0/16. Names of hosts are not looked up here: write the address.")]
    [InlineData("allow 10.0.0.0/08;", "1:28: error: allow: not an address: found \"10.0.0.0/08\", expected an IP address, or a prefix like 10.1.0.0/16. The length of the prefix of this address is 0..32.")]
    [InlineData("allow 0.0.0.0;", "1:28: error: allow: not an address: found \"0.0.0.0\", expected an IP address, or a prefix like 10.1.0.0/16. 0.0.0.0 stands for every address of a machine, and names none: no connection comes from there. For everybody, write 0.0.0.0/0 ::/0.")]
    public void The_message_has_the_reading_that_would_have_held(string key, string expected) =>
        Assert.Equal("f:" + expected, Assert.Single(ClassicConfiguration.Parse($"proxy a {{ proxyid 1; {key} {Rest}", "f").Diagnostics).ToString());

    [Theory]
    [InlineData("proxy 192.168.1 { proxyid 1; " + Rest, "inet_aton would read 192.168.0.1: write 192.168.0.1, if that is meant. Name the host under host.")]
    [InlineData("proxy node_1 { proxyid 1; " + Rest, "A host name is made of letters, digits, hyphens and dots. Name the host under host.")]
    public void The_name_of_a_proxy_is_held_to_it_only_where_it_is_the_host(string text, string suggestion)
    {
        Assert.EndsWith(suggestion, Assert.Single(ClassicConfiguration.Parse(text, "f").Diagnostics).ToString(), StringComparison.Ordinal);
        Assert.Empty(ClassicConfiguration.Parse(text.Replace("proxyid 1;", "proxyid 1; host h;", StringComparison.Ordinal), "f").Diagnostics);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void One_may_listen_on_all_addresses_of_a_family(string all) =>
        Assert.Empty(ClassicConfiguration.Parse($"proxy a {{ proxyid 1; rname {all}; {Rest}", "f").Diagnostics);

    [Theory]
    [InlineData("0.0.0.0/0", "8.0.0.1", true)]
    [InlineData("10.0.0.0/8", "10.9.9.9", true)]
    [InlineData("10.0.0.0/8", "8.0.0.1", false)]
    [InlineData("::ffff:10.0.0.0/104", "10.9.9.9", true)]
    public void Prefixes_let_in_what_they_say(string allow, string address, bool isLetIn)
    {
        Assert.True(AllowedAddress.TryParse(allow, out var network, out _));
        Assert.Equal(isLetIn, network.Contains(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("010.0.0.1")]
    [InlineData("010.0.0.0/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10/8")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("/8")]
    [InlineData("")]
    public void Nothing_else_is_let_in_by_a_slip(string allow) => Assert.False(AllowedAddress.TryParse(allow, out _, out _));

    [Fact]
    public void The_name_in_a_certificate_is_held_to_it_too()
    {
        var found = Assert.Single(ClassicConfiguration.Parse("proxy a { proxyid 1; tls { cert c; ca a; name 10.0.0.010; }; " + Rest, "f").Diagnostics);

        Assert.Equal("name", found.Key);
        Assert.Contains("inet_aton would read 10.0.0.8", found.Suggestion, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("010.0.0.1", "inet_aton would read 8.0.0.1")]
    [InlineData("0.0.0.0", "stands for every address")]
    public async Task The_transport_itself_takes_no_other(string host, string part)
    {
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(async () => await new TcpTransport().ConnectAsync(new TransportEndpoint(host, 3000), CancellationToken.None));

        Assert.Contains(part, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_ways_to_write_an_address_are_one_listener()
    {
        var options = new ProxyOptions
        {
            Peers =
            {
                new PeerOptions { Name = "a", ProxyId = 1, ListenPort = 9, ListenHost = "::ffff:127.0.0.1" },
                new PeerOptions { Name = "b", ProxyId = 2, ListenPort = 9, ListenHost = "127.0.0.1" },
            },
        };

        Assert.Empty(ProxyOptionsRules.ValidateStatic(options));
        Assert.Single(PeerResolver.Resolve(options, new(), 0).Select(static peer => peer.Listen).Distinct());
    }
}
