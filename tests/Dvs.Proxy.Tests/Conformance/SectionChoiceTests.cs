using Dvs.Proxy.Conformance;
using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Sections;

namespace Dvs.Proxy.Tests.Conformance;

/// <summary>What is played, and what is refused with a word on what to do.</summary>
public class SectionChoiceTests
{
    private static readonly ConformanceArguments Kernel = new() { Device = "/dev/dvk" };

    [Fact]
    public void An_emulated_driver_gets_all_sections() => Assert.Equal(SectionList.All, Choose(new ConformanceArguments(), ConformanceTarget.Emulation).Sections);

    [Fact]
    public void The_stand_in_gets_all_sections() => Assert.Equal(SectionList.All, Choose(Kernel, ConformanceTarget.StandIn).Sections);

    [Fact]
    public void A_module_gets_only_what_leaves_it_in_order()
    {
        var published = Choose(Kernel, ConformanceTarget.Module);
        var mended = Choose(Kernel with { IsMended = true }, ConformanceTarget.Module);

        Assert.All(published.Sections, section => Assert.Equal(SectionHazard.None, section.Hazard));
        Assert.All(mended.LeftOut, section => Assert.Equal(SectionHazard.MayHangAny, section.Hazard));
        Assert.Equal(SectionList.All.Count, published.Sections.Count + published.LeftOut.Count);
        Assert.Equal(SectionList.All.Count, mended.Sections.Count + mended.LeftOut.Count);
        Assert.InRange(published.Sections.Count, 1, mended.Sections.Count - 1);
        Assert.NotEmpty(mended.LeftOut);
        Assert.Empty(Choose(Kernel with { IncludesHanging = true }, ConformanceTarget.Module).LeftOut);
    }

    [Theory]
    [InlineData("A,X", "There is no section X")]
    [InlineData("A,C", "Section C leaves threads in the driver")]
    public void A_section_that_cannot_be_played_is_refused(string sections, string problem)
    {
        var choice = Choose(Kernel with { Sections = sections.Split(',') }, ConformanceTarget.Module);

        Assert.StartsWith(problem, choice.Problem, StringComparison.Ordinal);
        Assert.Empty(choice.Sections);
    }

    [Fact]
    public void What_does_not_go_together_is_refused()
    {
        Assert.StartsWith("--strict is for the emulation only", Choose(Kernel with { IsStrict = true }, ConformanceTarget.Module).Problem, StringComparison.Ordinal);
        Assert.StartsWith("--mended and --include-hanging", Choose(new ConformanceArguments { IsMended = true }, ConformanceTarget.Emulation).Problem, StringComparison.Ordinal);
        Assert.StartsWith("--mended and --include-hanging", Choose(new ConformanceArguments { IncludesHanging = true }, ConformanceTarget.Emulation).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_problem_is_told_and_ends_with_exit_code_2()
    {
        var (output, error) = (new StringWriter(), new StringWriter());

        Assert.Equal(2, new ConformanceProgram(output, error).Run(new ConformanceArguments { Sections = ["X"] }));
        Assert.Equal("", output.ToString());
        Assert.StartsWith("There is no section X", error.ToString(), StringComparison.Ordinal);
    }

    private static SectionChoice Choose(ConformanceArguments arguments, ConformanceTarget target) => SectionChoice.Make(arguments, target);
}
