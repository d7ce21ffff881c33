using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Samples;

/// <summary>The sample does what the tool does with everything that is not its own.</summary>
public sealed class HandOverTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_campaign_passes_without_a_verb()
    {
        await using var campaign = await ChildProcess.RunSampleAsync("--time-limit", "300");

        campaign.AssertExitCode(0);
        Assert.Contains("PASSED: 8 of 8 combinations", campaign.Output, StringComparison.Ordinal);
        Assert.Equal("", campaign.Error);
    }

    [Theory]
    [InlineData("check-config {folder}/0.cfg", 0)]
    [InlineData("check-config {folder}/missing.cfg", 2)]
    [InlineData("check-config", 2)]
    [InlineData("status --socket {folder}/none.sock", 2)]
    [InlineData("node info --device emulated --socket {folder}/none.sock", 2)]
    [InlineData("frobnicate", 2)]
    [InlineData("--help", 0)]
    public async Task A_verb_of_the_tool_prints_and_ends_as_it_does_there(string arguments, int exitCode)
    {
        _ = new TwoNodeFiles(_folder);
        var words = arguments.Replace("{folder}", $"{_folder}", StringComparison.Ordinal).Split(' ');
        await using var tool = await ChildProcess.RunHostAsync(words);

        await using var sample = await ChildProcess.RunSampleAsync(words);

        sample.AssertExitCode(exitCode);
        tool.AssertExitCode(exitCode);
        Assert.Equal((WithOneName(tool.Output), tool.Error), (WithOneName(sample.Output), sample.Error));
        Assert.NotEqual("", sample.Output + sample.Error);
    }

    // Help begins with the name of the program that was started.
    private static string WithOneName(string output) => output.Replace("MultiProxyHost [", "dvs-proxy [", StringComparison.Ordinal);
}
