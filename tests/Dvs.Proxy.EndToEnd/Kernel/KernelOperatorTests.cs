using System.Globalization;
using System.Text.Json;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Control;

namespace Dvs.Proxy.EndToEnd.Kernel;

/// <summary>An operator's session on the kernel device: every verb a process of its own, all of them and the proxy on one driver of the stand-in.</summary>
public class KernelOperatorTests
{
    [Fact]
    public async Task The_session_of_the_field_notes_ends_in_the_right_order_and_then_works()
    {
        using var machine = new StandInMachine(sharesState: true);
        Assert.Contains("dvs init NODE", await machine.ReadRefusalAsync("dvs", "info"), StringComparison.Ordinal);
        Assert.StartsWith("This machine is node 0 now.\nnode 0 of DVS \"dvs\", driver version 202202\n", await machine.ReadAsync("dvs", "init", "0"), StringComparison.Ordinal);
        Assert.StartsWith("DC 0 runs on this node now.\nDC 0 \"DC0\"\n  extends to nodes   0 ", await machine.ReadAsync("dc", "init", "0"), StringComparison.Ordinal);

        Assert.Equal(
            """
            Could not add node 1 to DC 0: -325 EDVSNODEFREE: the node is free: no proxy has brought it up. Node 1 has no running proxy on this node. Start the proxy for it first ('run --config FILE' with a section for node 1), check with 'node info', then add the node to the DC again.
            In this order:
              dvs-proxy run --config FILE --device /dev/dvk     (FILE has a section: proxy node1 { proxyid 1; ... };)
              dvs-proxy node info 1 --device /dev/dvk            (must not say "free")
              dvs-proxy node add 1 --dc 0 --device /dev/dvk

            """,
            await machine.ReadRefusalAsync("node", "add", "1"));

        await using (var proxy = await StartProxyAsync(machine))
        {
            Assert.Contains("node 1 \"node1\": up, not connected to the peer\n", await machine.ReadAsync("node", "info", "1"), StringComparison.Ordinal);
            Assert.StartsWith("DC 0 extends to node 1 now.\nDC 0 \"DC0\"\n  extends to nodes   0 1 ", await machine.ReadAsync("node", "add", "1", "--dc", "0"), StringComparison.Ordinal);
            Assert.Matches(@"^proxy pair 1: bound\n  sender             thread \d+, not connected\n  receiver           thread \d+, not connected\n$", await machine.ReadAsync("proxy", "info"));
            Assert.Equal("No process is bound in this DC.\n", await machine.ReadAsync("proc", "info"));
            Assert.Equal(1, (await machine.ReadAsync("dc", "info")).Split('\n').Count(static line => line.StartsWith("DC ", StringComparison.Ordinal)));
            Assert.Equal("DC 5: does not run on this node\n", await machine.ReadAsync("dc", "info", "5"));
            Assert.Equal("proxy pair 2: free: no proxy runs for it\n", await machine.ReadAsync("proxy", "info", "2"));
            Assert.Contains("EDVSDCNOTRUN", await machine.ReadRefusalAsync("proc", "info", "--dc", "5"), StringComparison.Ordinal);
            Assert.StartsWith("DC 0 does not extend to node 1 any more.", await machine.ReadAsync("node", "del", "1"), StringComparison.Ordinal);
            await proxy.SignalAsync("TERM");
            await proxy.WaitForExitAsync(Limits.Condition);
            proxy.AssertExitCode(0);
        }

        Assert.Equal("No proxy pair is bound on this node. Start a proxy with: run --config FILE\n", await machine.ReadAsync("proxy", "info"));
        machine.AssertNoViolations();
    }

    [Fact]
    public async Task As_json_a_refusal_has_code_name_meaning_and_advice()
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");
        await machine.ReadAsync("dc", "init", "0");

        await using var refused = await machine.RunAsync("node", "add", "1", "--format", "json");

