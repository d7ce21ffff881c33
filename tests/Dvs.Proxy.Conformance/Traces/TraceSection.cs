namespace Dvs.Proxy.Conformance.Traces;

/// <summary>One section of a trace: the steps of one script on a fresh driver.</summary>
internal sealed record TraceSection
{
    /// <summary>Letter of the section.</summary>
    public required string Name { get; init; }

    /// <summary>Which driver it was, where it stands in the file for more than one; empty otherwise.</summary>
    public string Variant { get; init; } = "";

    public required IReadOnlyList<TraceStep> Steps { get; init; }

    /// <summary>For every SIGTERM that the process got, the number of steps made before.</summary>
    public required IReadOnlyList<int> Terminations { get; init; }

    /// <summary>The lines were written by hand, and may have <c>*</c> where nothing is known.</summary>
    public bool IsDescribed { get; init; }

    /// <summary>The driver as published, not one with mended faults.</summary>
    public bool IsPublished => Variant.Length == 0 || Variant.Contains("as published", StringComparison.Ordinal);
}
