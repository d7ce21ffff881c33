namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Everything a run of the start-up benchmark found: what goes into its JSON file.</summary>
internal sealed record StartUpRun
{
    public required string Command { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Machine { get; init; }

    public required string Runtime { get; init; }

    public required int Rounds { get; init; }

    public required IReadOnlyList<StartUpResult> StartUps { get; init; }
}

/// <summary>From the start of a host to its first command delivered, in ms.</summary>
internal sealed record StartUpResult(string Host, Spread Milliseconds);
