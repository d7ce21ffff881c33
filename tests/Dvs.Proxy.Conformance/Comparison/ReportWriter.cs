using System.Globalization;

namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>Prints what was found, for people.</summary>
internal static class ReportWriter
{
    /// <summary>The differences of a section, and its exceptions with their reasons.</summary>
    public static void WriteSection(TextWriter output, SectionReport report)
    {
        foreach (var step in report.Steps.Where(step => step.Outcome == StepOutcome.Different))
        {
            output.WriteLine($"{report.Name}.{step.Number:00} differs");
            WriteBoth(output, report.Name, step);
        }

        foreach (var group in report.Steps.Where(step => step.Outcome == StepOutcome.Excepted).GroupBy(step => step.Reason))
        {
            output.WriteLine($"{report.Name}.{string.Join(", ", group.Select(step => step.Number.ToString("00", CultureInfo.InvariantCulture)))} excepted: {group.Key}");
        }

        foreach (var fault in report.Faults)
        {
            output.WriteLine($"{report.Name}: {fault}");
        }
    }

    /// <summary>The table of all sections.</summary>
    public static void WriteSummary(TextWriter output, IReadOnlyList<SectionReport> reports)
    {
        output.WriteLine("section  steps  equal  excepted  different");
        foreach (var report in reports)
        {
            WriteRow(output, report.Name, [report]);
        }

        WriteRow(output, "total", reports);
    }

    private static void WriteRow(TextWriter output, string name, IReadOnlyList<SectionReport> reports) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-7}  {reports.Sum(r => r.Steps.Count),5}  {reports.Sum(r => r.Count(StepOutcome.Equal)),5}  {reports.Sum(r => r.Count(StepOutcome.Excepted)),8}  {reports.Sum(r => r.Differences),9}"));

    private static void WriteBoth(TextWriter output, string section, StepReport step)
    {
        var expected = step.Expected is null ? "(no such step)" : StepText.Canonical(StepText.Repair(section, step.Expected));
        var actual = step.Actual is null ? "(the step was not made)" : StepText.Canonical(step.Actual);
        if (!expected.Contains('\n', StringComparison.Ordinal) || !actual.Contains('\n', StringComparison.Ordinal))
        {
            output.WriteLine($"  real: {expected}");
            output.WriteLine($"  here: {actual}");
            return;
        }

        output.WriteLine($"  {step.Expected!.Call}");
        foreach (var (isLeft, line) in LineDifference.Between(expected.Split('\n').AsSpan(1), actual.Split('\n').AsSpan(1)))
        {
            output.WriteLine($"  {(isLeft ? "real" : "here")}: |{line}|");
        }
    }
}
