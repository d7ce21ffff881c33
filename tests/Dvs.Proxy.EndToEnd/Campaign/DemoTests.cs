using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Campaign;

/// <summary>The main job, as a newcomer starts it.</summary>
public partial class DemoTests
{
    private static readonly string[] LongLimit = ["--time-limit", "300"];

    [Fact]
    public async Task Without_a_verb_the_campaign_passes_and_prints_a_row_per_combination_and_the_drivers_views()
    {
        await using var demo = await ChildProcess.RunHostAsync(LongLimit);

        demo.AssertExitCode(0);
        var rows = Row().Matches(demo.Output);
        Assert.True(rows.Count == 8, demo.Describe());
        Assert.Equal(8, rows.Select(static row => row.Groups["switches"].Value).Distinct().Count());
        Assert.All(rows, row =>
        {
            Assert.Equal("0", row.Groups["errors"].Value);
            Assert.All(new[] { "messages", "blocks", "rate", "megabytes", "median", "p99", "ratio" }, name => Assert.True(NumberOf(row, name) > 0, $"{name} in {row.Value}"));
            Assert.True(NumberOf(row, "median") <= NumberOf(row, "p99"), row.Value);
        });
        foreach (var view in new[] { "nodes", "proxies/info", "proxies/procs", "DC0/procs" })
        {
            Assert.Equal(2, Regex.Count(demo.Output, $"^/proc/dvs/{view}$", RegexOptions.Multiline));
        }

        Assert.Contains("PASSED: 8 of 8 combinations", demo.Output, StringComparison.Ordinal);
        Assert.Equal("", demo.Error);

        // What it says can be typed next can be typed: here the checks of the files that it names, and the last line as it stands.
        foreach (var line in NextLine().Matches(demo.Output).Select(static match => match.Value.Trim().Replace(" run --config ", " check-config ", StringComparison.Ordinal)))
        {
            if (!line.EndsWith("status --node 0", StringComparison.Ordinal))
            {
                await using var typed = ChildProcess.Start("/bin/sh", ["-c", line]);
                await typed.WaitForExitAsync(Limits.Demo);
                typed.AssertExitCode(0);
            }
        }

        Assert.Equal(2, Regex.Count(demo.Output, " run --config "));
        Assert.EndsWith(" --help\n", demo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_json_the_same_is_one_document_and_logs_go_to_standard_error()
    {
        await using var demo = await ChildProcess.RunHostAsync(["demo", "--format", "json", "--verbose", .. LongLimit]);

        demo.AssertExitCode(0);
        using var document = JsonDocument.Parse(demo.Output);
        var root = document.RootElement;
        Assert.True(root.GetProperty("passed").GetBoolean());
        Assert.Equal(0, root.GetProperty("failures").GetArrayLength());
        var combinations = root.GetProperty("combinations").EnumerateArray().ToList();
        Assert.Equal(8, combinations.Count);
        Assert.Equal(8, combinations.Select(SwitchesOf).Distinct().Count());
        Assert.All(combinations, AssertCombination);
        var nodes = root.GetProperty("nodes").EnumerateArray().ToList();
        Assert.Equal([0, 1], nodes.Select(static node => node.GetProperty("nodeId").GetInt32()));
        Assert.NotEqual(nodes[0].GetProperty("processId").GetInt32(), nodes[1].GetProperty("processId").GetInt32());
        Assert.Contains("rclient", nodes[0].GetProperty("views").GetProperty("DC0/procs").GetString(), StringComparison.Ordinal);
        Assert.Contains("client0", nodes[1].GetProperty("views").GetProperty("DC0/procs").GetString(), StringComparison.Ordinal);
        Assert.Contains("Dvs.Proxy[", demo.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_campaign_that_takes_too_long_ends_with_exit_code_1_and_names_the_step()
    {
        await using var demo = await ChildProcess.RunHostAsync("demo", "--time-limit", "1");

        demo.AssertExitCode(1);
        Assert.Matches("Not done within 1 s; stuck at: ((warm-up|combination .+), .+|start two node processes|open the driver of each node)\\.", demo.Output);
    }

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("INT", 130)]
    [InlineData("TERM", 130)]
    public async Task A_signal_that_ends_the_demo_leaves_no_node_behind(string signal, int exitCode)
    {
        Assert.SkipUnless(File.Exists($"/proc/self/task/{Environment.ProcessId}/children"), "this kernel does not list the children of a process");
        await using var demo = ChildProcess.StartHost();
        var nodes = await Limits.UntilAsync(() => Task.FromResult(ChildrenOf(demo.Id)), static children => children.Length == 2, "two node processes");

        await demo.SignalAsync(signal);

        await demo.WaitForExitAsync(Limits.Condition);
        demo.AssertExitCode(exitCode);
        Assert.Equal(signal == "KILL" ? "" : "Interrupted.\n", demo.Error);
        await Limits.UntilAsync(
            () => Task.FromResult(string.Join(' ', nodes.Where(static node => Directory.Exists($"/proc/{node}") && !IsZombie(node)))),
            static left => left.Length == 0,
            "the node processes end with their parent");
    }

    private static void AssertCombination(JsonElement combination)
    {
        Assert.Equal(0, combination.GetProperty("errors").GetInt64());
        Assert.Equal(0, combination.GetProperty("failures").GetArrayLength());
        foreach (var name in new[] { "messages", "blocks", "blockBytes", "messagesPerSecond", "megabytesPerSecond", "roundTripMedian", "roundTripP99", "frames" })
        {
            Assert.True(combination.GetProperty(name).GetDouble() > 0, $"{name} of {combination}");
        }

        var ratio = combination.GetProperty("compressionRatio").GetDouble();
        Assert.True(combination.GetProperty("compress").GetBoolean() ? ratio > 1 : ratio == 1, combination.ToString());
        Assert.Equal(combination.GetProperty("batch").GetBoolean(), combination.GetProperty("batches").GetInt64() > 0);
        Assert.Equal(combination.GetProperty("autoBind").GetBoolean(), combination.GetProperty("autoBinds").GetInt64() > 0);
    }

    private static string SwitchesOf(JsonElement combination) =>
        $"{combination.GetProperty("compress")} {combination.GetProperty("batch")} {combination.GetProperty("autoBind")}";

    private static double NumberOf(Match row, string name) => double.Parse(row.Groups[name].Value, CultureInfo.InvariantCulture);

    private static string[] ChildrenOf(int processId) =>
    [
        // A child belongs to the thread that made it.
        .. Directory.GetDirectories($"/proc/{processId}/task")
            .SelectMany(static thread => ReadChildren(thread).Split(' ', StringSplitOptions.RemoveEmptyEntries)),
    ];

    private static string ReadChildren(string thread)
    {
        try
        {
            return File.ReadAllText($"{thread}/children");
        }
        catch (IOException)
        {
            // The thread has ended since it was listed.
            return "";
        }
    }

    private static bool IsZombie(string processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    [GeneratedRegex("^  .*dvs-proxy .*$", RegexOptions.Multiline)]
    private static partial Regex NextLine();

    [GeneratedRegex(@"^(?<switches>(on|-) +(on|-) +(on|-)) +(?<messages>\d+) +(?<blocks>\d+) +(?<errors>\d+) +(?<rate>\d+) +(?<megabytes>[\d.]+) +(?<median>[\d.]+) +(?<p99>[\d.]+) +(?<ratio>[\d.]+) +\d+ +ok$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