        refused.AssertExitCode(2);
        using var document = JsonDocument.Parse(refused.Output);
        var failure = document.RootElement.GetProperty("failure");
        Assert.Equal(-325, failure.GetProperty("code").GetInt32());
        Assert.Equal("EDVSNODEFREE", failure.GetProperty("name").GetString());
        Assert.Equal("the node is free: no proxy has brought it up", failure.GetProperty("meaning").GetString());
        Assert.Equal("add node 1 to DC 0", failure.GetProperty("attempted").GetString());
        Assert.StartsWith("Node 1 has no running proxy", failure.GetProperty("advice").GetString(), StringComparison.Ordinal);
        using var info = JsonDocument.Parse(await machine.ReadAsync("dc", "info", "--format", "json"));
        Assert.Equal(0, info.RootElement.GetProperty("dcs")[0].GetProperty("info").GetProperty("dcId").GetInt32());
    }

    [Fact]
    public async Task A_verb_after_which_only_a_reboot_may_help_says_so_and_wants_a_yes()
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");
        await machine.ReadAsync("dc", "init", "0");
        foreach (var (verb, warning) in new[]
        {
            ("dc end 0", "dc end sends SIGTERM to every local process that is bound in DC 0"),
            ("dvs end", "dvs end while a proxy pair is bound never returns on the driver as published"),
            ("proxy unbind 1", "proxy unbind never returns on the driver as published"),
        })
        {
            var refusal = await machine.ReadRefusalAsync(verb.Split(' '));
            Assert.StartsWith(warning, refusal, StringComparison.Ordinal);
            Assert.EndsWith("Not done: there is no terminal to ask at. With --yes it is done without a question.\n", refusal, StringComparison.Ordinal);
        }

        Assert.StartsWith("DC 0 \"DC0\"\n", await machine.ReadAsync("dc", "info", "0"), StringComparison.Ordinal);
        Assert.Equal("DC 0 does not run on this node any more.\n", await machine.ReadAsync("dc", "end", "0", "--yes"));
        Assert.Equal("This machine is no node any more.\n", await machine.ReadAsync("dvs", "end", "--yes"));
        Assert.Contains("EDVSDVSINIT", await machine.ReadRefusalAsync("dvs", "info"), StringComparison.Ordinal);
        machine.AssertNoViolations();
    }

    [Fact]
    public async Task Whom_a_new_dc_tells_of_ends_is_nobody_or_who_was_named()
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");
        Assert.DoesNotContain("told of ends", await machine.ReadAsync("dc", "init", "0"), StringComparison.Ordinal);
        Assert.Contains(
            "\n  told of ends       endpoint 2, with message type 77; a process that ends waits for its answer\n",
            await machine.ReadAsync("dc", "init", "1", "--warn-endpoint", "2", "--warn-type", "77"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_dc_has_the_limits_and_the_name_it_was_given()
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");

        Assert.Equal(
            """
            DC 3 runs on this node now.
            DC 3 "small"
              extends to nodes   0  (at most 5 nodes)
              processes          50, and 7 tasks; below 13 they are system processes

            """,
            await machine.ReadAsync("dc", "init", "3", "--name", "small", "--procs", "50", "--tasks", "7", "--sysprocs", "20", "--nodes", "5"));
    }

    [Fact]
    public async Task A_second_proxy_for_a_pair_ends_with_one_clear_line()
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");
        await using var proxy = await StartProxyAsync(machine);
        await using var second = await machine.RunAsync("run", "--config", WriteConfiguration(machine), "--device", "/dev/dvk", "--socket", machine.Folder["second.sock"]);
        second.AssertExitCode(2);
        Assert.Contains("-342 EDVSRSCBUSY", second.Error, StringComparison.Ordinal);
        Assert.Contains("only a reboot frees the pair.", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Error, StringComparison.Ordinal);
        await proxy.SignalAsync("TERM");
        await proxy.WaitForExitAsync(Limits.Condition);
        proxy.AssertExitCode(0);
    }

    [Fact]
    public async Task What_the_driver_has_mended_is_said_in_words()
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0", "--driver-fixes", "thread-exit,third-party-copy");
        await machine.ReadAsync("dvs", "info", "--driver-fixes", "all");
        await machine.ReadAsync("dvs", "info", "--driver-fixes", "none");
        Assert.Contains(
            "--driver-fixes is a list of none, thread-exit, third-party-copy and all, with commas; \"most\" is none of them.",
            await machine.ReadRefusalAsync("dvs", "info", "--driver-fixes", "thread-exit,most"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_drivers_sigterm_at_an_unbind_is_not_the_operators()
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");
        await using var proxy = await StartProxyAsync(machine);

        // It returns when the receiver's thread is gone, and that one waits for its peer.
        await using var unbind = machine.Start("proxy", "unbind", "1", "--yes");

        await Limits.UntilAsync(
            () => Task.FromResult(proxy.Error),
            static log => log.Contains("SIGTERM ignored", StringComparison.Ordinal),
            "the driver's SIGTERM is recognised");
        Assert.NotNull(await ReadStatusAsync(machine));
        await proxy.SignalAsync("TERM");
        await proxy.WaitForExitAsync(Limits.Condition);
        proxy.AssertExitCode(0);
        await unbind.WaitForExitAsync(Limits.Condition);
        unbind.AssertExitCode(0);
        machine.AssertNoViolations();
    }

    [Theory]
    [InlineData("errno=13", "This process may not open /dev/dvk.")]
    [InlineData("errno=2", "the kernel module is not loaded")]
    [InlineData("unprivileged=1", "CAP_SYS_ADMIN")]
    [InlineData("version=202101", "The driver is version 202101, this program speaks to version 202202.")]
    [InlineData("model=32", "The driver was built for 32-bit processes and this is a 64-bit one.")]
    [InlineData("slotsize=8", "its info record makes no sense: d_size_proc is 8")]
    public async Task A_driver_that_cannot_be_used_says_why_in_every_verb(string options, string message)
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");
        machine.Options = options;
        var configuration = WriteConfiguration(machine);
        string[][] verbs = [["dvs", "info"], ["run", "--config", configuration, "--device", "/dev/dvk"], ["check-config", configuration, "--device", "/dev/dvk"]];

        foreach (var verb in verbs)
        {
            var error = await machine.ReadRefusalAsync(verb);
            Assert.Contains(message, error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        }
    }

    private static string WriteConfiguration(StandInMachine machine)
    {
        var host = LoopbackPort.NewAddress();
        var (listen, peer) = (LoopbackPort.Reserve(host), LoopbackPort.Reserve(host));
        return machine.Folder.Write("0.cfg", string.Create(CultureInfo.InvariantCulture, $$"""
            node node0 { nodeid 0; };
            proxy node1 {
                host {{host}}; proxyid 1; proto tcp; rname {{host}}; rport {{listen}}; sport {{peer}};
                compress NO; batch NO; autobind YES; backoff 10 200;
            };
            """));
    }

    private static async Task<ChildProcess> StartProxyAsync(StandInMachine machine)
    {
        var proxy = machine.Start("run", "--config", WriteConfiguration(machine), "--device", "/dev/dvk", "--socket", machine.Folder["0.sock"]);
        await Limits.UntilAsync(() => ReadStatusAsync(machine), static status => status is not null, "the proxy answers");
        return proxy;
    }

    private static async Task<ProxyStatus?> ReadStatusAsync(StandInMachine machine)
    {
        try
        {
            return (await StatusClient.ReadAsync(machine.Folder["0.sock"], CancellationToken.None)).Proxy;
        }
        catch (HostException)
        {
            return null; // not yet there
        }
    }
}
