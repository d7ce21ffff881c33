using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Sections;
using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Tests.Conformance;

/// <summary>The recording itself: it is whole, it is equal to itself, and whatever is changed in it is found.</summary>
public class RecordingTests
{
    private static readonly TraceLibrary Library = TraceLibrary.Load();

    public static TheoryData<string> SectionNames => ConformanceProcess.SectionNames;

    [Fact]
    public void Every_section_is_there() => Assert.Equal(
        "A60 B44 C99 D97 E131 F125 G97 H115 I43 J10 K20 L19 M21 N46 P15 R6 S13 V21 W8",
        string.Join(" ", SectionList.All.Select(section => $"{section.Name}{Library.Get(section.Name, published: false).Steps.Count}")));

    [Theory]
    [MemberData(nameof(SectionNames))]
    public void A_section_is_equal_to_itself(string name)
    {
        // Lines with * are no results, and those of V were written down wrongly: both as a driver answers.
        var section = Library.Get(name, published: false);
        var steps = section.Steps.Select(step => StepText.Repair(name, step)).ToArray();
        var report = new SectionJudge(ConformanceTarget.Emulation, []).Judge(section, steps, Terminations(section));

        Assert.Equal(section.Steps.Count, report.Count(StepOutcome.Equal));
        Assert.Equal(0, report.Differences);
    }

    [Theory]
    [MemberData(nameof(SectionNames))]
    public void Another_number_is_found_wherever_it_stands(string name)
    {
        var section = Library.Get(name, published: false);
        foreach (var step in section.Steps.Where(step => !step.ToString().Contains('*', StringComparison.Ordinal)))
        {
            var answer = StepText.Repair(name, step);
            var isRecord = answer.Result.Contains('=', StringComparison.Ordinal) || answer.Result[0] == '\n';
            for (var i = 0; i < answer.Result.Length && (isRecord || answer.Result[i] != ' ' || i == 0); i++)
            {
                if (char.IsAsciiDigit(answer.Result[i]))
                {
                    var changed = answer with { Result = $"{answer.Result[..i]}{(answer.Result[i] == '7' ? '8' : '7')}{answer.Result[(i + 1)..]}" };
                    Assert.False(StepComparer.AreEqual(section, step, changed), $"{name}.{step.Number}: not found in {changed}");
                }
            }
        }
    }

    private static int Terminations(TraceSection section) => section.Terminations.Count(before => before < section.Steps.Count);
}
