using System.Globalization;
using System.Text.RegularExpressions;

namespace Dvs.Proxy.Conformance.Traces;

/// <summary>
/// Reads a raw trace: sections between <c>== NAME</c> and <c>== end</c>, lines <c>NAME.NUMBER call -> result</c>. Texts of several lines follow their line.
/// <c>### NAME ...</c> before a section says which driver it was.
/// </summary>
internal static partial class TraceParser
{
    private const string Termination = "   (SIGTERM arrived)";

    /// <exception cref="FormatException">A line is none of a trace; says which.</exception>
    public static IReadOnlyList<TraceSection> Parse(TextReader text, bool isDescribed = false)
    {
        var sections = new List<TraceSection>();
        List<TraceStep> steps = [];
        List<int> terminations = [];
        var variant = "";
        string? name = null;
        var number = 0;
        while (text.ReadLine() is { } line)
        {
            number++;
            if (line.StartsWith("### ", StringComparison.Ordinal))
            {
                (variant, name) = (line[4..], null);
            }
            else if (line == "== end")
            {
                name = null;
            }
            else if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                (name, steps, terminations) = (line[3..], [], []);
                sections.Add(new TraceSection { Name = name, Variant = variant, Steps = steps, Terminations = terminations, IsDescribed = isDescribed });
                variant = "";
            }
            else if (name is not null && !TakeLine(name, line, steps, terminations))
            {
                throw new FormatException($"line {number} is no line of a trace of section {name}: '{line}'");
            }
        }

        return sections;
    }

    private static bool TakeLine(string section, string line, List<TraceStep> steps, List<int> terminations)
    {
        if (StepLine().Match(line) is { Success: true } match && match.Groups["section"].Value == section)
        {
            var number = int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
            steps.Add(new TraceStep(number, match.Groups["call"].Value, match.Groups["result"].Value));
            return number == steps.Count;
        }

        if (line == Termination)
        {
            terminations.Add(steps.Count);
            return true;
        }

        if (steps.Count > 0 && (steps[^1].Result.Length == 0 || steps[^1].Result[0] == '\n'))
        {
            steps[^1] = steps[^1] with { Result = $"{steps[^1].Result}\n{line}" };
            return true;
        }

        return line.Length == 0 || line[0] == '#';
    }

    [GeneratedRegex("^(?<section>[A-Z]+)\\.(?<number>[0-9]+) (?<call>.*) -> (?<result>.*)$")]
    private static partial Regex StepLine();
}
