using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.EndToEnd.Packages;

/// <summary>The packages and the documents, as somebody uses them who has nothing of this repository.</summary>
public sealed partial class PackageTests(PackedPackages packages) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_README_s_commands_and_text_in_an_empty_folder_are_two_nodes_that_talk()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "README.md"));
        var commands = NewConsole().Match(readme).Groups["commands"].Value;
        Assert.Contains("dotnet add package Dvs.Proxy.Emulation", commands, StringComparison.Ordinal);
        var program = CodeBlock.Read(RepositoryRoot.Path, "README.md").First();
        var folder = await packages.MakeFolderAsync("first-hour");

        await using var made = await packages.Dotnet.RunInShellAsync(folder, commands);
        SkipWithoutSource(made);
        made.AssertExitCode(0);
        var project = Assert.Single(Directory.GetDirectories(folder));
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), program.Text);

        await using var run = await packages.Dotnet.RunAsync(project, "run", BasePort());
        run.AssertExitCode(0);
        Assert.EndsWith(Says(readme), run.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_block_of_code_in_the_documents_is_built_on_the_packages_and_runs()
    {
        var blocks = Documents().SelectMany(static document => CodeBlock.Read(RepositoryRoot.Path, document)).ToList();
        Assert.True(blocks.Count >= 8, $"only {blocks.Count} blocks were found");
        Assert.All(blocks, AssertStandsInSource);
        var folder = await packages.MakeFolderAsync("documents");
        foreach (var block in blocks.Where(static block => block.IsBuilt))
        {
            WriteProject(folder, block);
        }

        await File.WriteAllTextAsync(
            Path.Combine(folder, "All.proj"),
            """
            <Project>
              <ItemGroup><One Include="*/*.csproj" /></ItemGroup>
              <Target Name="Restore"><MSBuild Projects="@(One)" Targets="Restore" BuildInParallel="true" /></Target>
              <Target Name="Build"><MSBuild Projects="@(One)" Targets="Build" BuildInParallel="true" /></Target>
            </Project>
            """);
        await using var restore = await packages.Dotnet.RunAsync(folder, "msbuild", "All.proj", "-t:Restore", "-m", "-v:m");
        SkipWithoutSource(restore);
        restore.AssertExitCode(0);
        await using var build = await packages.Dotnet.RunAsync(folder, "msbuild", "All.proj", "-t:Build", "-m", "-v:m");
        build.AssertExitCode(0);
        foreach (var block in blocks.Where(static block => block.Kind is "program" or "service"))
        {
            await RunAsync(folder, block);
        }
    }

    [Fact]
    public async Task A_program_on_the_packages_is_made_native_without_a_warning_and_runs()
    {
        CCompiler.Require();
        var folder = await packages.MakeFolderAsync("native");
        var block = CodeBlock.Read(RepositoryRoot.Path, "README.md").First();
        WriteProject(folder, block);
        var project = Path.Combine(folder, block.Name);

        // Warnings are errors there, those of trimming and of native code as well.
        await using var publish = await packages.Dotnet.RunAsync(
            project, "publish", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishAot=true", "-p:TrimmerSingleWarn=false", "-o", "out");
        SkipWithoutSource(publish);
        publish.AssertExitCode(0);

        await using var run = ChildProcess.Start(Path.Combine(project, "out", block.Name), [BasePort()], project);
        await run.WaitForExitAsync(Limits.Demo);
        run.AssertExitCode(0);
        Assert.Contains("all of them right", run.Output, StringComparison.Ordinal);
    }

    private static async Task RunAsync(string folder, CodeBlock block)
    {
        var assembly = Path.Combine(folder, block.Name, "bin", "Debug", "net10.0", $"{block.Name}.dll");
        await using var run = ChildProcess.Start("dotnet", [assembly, BasePort()], Path.Combine(folder, block.Name));
        if (block.Kind == "service")
        {
            await Limits.UntilAsync(
                () => Task.FromResult(run.Output), static output => output.Contains("Application started", StringComparison.Ordinal), $"{block} starts");
            await run.SignalAsync("TERM");
        }

        await run.WaitForExitAsync(Limits.Demo);
        Assert.True(run.ExitCode == 0, $"{block}: {run.Describe()}");
    }

    private static void WriteProject(string folder, CodeBlock block)
    {
        Directory.CreateDirectory(Path.Combine(folder, block.Name));
        File.WriteAllText(Path.Combine(folder, block.Name, "Program.cs"), block.Text);
        File.WriteAllText(
            Path.Combine(folder, block.Name, $"{block.Name}.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>{(block.IsProgram ? "Exe" : "Library")}</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <NuGetAudit>false</NuGetAudit>
                <WarningsNotAsErrors>NU1603</WarningsNotAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Dvs.Proxy.Emulation" Version="*-*" />
                {(block.Text.Contains("using Microsoft.Extensions.Hosting;", StringComparison.Ordinal)
                    ? """<PackageReference Include="Microsoft.Extensions.Hosting" Version="10.0.0" />""" : "")}
              </ItemGroup>
            </Project>
            """);
    }

    private static void AssertStandsInSource(CodeBlock block)
    {
        if (block.Source is not { } source)
        {
            Assert.True(block.Kind != "part", $"{block}: name the file that it stands in: <!-- part: FILE -->");
            return;
        }

        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, source));
        if (block.Kind == "part")
        {
            Assert.True(Squeeze(text).Contains(Squeeze(block.Text), StringComparison.Ordinal), $"{block} does not stand in {source} (any more)");
        }
        else
        {
            Assert.True(text == block.Text, $"{block} is not what {source} is (any more)");
        }
    }

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(RepositoryRoot.Path, "*.md", SearchOption.AllDirectories)
            .Select(static path => Path.GetRelativePath(RepositoryRoot.Path, path))
            .Where(static path => !path.Split('/').Any(static folder => folder is "bin" or "obj" or "artifacts" or ".git"));

    private static string Squeeze(string text) => string.Concat(text.Where(static letter => !char.IsWhiteSpace(letter)));

    // What the README says that the program prints.
    private static string Says(string readme) => Prints().Match(readme).Groups["line"].Value;

    // Two in a row that nobody has: what a program with a base port takes.
    private static string BasePort() => LoopbackPorts.FindTwo().ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void SkipWithoutSource(ChildProcess dotnet) =>
        Assert.SkipWhen(dotnet.Output.Contains("NU1301", StringComparison.Ordinal), $"a package source does not answer:\n{dotnet.Output}");

    [GeneratedRegex(@"^```\n(?<commands>dotnet new console .*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NewConsole();

    [GeneratedRegex(@"^`dotnet run` prints `(?<line>[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Prints();
}
