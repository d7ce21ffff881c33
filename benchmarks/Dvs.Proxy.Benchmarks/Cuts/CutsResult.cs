using System.Text.Json.Serialization;
using Dvs.Proxy.Benchmarks.EndToEnd;

namespace Dvs.Proxy.Benchmarks.Cuts;

/// <summary>A run: what goes into the JSON file.</summary>
internal sealed record CutsResult(string Command, DateTimeOffset At, string Machine, string Runtime, int Seed, IList<CutsCombinationResult> Combinations);

/// <summary>What became of one combination. Rates are commands per second that the other process was given, one per slice.</summary>
internal sealed record CutsCombinationResult(string Name, IReadOnlyList<double> Undisturbed, IReadOnlyList<double> Cut)
{
    /// <summary>Connections cut, both directions.</summary>
    public required int Cuts { get; init; }

    /// <summary>Connections the sender made after its first.</summary>
    public required long Reconnects { get; init; }

    public required long FramesSentAgain { get; init; }

    public required long HandedOut { get; init; }

    public required long Lost { get; init; }

    public required long Duplicated { get; init; }

    public required long Reordered { get; init; }

    public required long Damaged { get; init; }

    /// <summary>Each cut slice over the undisturbed one right before it.</summary>
    [JsonIgnore]
    public Spread Ratio => Spread.Of(Cut.Zip(Undisturbed, static (cut, undisturbed) => cut / undisturbed));

    [JsonIgnore]
    public bool IsIntact => Lost + Duplicated + Reordered + Damaged == 0;
}
