using System.Text.Json.Serialization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Everything a run found: what goes into the JSON file.</summary>
internal sealed record RunResult
{
    public required string Command { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Machine { get; init; }

    public required string Runtime { get; init; }

    public required string Limit { get; init; }

    public required string Pinning { get; init; }

    public required string SystemCallCounter { get; init; }

    public IList<ScenarioResult> Scenarios { get; init; } = [];

    public MemoryResult? Memory { get; set; }

    public AllocationResult? Allocation { get; set; }
}

/// <summary>Median of the rounds, and the least and the most.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
        {
            return default;
        }

        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}

/// <summary>One side's view in one round: rates per second, CPU in seconds per million commands, times in microseconds.</summary>
internal sealed record RoundSide(double Commands, double MegaBytes, double SenderCpu, double ReceiverCpu, LatencySummary Latency)
{
    [JsonIgnore]
    public double Cpu => SenderCpu + ReceiverCpu;
}

/// <summary>Ours and the limit, measured right after each other.</summary>
internal sealed record Round(RoundSide Ours, RoundSide Limit)
{
    public long SenderPeakKiB { get; init; }

    public long ReceiverPeakKiB { get; init; }

    public double SenderAllocated { get; init; }

    public double ReceiverAllocated { get; init; }
}

/// <summary>A scenario over all rounds.</summary>
internal sealed record ScenarioResult(string Name, string Title, string LimitIs, Target Target, IReadOnlyList<Round> Rounds)
{
    /// <summary>Microseconds that the ping beside bulk may take; null where the line has no rate.</summary>
    public double? LongestPing { get; init; }

    /// <summary>System calls per command; null where they could not be counted.</summary>
    public double? SenderSystemCalls { get; set; }

    public double? ReceiverSystemCalls { get; set; }

    [JsonIgnore]
    public Spread ThroughputRatio => Spread.Of(Rounds.Select(static round => round.Ours.MegaBytes / round.Limit.MegaBytes));

    [JsonIgnore]
    public Spread CpuRatio => Spread.Of(Rounds.Where(static round => round.Limit.Cpu > 0).Select(static round => round.Ours.Cpu / round.Limit.Cpu));

    /// <summary>
    /// The throughput ratio if every thread had a core to itself: CPU per command of the limit's busiest side over that of ours. Other load on the
    /// machine hardly moves it. One connection only: with more, the sides share cores with themselves.
    /// </summary>
    [JsonIgnore]
    public Spread BusiestSideRatio => Spread.Of(Rounds.Where(static round => round.Limit.Cpu > 0).Select(static round =>
        Math.Max(round.Limit.SenderCpu, round.Limit.ReceiverCpu) / Math.Max(round.Ours.SenderCpu, round.Ours.ReceiverCpu)));

    [JsonIgnore]
    public Spread LatencyRatio => Spread.Of(Rounds.Where(static round => round.Limit.Latency.P50 > 0).Select(static round => round.Ours.Latency.P50 / round.Limit.Latency.P50));

    public double Median(Func<Round, double> value) => Spread.Of(Rounds.Select(value)).Median;
}

/// <summary>
/// Private memory of a fresh process with idle pairs, in KiB. What a pair costs is the slope between few and many: from one pair to the next
/// few the process also grows by what the runtime compiles once.
/// </summary>
internal sealed record MemoryResult(int FewPairs, long FewPairsKiB, int Pairs, long AllPairsKiB, long AfterTrafficKiB)
{
    public double PerIdlePairKiB => (double)(AllPairsKiB - FewPairsKiB) / (Pairs - FewPairs);

    public double PerUsedPairKiB => (AfterTrafficKiB - FewPairsKiB + (FewPairs * PerIdlePairKiB)) / Pairs;
}

/// <summary>Managed memory allocated over many commands, end to end.</summary>
internal sealed record AllocationResult(string Title, long Commands, long SenderBytes, long ReceiverBytes, long Errors)
{
    public double PerCommand => (double)(SenderBytes + ReceiverBytes) / Commands;
}
