using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Tests.Conformance;

public class SectionJudgeTests
{
    private static readonly TraceSection Trace = new()
    {
        Name = "A",
        Steps = [new(1, "a", "0 Ok"), new(2, "b", "-34 Range"), new(3, "c", "BLOCKED")],
        Terminations = [1],
    };

    [Fact]
    public void Equal_steps_are_equal()
    {
        var report = Judge(Trace.Steps);

        Assert.Equal((3, 0, 0), (report.Count(StepOutcome.Equal), report.Count(StepOutcome.Different), report.Differences));
    }

    [Fact]
    public void A_changed_result_is_found()
    {
        var report = Judge([Trace.Steps[0], Trace.Steps[1] with { Result = "0 Ok" }, Trace.Steps[2]]);

        var step = Assert.Single(report.Steps, step => step.Outcome == StepOutcome.Different);
        Assert.Equal((2, "-34 Range", "0 Ok"), (step.Number, step.Expected!.Result, step.Actual!.Result));
        Assert.Contains("A.02 differs\n  real: b -> -34\n  here: b -> 0\n", Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_step_is_found()
    {
        var report = Judge([Trace.Steps[0], Trace.Steps[1]]);

        Assert.Equal(1, report.Differences);
        Assert.Contains("A.03 differs\n  real: c -> BLOCKED\n  here: (the step was not made)\n", Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_too_many_is_found()
    {
        var report = Judge([.. Trace.Steps, new TraceStep(4, "d", "0 Ok")]);

        Assert.Equal(1, report.Differences);
        Assert.Contains("A.04 differs\n  real: (no such step)\n  here: d -> 0\n", Write(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Signals_are_counted(int terminations)
    {
        var report = Judge(Trace.Steps, terminations: terminations);

        Assert.Equal(1, report.Differences);
        Assert.Contains($"SIGTERM came {terminations} times instead of 1", Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_excepted_is_no_difference_and_its_reason_is_told()
    {
        var report = Judge(
            [Trace.Steps[0], Trace.Steps[1] with { Result = "0 Ok" }, Trace.Steps[2]], new ConformanceException("A", 2, 3, ConformanceTarget.Emulation, "for a reason"));

        Assert.Equal((2, 1, 0), (report.Count(StepOutcome.Equal), report.Count(StepOutcome.Excepted), report.Differences));
        Assert.Contains("A.02 excepted: for a reason", Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_that_is_not_needed_is_a_fault()
    {
        var report = Judge(Trace.Steps, new ConformanceException("A", 2, 3, ConformanceTarget.Emulation, "once"));

        Assert.Equal(1, report.Differences);
        Assert.Contains("the exception for A.02-A.03 is not needed any more", Write(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A", false)]
    [InlineData("B", true)]
    public void An_exception_counts_in_its_section_and_on_its_driver_only(string section, bool isOfDriver)
    {
        var target = isOfDriver ? ConformanceTarget.Emulation : ConformanceTarget.StandIn;
        var report = Judge([Trace.Steps[0], Trace.Steps[1] with { Result = "0 Ok" }, Trace.Steps[2]], new ConformanceException(section, 1, 3, target, "elsewhere"));

        Assert.Equal(1, report.Count(StepOutcome.Different));
        Assert.Equal(1, report.Differences);
    }

    [Fact]
    public void Of_a_view_only_the_lines_are_shown_that_differ()
    {
        var trace = Trace with { Steps = [new(1, "view x", "\none\ntwo\nthree\n")], Terminations = [] };
        var report = new SectionJudge(ConformanceTarget.Emulation, []).Judge(trace, [new TraceStep(1, "view x", "\none\n2\nthree\nfour\n")], 0);

        Assert.Equal("A.01 differs\n  view x\n  real: |two|\n  here: |2|\n  here: |four|\n", Write(report));
    }

    [Fact]
    public void The_summary_has_a_row_for_each_section_and_one_for_all()
    {
        var text = new StringWriter();
        ReportWriter.WriteSummary(text, [Judge(Trace.Steps), Judge([])]);

        Assert.Equal(
            """
            section  steps  equal  excepted  different
            A            3      3         0          0
            A            3      0         0          3
            total        6      3         0          3

            """.ReplaceLineEndings("\n"),
            text.ToString());
    }

    private static SectionReport Judge(IReadOnlyList<TraceStep> steps, ConformanceException? exception = null, int terminations = 1) =>
        new SectionJudge(ConformanceTarget.Emulation, exception is null ? [] : [exception]).Judge(Trace, steps, terminations);

    private static string Write(SectionReport report)
    {
        var text = new StringWriter();
        ReportWriter.WriteSection(text, report);
        return text.ToString();
    }
}
