namespace Dvs.Proxy.Benchmarks.Cuts;

/// <summary>What is to be measured, and the defaults of the command line.</summary>
internal sealed record CutsOptions
{
    public double Seconds { get; init; } = 60;

    public int Rounds { get; init; } = 6;

    public double WarmSeconds { get; init; } = 5;

    /// <summary>Names of combinations; empty for all.</summary>
    public IReadOnlySet<string> Only { get; init; } = new HashSet<string>();

    public int Seed { get; init; } = Random.Shared.Next();

    public string? Json { get; init; }
}
