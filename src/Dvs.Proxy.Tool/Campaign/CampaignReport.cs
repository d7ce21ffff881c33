using System.Text.Json.Serialization;
using Dvs.Proxy.Tool.Campaign.Nodes;

namespace Dvs.Proxy.Tool.Campaign;

/// <summary>The whole campaign.</summary>
internal sealed record CampaignReport
{
    /// <summary>True where every check of every combination held.</summary>
    public bool Passed => Failures.Count == 0;

    /// <summary>What did not hold, or why the campaign ended early; empty where all is well.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    /// <summary>How long it took, processes and all.</summary>
    public required double ElapsedSeconds { get; init; }

    /// <summary>One entry per combination, in the order they ran.</summary>
    public required IReadOnlyList<CombinationReport> Combinations { get; init; }

    /// <summary>Both nodes at the end of the last combination, while still connected.</summary>
    public required IReadOnlyList<NodeReport> Nodes { get; init; }

    /// <summary>The verdict over all combinations.</summary>
    /// <param name="combinations">Those that were run.</param>
    /// <param name="otherFailures">What went wrong beside them.</param>
    /// <param name="nodes">The nodes at the end.</param>
    /// <param name="elapsed">How long it took.</param>
    public static CampaignReport Create(
        IReadOnlyList<CombinationReport> combinations, IReadOnlyList<string> otherFailures, IReadOnlyList<NodeReport> nodes, TimeSpan elapsed) => new()
        {
            Failures = [.. combinations.SelectMany(static item => item.Failures.Select(failure => $"{item.Combination}: {failure}")),
                .. otherFailures, .. Missing(combinations, otherFailures)],
            ElapsedSeconds = elapsed.TotalSeconds,
            Combinations = combinations,
            Nodes = nodes,
        };

    private static IEnumerable<string> Missing(IReadOnlyList<CombinationReport> combinations, IReadOnlyList<string> otherFailures)
    {
        if (combinations.Count != Combination.All.Count && otherFailures.Count == 0)
        {
            yield return $"only {combinations.Count} of {Combination.All.Count} combinations were run";
        }
    }
}

/// <summary>What was done and measured with one combination. Nothing here is computed from anything but counts and clocks of this run.</summary>
internal sealed record CombinationReport
{
    /// <summary>The three switches.</summary>
    [JsonIgnore]
    public Combination Combination => new(Compress, Batch, AutoBind);

    /// <summary>Compression on.</summary>
    public required bool Compress { get; init; }

    /// <summary>Batching on.</summary>
    public required bool Batch { get; init; }

    /// <summary>Autobind on: then the server's node did not bind the clients itself.</summary>
    public required bool AutoBind { get; init; }

    /// <summary>Messages that arrived and were as expected: each request, reply, one-way send and notification counts one.</summary>
    public required long Messages { get; init; }

    /// <summary>Blocks whose MD5 was right at the destination.</summary>
    public required long Blocks { get; init; }

    /// <summary>Bytes of these blocks.</summary>
    public required long BlockBytes { get; init; }

    /// <summary>Errors of the application processes.</summary>
    public required long Errors { get; init; }

    /// <summary>Messages per second while several pairs exchanged messages.</summary>
    public required double MessagesPerSecond { get; init; }

    /// <summary>10^6 bytes per second of vcopy, one copy at a time.</summary>
    public required double MegabytesPerSecond { get; init; }

    /// <summary>Median round trip of sendrec in microseconds, one pair alone.</summary>
    public required double RoundTripMedian { get; init; }

    /// <summary>99th percentile of the same.</summary>
    public required double RoundTripP99 { get; init; }

    /// <summary>Bytes of headers and payloads before compression, divided by the bytes on the wire; both proxies, all frames.</summary>
    public required double CompressionRatio { get; init; }

    /// <summary>Frames that both proxies received.</summary>
    public required long Frames { get; init; }

    /// <summary>Of these, frames with more than one command.</summary>
    public required long Batches { get; init; }

    /// <summary>Processes bound by autobind.</summary>
    public required long AutoBinds { get; init; }

    /// <summary>What did not hold.</summary>
    public required IReadOnlyList<string> Failures { get; init; }
}
