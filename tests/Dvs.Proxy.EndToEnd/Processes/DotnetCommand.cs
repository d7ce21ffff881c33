using System.Runtime.InteropServices;

namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>The <c>dotnet</c> command as somebody uses it who has nothing of this repository: packages it installs go to a folder of the test.</summary>
internal sealed class DotnetCommand(TemporaryFolder folder)
{
    /// <summary>Environment in which a program finds the runtime of the tests, wherever it is installed.</summary>
    public static IReadOnlyDictionary<string, string?> RuntimeOfTests { get; } = new Dictionary<string, string?>
    {
        ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
    };

    /// <summary>What the tests were built as, and so what is there to be packed.</summary>
    public static string Configuration => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    /// <summary>Packs a project of this repository that is built, into a folder.</summary>
    public async Task PackAsync(string repository, string project, string packages)
    {
        // With the packages that the project was restored with.
        await using var pack = await RunAsync(
            repository, isIsolated: false, "pack", $"src/{project}", "-c", Configuration, "--no-build", "-o", packages);
        pack.AssertExitCode(0);
        Assert.Single(Directory.GetFiles(packages, $"{project}.?.?.?*.nupkg"));
        Assert.Single(Directory.GetFiles(packages, $"{project}.?.?.?*.snupkg"));
    }

    /// <summary>Runs it to its end.</summary>
    public Task<ChildProcess> RunAsync(string workingFolder, params string[] arguments) => RunAsync(workingFolder, isIsolated: true, arguments);

    /// <summary>Runs lines in a shell that finds it; the first that fails ends them.</summary>
    public async Task<ChildProcess> RunInShellAsync(string workingFolder, string lines)
    {
        var environment = MakeEnvironment(isIsolated: true);
        var folderOfCommand = Path.GetDirectoryName(Command);
        if (!string.IsNullOrEmpty(folderOfCommand))
        {
            environment["PATH"] = $"{folderOfCommand}:{Environment.GetEnvironmentVariable("PATH")}";
        }

        var shell = ChildProcess.Start("/bin/sh", ["-e", "-c", lines], workingFolder, environment);
        await shell.WaitForExitAsync(Limits.Build);
        return shell;
    }

    private static string Command => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private async Task<ChildProcess> RunAsync(string workingFolder, bool isIsolated, params string[] arguments)
    {
        var dotnet = ChildProcess.Start(Command, arguments, workingFolder, MakeEnvironment(isIsolated));
        await dotnet.WaitForExitAsync(Limits.Build);
        return dotnet;
    }

    private Dictionary<string, string?> MakeEnvironment(bool isIsolated)
    {
        var environment = new Dictionary<string, string?>
        {
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
        };
        if (isIsolated)
        {
            environment["NUGET_PACKAGES"] = folder["installed"];
        }

        // What the test runner's own dotnet has set must not decide about this one.
        foreach (var name in new[] { "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBUILD_EXE_PATH", "MSBuildLoadMicrosoftTargetsReadOnly" })
        {
            environment[name] = null;
        }

        return environment;
    }
}
