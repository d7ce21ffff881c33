using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Traces;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.Tests.Conformance;

/// <summary>The steps that may differ.</summary>
public class ConformanceExceptionsTests
{
    private const string Begin = "<!-- exceptions:begin -->";
    private const string End = "<!-- exceptions:end -->";

    [Fact]
    public void Each_names_steps_that_there_are_and_says_why()
    {
        var library = TraceLibrary.Load();
        Assert.All(ConformanceExceptions.All, exception =>
        {
            Assert.InRange(exception.First, 1, exception.Last);
            Assert.InRange(exception.Last, exception.First, library.Get(exception.Section, published: false).Steps.Count);
            Assert.NotEqual(ConformanceTarget.None, exception.Targets);
            Assert.NotEmpty(exception.Reason);
        });
    }

    [Fact]
    public void No_step_is_excepted_twice() => Assert.All(ConformanceExceptions.All, exception => Assert.DoesNotContain(ConformanceExceptions.All, other =>
        other != exception && (other.Targets & exception.Targets) != 0 && other.Section == exception.Section && other.First <= exception.Last && exception.First <= other.Last));

    [Fact]
    public void They_stand_in_the_documentation_word_for_word()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "driver.md"));
        Assert.Contains(Begin, text, StringComparison.Ordinal);
        var table = text[(text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)..text.IndexOf(End, StringComparison.Ordinal)];

        Assert.Equal(ConformanceExceptions.ToMarkdown().Trim(), table.Trim());
    }
}
