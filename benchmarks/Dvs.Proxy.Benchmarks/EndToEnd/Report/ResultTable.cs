using System.Globalization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>The results for people, as Markdown.</summary>
internal static class ResultTable
{
    public static void Write(TextWriter output, RunResult result)
    {
        output.WriteLine();
        output.WriteLine($"Machine: {result.Machine}. {result.Runtime}. Limit: {result.Limit}. Processes: {result.Pinning}. System calls: {result.SystemCallCounter}.");
        output.WriteLine($"Command: `{result.Command}`");
        output.WriteLine("Medians of the rounds; in parentheses the least and the most.");
        output.WriteLine();
        WriteRows(output, ["scenario", "commands/s", "MB/s", "limit MB/s", "of the limit", "target", ""], result.Scenarios.Select(Throughput));
        WriteRows(
            output,
            ["scenario", "CPU s/10⁶ send + recv", "limit's", "× limit", "target", "", "of the limit by CPU of the busiest side", "system calls/command send, recv", "B allocated/command", "peak MiB send, recv"],
            result.Scenarios.Select(Cost));
        WriteRows(
            output, ["round trip µs", "p50", "p99", "p99.9", "limit p50", "p99", "p99.9", "p50 × limit", "target", ""],
            result.Scenarios.Where(static scenario => scenario.Rounds.Any(static round => round.Ours.Latency.P50 > 0)).Select(RoundTrip));
        WriteManyPeers(output, result.Scenarios);
        WriteMemory(output, result.Memory);
        WriteAllocation(output, result.Allocation);
    }

    /// <summary>
    /// What changed since an earlier run, of the scenarios that both have. Each is held against the limit of its own run: so the machine, and what else it did, drops out.
    /// </summary>
    public static void WriteComparison(TextWriter output, RunResult before, RunResult now)
    {
        output.WriteLine($"Compared with the run of {before.At:yyyy-MM-dd HH:mm} UTC, each as a multiple of the limit of its own run: throughput, CPU per command, round trip (p50).");
        output.WriteLine();
        WriteRows(
            output,
            ["scenario", "throughput before", "now", "ratio", "CPU before", "now", "ratio", "round trip before", "now", "ratio"],
            now.Scenarios.Join(before.Scenarios, static scenario => scenario.Name, static scenario => scenario.Name, static (after, earlier) => Comparison(earlier, after)));
    }

    private static string[] Comparison(ScenarioResult before, ScenarioResult now) =>
    [
        now.Title,
        .. Compare(before.ThroughputRatio, now.ThroughputRatio),
        .. Compare(before.CpuRatio, now.CpuRatio),
        .. Compare(before.LatencyRatio, now.LatencyRatio),
    ];

    private static string[] Compare(Spread before, Spread now) =>
        before.Median > 0 && now.Median > 0 ? [Times(before), Times(now), Number(now.Median / before.Median)] : ["", "", ""];

    private static string[] Throughput(ScenarioResult scenario) =>
    [
        scenario.Title,
        Number(scenario.Median(static round => round.Ours.Commands)),
        Number(scenario.Median(static round => round.Ours.MegaBytes)),
        $"{Number(scenario.Median(static round => round.Limit.MegaBytes))} ({scenario.LimitIs})",
        Percent(scenario.ThroughputRatio),
        scenario.Target.Throughput is { } target ? $"≥ {target:P0}" : "",
        Verdict(scenario.Target.Throughput, scenario.ThroughputRatio.Median, atLeast: true),
    ];

    private static string[] Cost(ScenarioResult scenario) =>
    [
        scenario.Title,
        $"{Number(scenario.Median(static round => round.Ours.SenderCpu))} + {Number(scenario.Median(static round => round.Ours.ReceiverCpu))}",
        $"{Number(scenario.Median(static round => round.Limit.SenderCpu))} + {Number(scenario.Median(static round => round.Limit.ReceiverCpu))}",
        Times(scenario.CpuRatio),
        scenario.Target.Cpu is { } target ? $"≤ {Number(target)}" : "",
        Verdict(scenario.Target.Cpu, scenario.CpuRatio.Median, atLeast: false),
        Percent(scenario.BusiestSideRatio),
        scenario.SenderSystemCalls is null ? "-" : $"{Number(scenario.SenderSystemCalls.Value)}, {Number(scenario.ReceiverSystemCalls ?? 0)}",
        Number(scenario.Median(static round => round.SenderAllocated + round.ReceiverAllocated)),
        $"{Number(scenario.Median(static round => round.SenderPeakKiB / 1024.0))}, {Number(scenario.Median(static round => round.ReceiverPeakKiB / 1024.0))}",
    ];

