using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Tests.Configuration;

/// <summary>The options system: what appsettings.json, environment or command line say reaches the options, and its errors their user.</summary>
public class OptionsBindingTests
{
    [Fact]
    public void The_section_binds()
    {
        var options = FromSettings(new()
        {
            ["Dvs:NodeId"] = "3",
            ["Dvs:DataModel"] = "ilp32",
            ["Dvs:BasePort"] = "4000",
            ["Dvs:ShutdownTimeout"] = "00:00:07.5",
            ["Dvs:OnStop"] = "park",
            ["Dvs:Peers:0:Dcs:0"] = "2",
            ["Dvs:Peers:0:Name"] = "node1",
            ["Dvs:Peers:0:ProxyId"] = "1",
            ["Dvs:Peers:0:Compress"] = "on",
            ["Dvs:Peers:0:ListenPort"] = "5001",
            ["Dvs:Peers:0:IdleTimeout"] = "00:02:00",
            ["Dvs:Peers:0:Allow:0"] = "10.0.0.0/8",
            ["Dvs:Peers:0:Allow:1"] = "::1",
            ["Dvs:Peers:1:Name"] = "node2",
            ["Dvs:Peers:1:ProxyId"] = "2",
        }).Create(Options.DefaultName);

        Assert.Equal((3, DataModel.Ilp32, 4000, TimeSpan.FromSeconds(7.5)), (options.NodeId, options.DataModel, options.BasePort, options.ShutdownTimeout));
        Assert.Equal(["node1", "node2"], options.Peers.Select(peer => peer.Name));
        var first = options.Peers[0];
        Assert.Equal((1, PayloadCompression.On, 5001, TimeSpan.FromMinutes(2)), (first.ProxyId, first.Compress, first.ListenPort, first.IdleTimeout));
        Assert.Equal(["10.0.0.0/8", "::1"], first.Allow);
        Assert.Equal((ProxyStopMode.Park, 2), (options.OnStop, Assert.Single(first.Dcs)));
        Assert.Equal((2, PayloadCompression.Auto, null, true), (options.Peers[1].ProxyId, options.Peers[1].Compress, options.Peers[1].IdleTimeout, options.Peers[1].FillInSourceProcessId));
    }

    [Fact]
    public void All_errors_are_found_at_once()
    {
        var options = FromSettings(new() { ["Dvs:BasePort"] = "0", ["Dvs:Peers:0:Name"] = "node1", ["Dvs:Peers:0:ProxyId"] = "40", ["Dvs:Peers:0:Dcs:0"] = "32" }).Create(Options.DefaultName);

        Assert.Equal(
            [
                "Dvs:BasePort = 0: out of range: expected 1..65535",
                "Dvs:Peers:0:ProxyId = 40: out of range: expected 0..31 (the driver knows 32 nodes)",
                "Dvs:Peers:0:Dcs:0 = 32: out of range: expected 0..31 (the driver knows 32 DCs)",
            ],
            OptionErrors.Of(options, nodeId: 3));
    }

    [Fact]
    public void A_classic_file_is_one_more_source_and_its_errors_have_lines()
    {
        var file = ClassicConfiguration.Parse("proxy node1 {\n proxyid 40; compress NO; batch NO; };", "multi_proxy.cfg");
        var options = Factory(new ConfigureOptions<ProxyOptions>(file.ApplyTo)).Create(Options.DefaultName);

        Assert.Equal(
            ["multi_proxy.cfg:2:10: error: proxyid: out of range: found \"40\", expected 0..31 (the driver knows 32 nodes)"],
            OptionErrors.Of(options, nodeId: 3));
    }

    // What the options system puts together from its services.
    private static OptionsFactory<ProxyOptions> FromSettings(Dictionary<string, string?> settings)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return Factory(new ConfigureFromConfigurationOptions<ProxyOptions>(configuration.GetSection(ProxyOptions.SectionName)));
    }

    private static OptionsFactory<ProxyOptions> Factory(IConfigureOptions<ProxyOptions> source) => new([source], [], []);
}
