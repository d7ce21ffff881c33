using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>Compares a section that was run with the recorded one.</summary>
internal sealed class SectionJudge(ConformanceTarget target, IReadOnlyList<ConformanceException> exceptions)
{
    /// <summary>The report on a section.</summary>
    /// <param name="trace">What the real driver did.</param>
    /// <param name="steps">What was done now.</param>
    /// <param name="terminations">How often SIGTERM came.</param>
    public SectionReport Judge(TraceSection trace, IReadOnlyList<TraceStep> steps, int terminations)
    {
        var reports = Enumerable.Range(0, Math.Max(trace.Steps.Count, steps.Count))
            .Select(index => Judge(trace, trace.Steps.ElementAtOrDefault(index), steps.ElementAtOrDefault(index), index + 1))
            .ToArray();
        var faults = new List<string>();
        var expectedTerminations = trace.Terminations.Count(before => before < trace.Steps.Count);
        if (terminations != expectedTerminations && reports.All(report => report.Outcome != StepOutcome.Different) && target != ConformanceTarget.StrictEmulation)
        {
            faults.Add($"SIGTERM came {terminations} times instead of {expectedTerminations}");
        }

        foreach (var exception in exceptions.Where(exception => exception.Section == trace.Name && (exception.Targets & target) != 0))
        {
            if (!reports.Any(report => report.Outcome == StepOutcome.Excepted && exception.Covers(target, trace.Name, report.Number)))
            {
                faults.Add($"the exception for {exception.Steps} is not needed any more: take it out of {nameof(ConformanceExceptions)} and docs/driver.md");
            }
        }

        return new SectionReport { Name = trace.Name, Steps = reports, Faults = faults };
    }

    private StepReport Judge(TraceSection trace, TraceStep? expected, TraceStep? actual, int number)
    {
        if (expected is not null && actual is not null && StepComparer.AreEqual(trace, expected, actual))
        {
            return new StepReport(number, expected, actual, StepOutcome.Equal);
        }

        var exception = exceptions.FirstOrDefault(exception => exception.Covers(target, trace.Name, number));
        return new StepReport(number, expected, actual, exception is null ? StepOutcome.Different : StepOutcome.Excepted, exception?.Reason);
    }
}
