using Dvs.Proxy.EndToEnd.Packages;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.Device.StandIn;

[assembly: AssemblyFixture(typeof(PackedPackages))]

namespace Dvs.Proxy.EndToEnd.Packages;

/// <summary>The libraries' packages, packed once for all tests that install them, and folders outside of the repository that see them.</summary>
public sealed class PackedPackages : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task> _packing;

    public PackedPackages()
    {
        Dotnet = new DotnetCommand(_folder);
        _packing = new Lazy<Task>(PackAsync);
    }

    /// <summary>The command, which installs into a folder of this fixture.</summary>
    internal DotnetCommand Dotnet { get; }

    /// <summary>Where the packages lie.</summary>
    public string Folder => _folder["packages"];

    /// <summary>An empty folder for somebody who has nothing of this repository, but the packages as a source.</summary>
    public async Task<string> MakeFolderAsync(string name)
    {
        await _packing.Value;
        var folder = _folder[name];
        Directory.CreateDirectory(folder);

        // The machine's sources come with the machine's own configuration; what it has downloaded already need not come again.
        await File.WriteAllTextAsync(
            Path.Combine(folder, "nuget.config"),
            $"""
            <configuration>
              <packageSources>
                <add key="fresh" value="{Folder}" />
              </packageSources>
              <fallbackPackageFolders>
                {FallbackFolder()}
              </fallbackPackageFolders>
            </configuration>
            """);
        return folder;
    }

    public void Dispose() => _folder.Dispose();

    private async Task PackAsync()
    {
        foreach (var project in new[] { "Dvs.Proxy", "Dvs.Proxy.Emulation" })
        {
            await Dotnet.PackAsync(RepositoryRoot.Path, project, Folder);
        }
    }

    private static string FallbackFolder()
    {
        var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

        // Packages of ours that somebody installed there would hide the fresh ones.
        return Directory.Exists(folder) && !Directory.Exists(Path.Combine(folder, "dvs.proxy")) ? $"""<add key="machine" value="{folder}" />""" : "";
    }
}
