using System.Globalization;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.EndToEnd.Kernel;

/// <summary>A proxy on the kernel device that is stopped or killed and started again: its peers' nodes are part of their DCs without an
/// operator.</summary>
public class KernelRestartTests
{
    private const string PartOfDc = "DC 0 \"DC0\"\n  extends to nodes   0 1 ";

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task After_a_restart_the_dc_extends_to_the_peers_node(string signal)
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");
        await machine.ReadAsync("dc", "init", "0");
        var configuration = WriteConfiguration(machine);
        for (var start = 0; start < 3; start++)
        {
            await using var proxy = machine.Start("run", "--config", configuration, "--device", "/dev/dvk", "--socket", machine.Folder["0.sock"]);
            await StatusReader.UntilAnsweredAsync(machine.Folder["0.sock"], proxy);
            await Limits.UntilAsync(() => machine.ReadAsync("dc", "info", "0"), static text => text.StartsWith(PartOfDc, StringComparison.Ordinal), "the DC extends to node 1");
            await proxy.SignalAsync(signal);
            await proxy.WaitForExitAsync(Limits.Condition);
            Assert.Contains("not known to survive the end of a thread", proxy.Error, StringComparison.Ordinal);
            Assert.Equal(signal == "TERM", proxy.Error.Contains("the threads of 1 pair end now", StringComparison.Ordinal));
        }

        machine.AssertNoViolations();
    }

    private static string WriteConfiguration(StandInMachine machine)
    {
        var host = LoopbackPort.NewAddress();
        var (listen, peer) = (LoopbackPort.Reserve(host), LoopbackPort.Reserve(host));
        return machine.Folder.Write("0.cfg", string.Create(CultureInfo.InvariantCulture, $$"""
            node node0 { nodeid 0; };
            proxy node1 {
                host {{host}}; proxyid 1; proto tcp; rname {{host}}; rport {{listen}}; sport {{peer}};
                compress NO; batch NO; autobind YES; backoff 10 200; dcs 0;
            };
            """));
    }
}
