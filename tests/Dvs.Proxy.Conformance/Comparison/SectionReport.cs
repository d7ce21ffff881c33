using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Conformance.Comparison;

internal enum StepOutcome
{
    Equal,
    Excepted,
    Different,
}

/// <summary>One step compared. One of the two lines is missing where the section was shorter or longer than the recording.</summary>
internal sealed record StepReport(int Number, TraceStep? Expected, TraceStep? Actual, StepOutcome Outcome, string? Reason = null);

/// <summary>What came of a section.</summary>
internal sealed record SectionReport
{
    public required string Name { get; init; }

    public required IReadOnlyList<StepReport> Steps { get; init; }

    /// <summary>What is wrong beside single steps: SIGTERMs that did not come, exceptions that are not needed.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>The driver holds threads of this process and does not let them go.</summary>
    public bool IsStuck { get; init; }

    public int Differences => Count(StepOutcome.Different) + Faults.Count;

    public int Count(StepOutcome outcome) => Steps.Count(step => step.Outcome == outcome);
}
