using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.EndToEnd.Packages;

/// <summary>The tool, installed from its package with no other source of packages than the folder it lies in.</summary>
public sealed class ToolPackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_tool_installs_from_a_folder_says_its_version_checks_a_file_and_passes_its_campaign()
    {
        var dotnet = new DotnetCommand(_folder);
        await dotnet.PackAsync(RepositoryRoot.Path, "Dvs.Proxy.Tool", _folder["packages"]);
        _folder.Write(
            "nuget.config",
            $"""
            <configuration>
              <packageSources>
                <clear />
                <add key="fresh" value="{_folder["packages"]}" />
              </packageSources>
            </configuration>
            """);

        await using var install = await dotnet.RunAsync(
            $"{_folder}", "tool", "install", "Dvs.Proxy.Tool", "--prerelease", "--tool-path", _folder["tools"], "--configfile", _folder["nuget.config"]);
        install.AssertExitCode(0);

        await using var version = await RunToolAsync("--version");
        version.AssertExitCode(0);
        Assert.Matches(@"^\d+\.\d+\.\d+", version.Output);
        var files = new TwoNodeFiles(_folder);
        await using var check = await RunToolAsync("check-config", files[0]);
        check.AssertExitCode(0);
        Assert.Contains(": 0 errors, ", check.Output, StringComparison.Ordinal);
        await using var wrong = await RunToolAsync("check-config", _folder["missing.cfg"]);
        wrong.AssertExitCode(2);

        // It starts itself twice for that.
        await using var campaign = await RunToolAsync("--time-limit", "300");
        campaign.AssertExitCode(0);
        Assert.Contains("PASSED: 8 of 8 combinations", campaign.Output, StringComparison.Ordinal);
    }

    private async Task<ChildProcess> RunToolAsync(params string[] arguments)
    {
        var tool = ChildProcess.Start(Path.Combine(_folder["tools"], "dvs-proxy"), arguments, $"{_folder}", DotnetCommand.RuntimeOfTests);
        await tool.WaitForExitAsync(Limits.Demo);
        return tool;
    }
}
