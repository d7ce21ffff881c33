namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What is to be measured, and the defaults of the command line.</summary>
internal sealed record StartUpOptions
{
    public int Rounds { get; init; } = 15;

    /// <summary>Those of <see cref="HostPublisher"/> that are published and measured.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    /// <summary>Programs that are measured as they are.</summary>
    public IReadOnlyList<PublishedHost> Hosts { get; init; } = [];

    public string? Json { get; init; }
}
