using System.Runtime.CompilerServices;

namespace Dvs.Proxy.EndToEnd;

/// <summary>The packages, as somebody uses them who has nothing of this repository.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task The_packages_install_from_a_folder_and_a_few_lines_start_and_stop_a_proxy()
    {
        var packages = _folder["packages"];
        foreach (var project in new[] { "Dvs.Proxy", "Dvs.Proxy.Emulation" })
        {
            await using var pack = await RunDotnetAsync(RepositoryRoot(), "pack", $"src/{project}", "-c", Configuration(), "--no-build", "-o", packages);
            pack.AssertExitCode(0);
            Assert.Single(Directory.GetFiles(packages, $"{project}.?.?.?.nupkg"));
            Assert.Single(Directory.GetFiles(packages, $"{project}.?.?.?.snupkg"));
        }

        WriteScratchProject(packages);
        var scratch = _folder["scratch"];
        await using var restore = await RunDotnetAsync(scratch, "restore");
        Skip.If(restore.Output.Contains("NU1301", StringComparison.Ordinal), $"a package source does not answer:\n{restore.Output}");
        restore.AssertExitCode(0);

        await using var run = await RunDotnetAsync(scratch, "run", "--no-restore");

        run.AssertExitCode(0);
        Assert.Contains("node 0 serves 1 peer, stopped: Stopped", run.Output, StringComparison.Ordinal);
    }

    private void WriteScratchProject(string packages)
    {
        Directory.CreateDirectory(_folder["scratch"]);

        // The machine's sources come with the machine's own configuration; what it has downloaded already need not come again.
        _folder.Write(
            "scratch/nuget.config",
            $"""
            <configuration>
              <packageSources>
                <add key="fresh" value="{packages}" />
              </packageSources>
              <fallbackPackageFolders>
                {FallbackFolder()}
              </fallbackPackageFolders>
            </configuration>
            """);
        _folder.Write(
            "scratch/Scratch.csproj",
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Dvs.Proxy.Emulation" Version="*" />
              </ItemGroup>
            </Project>
            """);
        _folder.Write(
            "scratch/Program.cs",
            """
            using Dvs.Proxy.Configuration;
            using Dvs.Proxy.Emulation;
            using Dvs.Proxy.Pairing;
            using Microsoft.Extensions.Options;

            using var driver = EmulatedDvk.StartNode(0);
            var options = new ProxyOptions
            {
                Peers = { new PeerOptions { Name = "node1", Host = "127.0.0.1", ProxyId = 1, ListenHost = "127.0.0.1", ListenPort = 0, ConnectPort = 9 } },
            };
            using var proxy = new MultiNodeProxy(driver, Options.Create(options));
            await proxy.StartAsync(CancellationToken.None);
            var serving = $"node {proxy.LocalNodeId} serves {proxy.GetStatus().Pairs.Count} peer";
            await proxy.StopAsync(CancellationToken.None);
            Console.WriteLine($"{serving}, stopped: {proxy.GetStatus().Pairs[0].Sender.State}");
            """);
    }

    private static string FallbackFolder()
    {
        var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

        // Packages of ours that somebody installed there would hide the fresh ones.
        return Directory.Exists(folder) && !Directory.Exists(Path.Combine(folder, "dvs.proxy")) ? $"""<add key="machine" value="{folder}" />""" : "";
    }

    private async Task<ChildProcess> RunDotnetAsync(string folder, params string[] arguments)
    {
        var environment = new Dictionary<string, string?>
        {
            ["NUGET_PACKAGES"] = _folder["installed"],
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_NOLOGO"] = "1",
        };
        if (arguments[0] == "pack")
        {
            environment.Remove("NUGET_PACKAGES");
        }

        // What the test runner's own dotnet has set must not decide about this one.
        foreach (var name in new[] { "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBUILD_EXE_PATH", "MSBuildLoadMicrosoftTargetsReadOnly" })
        {
            environment[name] = null;
        }

        var dotnet = ChildProcess.Start(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments, folder, environment);
        await dotnet.WaitForExitAsync(Limits.Build);
        return dotnet;
    }

    private static string Configuration() => AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string RepositoryRoot([CallerFilePath] string file = "")
    {
        // Deterministic builds may have changed the path of the source; then look upwards from the binary.
        for (var folder = Path.GetDirectoryName(file); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Dvs.Proxy.sln")))
            {
                return folder;
            }
        }

        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Dvs.Proxy.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"Dvs.Proxy.sln is nowhere above {AppContext.BaseDirectory}");
        }

        return root.FullName;
    }
}
