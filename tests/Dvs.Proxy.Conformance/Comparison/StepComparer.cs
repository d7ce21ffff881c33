using System.Text.RegularExpressions;
using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>Whether a driver answered as the real one did.</summary>
internal static class StepComparer
{
    /// <summary>Compares a step with the line of the trace. In lines that were written by hand <c>*</c> stands for anything.</summary>
    public static bool AreEqual(TraceSection trace, TraceStep expected, TraceStep actual)
    {
        var line = StepText.Canonical(StepText.Repair(trace.Name, expected));
        var answer = StepText.Canonical(actual);
        return trace.IsDescribed && line.Contains('*', StringComparison.Ordinal)
            ? Regex.IsMatch(answer, $"^{Regex.Escape(line).Replace(@"\*", ".*", StringComparison.Ordinal)}$", RegexOptions.Singleline)
            : line == answer;
    }
}
