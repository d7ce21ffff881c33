using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.EndToEnd.Packages;

/// <summary>The packages, as somebody uses them who has nothing of this repository.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DotnetCommand _dotnet;

    public PackageTests() => _dotnet = new DotnetCommand(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_packages_install_from_a_folder_and_a_few_lines_start_and_stop_a_proxy()
    {
        var packages = _folder["packages"];
        foreach (var project in new[] { "Dvs.Proxy", "Dvs.Proxy.Emulation" })
        {
            await _dotnet.PackAsync(RepositoryRoot.Path, project, packages);
        }

        WriteScratchProject(packages);
        var scratch = _folder["scratch"];
        await using var restore = await _dotnet.RunAsync(scratch, "restore");
        Assert.SkipWhen(restore.Output.Contains("NU1301", StringComparison.Ordinal), $"a package source does not answer:\n{restore.Output}");
        restore.AssertExitCode(0);

        await using var run = await _dotnet.RunAsync(scratch, "run", "--no-restore");

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
}
