using System.Diagnostics;
using Dvs.Proxy.Tests.Device.StandIn;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.ContinuousIntegration;

/// <summary>The script by which CI notices tests that did not run.</summary>
public sealed class CheckTestsTests : IDisposable
{
    private const string Skipped = """
            <UnitTestResult testName="Some.Tests.Needs_a_tool(option: &quot;-B4 &lt;x&gt;&quot;)" outcome="NotExecuted" testId="1">
              <Output>
                <ErrorInfo>
                  <Message>the tool is
        not installed.</Message>
                </ErrorInfo>
              </Output>
            </UnitTestResult>
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dvs-ci-");
    private readonly string _bash = InstalledTool.Require("bash");

    public CheckTestsTests()
    {
        Directory.CreateDirectory(At("reports"));
        File.Copy(Path.Combine(RepositoryRoot.Path, ".ci", "check-tests"), At("check-tests"));
        Write("least-tests", "# project  least\nSome.Tests  3\n");
        Write("allowed-skips", "# test :: condition\n");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Enough_tests_that_ran_are_well()
    {
        WriteReport("Some.Tests", ran: 3);

        Assert.Equal((0, "Some.Tests: 3 tests ran, 0 skipped\n", ""), Check());
    }

    [Fact]
    public void One_test_too_few_is_a_failure()
    {
        WriteReport("Some.Tests", ran: 2);

        Assert.Equal((1, "Some.Tests: 2 tests ran, 0 skipped\n", "Some.Tests: only 2 tests ran; least-tests asks for 3\n"), Check());
    }

    [Fact]
    public void A_project_without_a_report_is_a_failure()
    {
        WriteReport("Other.Tests", ran: 3);

        var (exitCode, _, error) = Check();

        Assert.Equal(1, exitCode);
        Assert.StartsWith("Some.Tests: no report in ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "", 1, false)]
    [InlineData("0", "", 0, false)]
    [InlineData("1", "\\.Needs_a_tool.*-B4   :: true", 0, true)]
    [InlineData("1", "\\.Needs_a_tool.*-B4   :: false", 1, false)]
    [InlineData("1", "\\.Needs_a_tool.*-B4   :: false\n\\.Needs_a_tool :: [ 1 = 1 ]", 0, true)]
    [InlineData("1", "\\.Needs_a_tool$   :: true", 1, false)]
    public void A_skip_is_printed_with_its_reason_and_fails_unless_it_is_allowed(string requireAll, string allowed, int exitCode, bool isAllowed)
    {
        WriteReport("Some.Tests", ran: 3, Skipped);
        Write("allowed-skips", allowed);

        var result = Check(requireAll);

        const string What = "Some.Tests.Needs_a_tool(option: \"-B4 <x>\"): the tool is not installed.\n";
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(exitCode == 0 ? $"Some.Tests: 3 tests ran, 1 skipped\n  skipped{(isAllowed ? ", as it may be" : "")}: {What}" : "Some.Tests: 3 tests ran, 1 skipped\n", result.Output);
        Assert.Equal(exitCode == 0 ? "" : $"  skipped, which allowed-skips does not allow here: {What}", result.Error);
    }

    /// <summary>A line of the list that nobody matches any more would let a later test of that name skip.</summary>
    [Fact]
    public void What_may_skip_is_the_name_of_a_test_or_of_a_class()
    {
        var sources = Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).ToArray();
        var words = File.ReadAllLines(Path.Combine(RepositoryRoot.Path, ".ci", "allowed-skips"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .SelectMany(line => line.Split(' ')[0].Split(['\\', '.', '(', ')', '|', '$', '*', '"'], StringSplitOptions.RemoveEmptyEntries))
            .Where(word => char.IsUpper(word[0]));

        Assert.All(words, word => Assert.Contains(sources, source => source.Contains($" {word}", StringComparison.Ordinal)));
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private void Write(string name, string text) => File.WriteAllText(At(name), text);

    private void WriteReport(string project, int ran, string others = "")
    {
        var results = string.Concat(Enumerable.Range(0, ran).Select(number => $"    <UnitTestResult testName=\"Some.Tests.Number{number}\" outcome=\"{(number == 0 ? "Failed" : "Passed")}\" />\n"));
        Write(Path.Combine("reports", $"{project}.trx"), $"<TestRun>\n  <Results>\n{results}{others}\n  </Results>\n</TestRun>\n");
    }

    private (int ExitCode, string Output, string Error) Check(string requireAll = "1")
    {
        var start = new ProcessStartInfo(_bash) { ArgumentList = { At("check-tests"), At("reports") }, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DVS_REQUIRE_ALL"] = requireAll;
        using var script = Process.Start(start)!;
        var error = script.StandardError.ReadToEndAsync();
        var output = script.StandardOutput.ReadToEnd();
        script.WaitForExit();
        return (script.ExitCode, output, error.Result);
    }
}
