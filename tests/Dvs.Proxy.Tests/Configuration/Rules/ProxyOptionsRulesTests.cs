using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Configuration.Rules;

/// <summary>Options that did not come from a classic file: key and value in every message.</summary>
public class ProxyOptionsRulesTests
{
    public static TheoryData<string, Action<ProxyOptions>, string[]> BadOptions { get; } = new()
    {
        { "base port", options => options.BasePort = 0, ["Dvs:BasePort = 0: out of range: expected 1..65535"] },
        { "abi", options => options.DataModel = (DataModel)7, ["Dvs:DataModel = 7: unknown value: expected Lp64 or Ilp32"] },
        { "pending", options => options.MaxPendingConnections = 1025, ["Dvs:MaxPendingConnections = 1025: out of range: expected 1..1024"] },
        { "shutdown", options => options.ShutdownTimeout = TimeSpan.Zero, ["Dvs:ShutdownTimeout = 00:00:00: out of range: expected a time longer than 0 and at most 24 days"] },
        { "handshake", options => options.HandshakeTimeout = TimeSpan.MaxValue, ["Dvs:HandshakeTimeout = 10675199.02:48:05.4775807: out of range: expected a time longer than 0 and at most 24 days"] },
        { "node id", options => options.NodeId = -2, ["Dvs:NodeId = -2: out of range: expected a node id, from 0"] },
        { "other node id", options => options.NodeId = 5, ["Dvs:NodeId = 5: contradicts the driver: expected 0, the node id of the driver. Correct it or leave it out; or this file belongs to another node."] },
        { "null", options => options.Peers.Add(null!), ["Dvs:Peers:2 = null: empty entry: expected a peer. Fill it in or remove it."] },
        { "name", options => options.Peers[1].Name = null!, ["Dvs:Peers:1:Name = \"\": not set: expected the name of the peer node"] },
        { "names", options => options.Peers[1].Name = "NODE1", ["Dvs:Peers:1:Name = NODE1: duplicate name: expected one that no other proxy has: Dvs:Peers:0:Name has it already"] },
        { "id", options => options.Peers[1].ProxyId = 40, ["Dvs:Peers:1:ProxyId = 40: out of range: expected 0..31 (the driver knows 32 nodes)"] },
        { "no id", options => options.Peers[1].ProxyId = -1, ["Dvs:Peers:1:ProxyId = -1: not set: expected the node id of the peer, from 0"] },
        { "negative id", options => options.Peers[1].ProxyId = -9, ["Dvs:Peers:1:ProxyId = -9: out of range: expected the node id of the peer, from 0"] },
        { "largest id", options => options.Peers[1].ProxyId = int.MaxValue, ["Dvs:Peers:1:ProxyId = 2147483647: out of range: expected 0..31 (the driver knows 32 nodes)"] },
        { "local id", options => options.Peers[1].ProxyId = 0, ["Dvs:Peers:1:ProxyId = 0: is the local node: expected the id of another node. A node needs no proxy for itself: remove this one, or correct the id."] },
        { "ids", options => options.Peers[1].ProxyId = 1, ["Dvs:Peers:1:ProxyId = 1: duplicate id: expected one that no other proxy has: Dvs:Peers:0:ProxyId has it already"] },
        { "transport", options => options.Peers[0].Transport = "quic", ["Dvs:Peers:0:Transport = quic: unknown transport: expected a registered transport: tcp"] },
        { "no transport", options => options.Peers[0].Transport = "", ["Dvs:Peers:0:Transport = \"\": not set: expected the name of a transport"] },
        { "send port", options => options.Peers[0].ConnectPort = 0, ["Dvs:Peers:0:ConnectPort = 0: out of range: expected 1..65535"] },
        { "receive port", options => options.Peers[0].ListenPort = -1, ["Dvs:Peers:0:ListenPort = -1: out of range: expected 0..65535"] },
        { "host", options => options.Peers[0].Host = "a b", ["Dvs:Peers:0:Host = a b: no host: expected a host name or address"] },
        { "receive host", options => options.Peers[0].ListenHost = "::1:x", ["Dvs:Peers:0:ListenHost = ::1:x: no host: expected a host name or address. An IPv6 address is eight groups of hexadecimal digits with colons between them; :: stands for groups of zeros."] },
        { "hello", options => options.Peers[0].HelloPeriod = TimeSpan.FromSeconds(-1), ["Dvs:Peers:0:HelloPeriod = -00:00:01: out of range: expected a time longer than 0 and at most 24 days"] },
        { "idle", options => options.Peers[0].IdleTimeout = TimeSpan.FromSeconds(30), ["Dvs:Peers:0:IdleTimeout = 00:00:30: not longer than the hello period: a silent peer would be cut off between two hellos: expected more than HelloPeriod (30 s), or 0 for never"] },
        { "negative idle", options => options.Peers[0].IdleTimeout = TimeSpan.FromSeconds(-1), ["Dvs:Peers:0:IdleTimeout = -00:00:01: out of range: expected a time up to 24 days, or 0 for never"] },
        { "backoff", options => options.Peers[0].BackoffMinimum = TimeSpan.FromSeconds(9), ["Dvs:Peers:0:BackoffMinimum = 00:00:09: first wait is longer than the longest: expected at most the longest wait, 5 s"] },
        { "no backoff", options => options.Peers[0].BackoffMaximum = TimeSpan.Zero, ["Dvs:Peers:0:BackoffMaximum = 00:00:00: out of range: expected a time longer than 0 and at most 24 days"] },
        { "connect", options => options.Peers[0].ConnectTimeout = TimeSpan.Zero, ["Dvs:Peers:0:ConnectTimeout = 00:00:00: out of range: expected a time longer than 0 and at most 24 days"] },
        { "batch lp64", options => options.Peers[0].MaxBatchCommands = 385, ["Dvs:Peers:0:MaxBatchCommands = 385: out of range: expected 0..384"] },
        { "spinning for long", options => options.Peers[0].Spin = TimeSpan.FromMilliseconds(20), ["Dvs:Peers:0:Spin = 00:00:00.0200000: out of range: expected a time up to 10 ms, or 0 to sleep at once"] },
        { "slow to acknowledge", options => options.Peers[0].AcknowledgementDelay = TimeSpan.FromSeconds(2), ["Dvs:Peers:0:AcknowledgementDelay = 00:00:02: out of range: expected a time up to 1 s, or 0 to acknowledge at once"] },
        { "no batch", options => options.Peers[0].MaxBatchCommands = -1, ["Dvs:Peers:0:MaxBatchCommands = -1: out of range: expected 0..384"] },
        { "allow", options => options.Peers[0].Allow.Add("10.0.0.0/40"), ["Dvs:Peers:0:Allow:0 = 10.0.0.0/40: not an address: expected an IP address, or a prefix like 10.1.0.0/16. The length of the prefix of this address is 0..32."] },
        {
            "all at once",
            options => (options.BasePort, options.Peers[0].ConnectPort, options.Peers[1].ProxyId) = (70_000, 0, 40),
            ["Dvs:BasePort = 70000: out of range: expected 1..65535", "Dvs:Peers:0:ConnectPort = 0: out of range: expected 1..65535", "Dvs:Peers:1:ProxyId = 40: out of range: expected 0..31 (the driver knows 32 nodes)"]
        },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void A_bad_option_is_named_with_its_value(string what, Action<ProxyOptions> spoil, string[] expected)
    {
        var options = Good();
        spoil(options);

        var errors = OptionErrors.Of(options);

        Assert.True(errors.Length > 0, what);
        Assert.Equal(expected, errors);
    }

    [Fact]
    public void Good_options_pass_with_zero_as_receive_port()
    {
        var options = Good();
        options.Peers[0].ListenPort = options.Peers[1].ListenPort = 0;
        (options.Peers[0].ListenHost, options.Peers[1].ListenHost) = ("127.0.0.1", "localhost");

        Assert.Empty(ProxyOptionsRules.Validate(options, new DvsInfo(), 0, ["tcp"]));
    }

    [Fact]
    public void Under_ilp32_more_fit_into_a_batch()
    {
        var options = Good();
        (options.DataModel, options.Peers[0].MaxBatchCommands, options.Peers[1].MaxBatchCommands) = (DataModel.Ilp32, 537, 538);

        Assert.Equal("Dvs:Peers:1:MaxBatchCommands = 538: out of range: expected 0..537", Assert.Single(ProxyOptionsRules.ValidateStatic(options)).ToString());
    }

    [Fact]
    public void Warnings_do_not_fail_the_validation()
    {
        var options = new ProxyOptions();

        Assert.Empty(OptionErrors.Of(options));
        Assert.Equal("warning: Dvs:Peers: no peers: this node will talk to nobody. Add a proxy for every peer node.", Assert.Single(ProxyOptionsRules.ValidateStatic(options)).ToString());
    }

    [Fact]
    public void Without_a_driver_the_rules_that_need_none_hold()
    {
        var options = Good();
        (options.Peers[0].ProxyId, options.Peers[1].ConnectPort) = (40, 0);

        Assert.Equal(["Dvs:Peers:1:ConnectPort = 0: out of range: expected 1..65535"], OptionErrors.OfStatic(options));
    }

    [Fact]
    public void Other_transports_have_their_own_addresses()
    {
        var options = Good();
        (options.Peers[0].Transport, options.Peers[0].Host) = ("tipc", "1.1.4711:4200");

        Assert.Empty(ProxyOptionsRules.Validate(options, new DvsInfo(), 0, ["tcp", "Tipc"]));
    }

    [Fact]
    public void Names_that_the_driver_cannot_tell_apart_earn_a_warning()
    {
        var options = Good();
        (options.Peers[0].Name, options.Peers[1].Name) = ("a_name_of_15_by1", "a_name_of_15_by2");

        Assert.Equal(3, ProxyOptionsRules.ValidateStatic(options).Count(found => found.Severity == ConfigurationSeverity.Warning));
    }

    private static ProxyOptions Good() => new()
    {
        Peers = { new PeerOptions { Name = "node1", ProxyId = 1, Host = "127.0.0.1" }, new PeerOptions { Name = "node2", ProxyId = 2, Host = "::1" } },
    };
}
