namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What is to be measured, and the defaults of the command line.</summary>
internal sealed record EndToEndOptions
{
    /// <summary>Short rounds, for a first look.</summary>
    public static EndToEndOptions InShort { get; } = new() { Rounds = 3, Seconds = 0.5, WarmSeconds = 0.3, Commands = 300_000 };

    public int Rounds { get; init; } = 5;

    public double Seconds { get; init; } = 3;

    public double WarmSeconds { get; init; } = 0.5;

    /// <summary>The line between the nodes, where there is one.</summary>
    public LinePlan? Line { get; init; }

    /// <summary>The line is a relay of the benchmark's own; otherwise the kernel makes the loopback one.</summary>
    public bool HasRelay { get; init; }

    /// <summary>Names of scenarios and of other things that are measured; empty for all.</summary>
    public IReadOnlySet<string> Only { get; init; } = new HashSet<string>();

    public string? Json { get; init; }

    public string? Svg { get; init; }

    /// <summary>JSON file of an earlier run, with which this one is compared.</summary>
    public string? Baseline { get; init; }

    /// <summary>JSON file of an earlier run, of which a picture is wanted and nothing else.</summary>
    public string? Draw { get; init; }

    /// <summary>Commands over which allocation is counted.</summary>
    public long Commands { get; init; } = 10_000_000;

    /// <summary>One core for each process.</summary>
    public bool Pin { get; init; }

    /// <summary>The limit program may be the one in C.</summary>
    public bool AllowC { get; init; } = true;

    /// <summary>Microseconds for which the driver looks for a command before it sleeps.</summary>
    public int Spin { get; init; }

    /// <summary>Microseconds for which the proxies look for work before they sleep.</summary>
    public int ProxySpin { get; init; }

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name);
}
