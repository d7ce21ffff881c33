using System.Globalization;
using System.Text;

namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>An input that broke something.</summary>
/// <param name="Target">Whose input.</param>
/// <param name="Seed">Seed of the run.</param>
/// <param name="Index">Number of the input.</param>
/// <param name="Input">The input.</param>
/// <param name="Reason">What broke.</param>
public sealed record FuzzFailure(string Target, ulong Seed, long Index, byte[] Input, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"FAILED {Target}: seed {Seed}, input {Index}, {Input.Length} bytes: {Reason}\n  --target {Target} --replay {Convert.ToHexString(Input)}";
}

/// <summary>What a run did.</summary>
public sealed record FuzzReport
{
    /// <summary>Whose run.</summary>
    public required string Target { get; init; }

    /// <summary>Its seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Inputs fed.</summary>
    public required long Inputs { get; init; }

    /// <summary>Bytes fed.</summary>
    public required long Bytes { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The first failure; null if all promises held.</summary>
    public FuzzFailure? Failure { get; init; }

    /// <summary>Largest growth of the managed heap seen, in bytes.</summary>
    public long HeapGrowth { get; init; }

    /// <summary>Largest working set of the process seen, in bytes.</summary>
    public long WorkingSet { get; init; }

    /// <summary>Most that one input allocated, in bytes.</summary>
    public long LargestAllocation { get; init; }

    /// <summary>Allocation per input on the average, in bytes.</summary>
    public double MeanAllocation { get; init; }

    /// <summary>The slowest input, the machine's other work included.</summary>
    public TimeSpan SlowestInput { get; init; }

    /// <summary>How often each outcome came.</summary>
    public IReadOnlyDictionary<string, long> Outcomes { get; init; } = new Dictionary<string, long>();

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Target,-9} seed {Seed}: {Inputs:n0} inputs ({Bytes >> 20:n0} MiB) in {Elapsed.TotalSeconds:0.0} s, {Inputs / Elapsed.TotalSeconds:n0}/s; ");
        text.Append(
            CultureInfo.InvariantCulture,
            $"heap +{HeapGrowth / 1048576.0:0.0} MiB at most, working set {WorkingSet >> 20} MiB at most, {MeanAllocation:0} B per input, {LargestAllocation:n0} B at most, slowest {SlowestInput.TotalMilliseconds:0.0} ms; ");
        text.AppendJoin(", ", Outcomes.OrderByDescending(static item => item.Value).Select(static item =>
            string.Create(CultureInfo.InvariantCulture, $"{item.Key} {item.Value:n0}")));
        if (Failure is not null)
        {
            text.AppendLine().Append(Failure);
        }

        return text.ToString();
    }
}