    private static string[] RoundTrip(ScenarioResult scenario)
    {
        string At(Func<Round, double> value) => Number(scenario.Median(value));
        return
        [
            scenario.Title,
            At(static round => round.Ours.Latency.P50), At(static round => round.Ours.Latency.P99), At(static round => round.Ours.Latency.P999),
            At(static round => round.Limit.Latency.P50), At(static round => round.Limit.Latency.P99), At(static round => round.Limit.Latency.P999),
            Times(scenario.LatencyRatio),
            scenario.Target.Latency is { } target ? $"≤ {Number(target)}" : scenario.LongestPing is { } longest ? $"p99 ≤ {Number(longest)} µs" : "",
            scenario.LongestPing is not null
                ? Verdict(scenario.LongestPing, scenario.Median(static round => round.Ours.Latency.P99), atLeast: false)
                : Verdict(scenario.Target.Latency, scenario.LatencyRatio.Median, atLeast: false),
        ];
    }

    private static void WriteManyPeers(TextWriter output, IList<ScenarioResult> scenarios)
    {
        const double Least = 0.8;
        if (scenarios.FirstOrDefault(static scenario => scenario.Name == "peers-1") is { } one && scenarios.FirstOrDefault(static scenario => scenario.Name == "peers-31") is { } all)
        {
            var ratio = Spread.Of(all.Rounds.Zip(one.Rounds, static (many, single) => many.Ours.MegaBytes / single.Ours.MegaBytes));
            output.WriteLine($"31 peers together: {Percent(ratio)} of one peer's throughput. Target: ≥ {Least:P0}: {Verdict(Least, ratio.Median, atLeast: true)}.");
        }
    }

    private static void WriteMemory(TextWriter output, MemoryResult? memory)
    {
        if (memory is not null)
        {
            output.WriteLine(
                $"Memory: {memory.FewPairsKiB:N0} KiB private with {memory.FewPairs} idle pairs, {memory.AllPairsKiB:N0} KiB with {memory.Pairs}: {memory.PerIdlePairKiB:N0} KiB per idle pair "
                + $"({memory.PerUsedPairKiB:N0} KiB per pair that was busy before). Target: < 256 KiB: {Verdict(256, memory.PerIdlePairKiB, atLeast: false)}.");
        }
    }

    private static void WriteAllocation(TextWriter output, AllocationResult? allocation)
    {
        if (allocation is not null)
        {
            output.WriteLine(
                $"Allocation ({allocation.Title}): {allocation.SenderBytes:N0} B at the sender and {allocation.ReceiverBytes:N0} B at the receiver over "
                + $"{allocation.Commands:N0} commands: {Number(allocation.PerCommand)} B per command.");
        }
    }

    private static void WriteRows(TextWriter output, string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        if (all.Count == 1)
        {
            return;
        }

        int[] widths = [.. head.Select((_, column) => all.Max(row => row[column].Length))];
        for (var index = 0; index < all.Count; index++)
        {
            output.WriteLine($"| {string.Join(" | ", all[index].Select((cell, column) => cell.PadRight(widths[column])))} |");
            if (index == 0)
            {
                output.WriteLine($"|{string.Join("|", widths.Select(static width => new string('-', width + 2)))}|");
            }
        }

        output.WriteLine();
    }

    private static string Verdict(double? target, double value, bool atLeast) =>
        target is null ? "" : (atLeast ? value >= target : value <= target) ? "met" : "missed";

    private static string Percent(Spread spread) => $"{spread.Median:P0} ({spread.Least:P0}–{spread.Most:P0})";

    private static string Times(Spread spread) => spread.Median == 0 ? "-" : $"{Number(spread.Median)} ({Number(spread.Least)}–{Number(spread.Most)})";

    /// <summary>Three digits, or all before the point.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 0.0001 => value.ToString("0.#e0", CultureInfo.InvariantCulture),
        < 0.1 => value.ToString("0.####", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.00", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("N0", CultureInfo.InvariantCulture),
    };
}
