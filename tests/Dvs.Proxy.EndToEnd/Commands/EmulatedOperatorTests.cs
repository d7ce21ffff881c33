using System.Globalization;
using System.Text.Json;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.EndToEnd.Commands;

/// <summary>The operator's verbs on an emulated driver: that of a running host, over its status socket.</summary>
public sealed class EmulatedOperatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_that_no_proxy_brought_up_is_answered_as_by_the_kernel_driver()
    {
        // A proxy for node 2 only: node 1 is nobody's.
        var host = LoopbackPort.NewAddress();
        var (listen, peer) = (LoopbackPort.Reserve(host), LoopbackPort.Reserve(host));
        var configuration = _folder.Write("0.cfg", string.Create(CultureInfo.InvariantCulture, $$"""
            node node0 { nodeid 0; };
            proxy node2 { host {{host}}; proxyid 2; rname {{host}}; rport {{listen}}; sport {{peer}}; compress NO; batch NO; };
            """));
        await using var proxy = ChildProcess.StartHost("run", "--config", configuration, "--socket", _folder["0.sock"]);
        await Limits.UntilAsync(
            async () =>
            {
                await using var info = await RunAsync("dc", "info", "0");
                return info.Output + info.Error;
            },
            static text => text.Contains("extends to nodes   0 2 ", StringComparison.Ordinal),
            "DC 0 of the host");

        await using var refused = await RunAsync("node", "add", "1");
        refused.AssertExitCode(2);
        Assert.Equal("", refused.Output);
        Assert.Equal(
            """
            Could not add node 1 to DC 0: -325 EDVSNODEFREE: the node is free: no proxy has brought it up. Node 1 has no running proxy on this node. Start the proxy for it first ('run --config FILE' with a section for node 1), check with 'node info', then add the node to the DC again.
            In this order:
              dvs-proxy run --config FILE --device emulated     (FILE has a section: proxy node1 { proxyid 1; ... };)
              dvs-proxy node info 1 --device emulated            (must not say "free")
              dvs-proxy node add 1 --dc 0 --device emulated

            """,
            refused.Error);

        await using var again = await RunAsync("dvs", "init", "0");
        again.AssertExitCode(2);
        Assert.Contains("EDVSDVSBUSY", again.Error, StringComparison.Ordinal);
        await using var nodes = await RunAsync("node", "info", "--format", "json");
        nodes.AssertExitCode(0);
        using var document = JsonDocument.Parse(nodes.Output);
        Assert.Equal([0, 2], document.RootElement.GetProperty("nodes").EnumerateArray().Select(static node => node.GetProperty("info").GetProperty("nodeId").GetInt32()));
        foreach (var verb in new[] { "node del 2", "node add 2 --dc 0", "proxy info", "proc info", "dc init 1", "dc info", "dc info 9", "proxy info 9", "dc end 1", "dvs info" })
        {
            await using var done = await RunAsync(verb.Split(' '));
            done.AssertExitCode(0);
            Assert.NotEqual("", done.Output);
        }
    }

    [Fact]
    public async Task Without_a_host_the_verb_says_where_an_emulated_driver_lives()
    {
        await using var info = await RunAsync("dvs", "info");

        info.AssertExitCode(2);
        Assert.Contains("Start one with: dvs-proxy run --config FILE", info.Error, StringComparison.Ordinal);
        Assert.Contains("An emulated driver lives in the process of its host", info.Error, StringComparison.Ordinal);
    }

    private Task<ChildProcess> RunAsync(params string[] verb) =>
        ChildProcess.RunHostAsync([.. verb, "--device", "emulated", "--socket", _folder["0.sock"]]);
}
