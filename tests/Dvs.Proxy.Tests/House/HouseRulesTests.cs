using System.Reflection;
using System.Text.RegularExpressions;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.Tests.House;

/// <summary>
/// What the repository's layout promises to a reader: a namespace that says where a type is, and documents that name nothing which is not
/// there.
/// </summary>
public sealed partial class HouseRulesTests
{
    private const int MostColumns = 160;
    private const int MostFiles = 12;

    [Theory]
    [InlineData("src/Dvs.Proxy", "Dvs.Proxy")]
    [InlineData("src/Dvs.Proxy.Emulation", "Dvs.Proxy.Emulation")]
    [InlineData("src/Dvs.Proxy.Tool", "Dvs.Proxy.Tool")]
    [InlineData("tests/Dvs.Proxy.Tests", "Dvs.Proxy.Tests")]
    [InlineData("tests/Dvs.Proxy.EndToEnd", "Dvs.Proxy.EndToEnd")]
    public void A_namespace_is_a_folder(string project, string root) =>
        Assert.Empty(
            from file in SourceFiles(project)
            let found = NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value
            let folder = Path.GetRelativePath(Path.Combine(RepositoryRoot.Path, project), Path.GetDirectoryName(file)!)
            let expected = folder == "." ? root : $"{root}.{folder.Replace(Path.DirectorySeparatorChar, '.')}"
            where found.Length > 0 && found != expected && found != "Microsoft.Extensions.DependencyInjection"
            select $"{file}: {found}, where the folder says {expected}");

    [Theory]
    [InlineData("architecture.md")]
    [InlineData("threads.md")]
    [InlineData("glossary.md")]
    public void A_document_names_only_what_there_is(string document)
    {
        var types = new[] { typeof(MultiNodeProxy).Assembly, typeof(EmulatedDvk).Assembly }
            .SelectMany(static assembly => assembly.GetTypes())
            .ToArray();
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        var there = types.Select(static type => type.Name.Split('`')[0])
            .Concat(types.SelectMany(static type => type.GetMembers(All)).Select(static member => member.Name))
            .ToHashSet();
        var named = QuotedName().Matches(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", document)))
            .Select(static match => match.Groups[1].Value)
            .Distinct()
            .ToArray();

        Assert.True(named.Length > 10, "The document quotes hardly anything.");
        Assert.DoesNotContain(named, name => !there.Contains(name));
    }

    [Fact]
    public void A_document_names_only_folders_that_there_are()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "architecture.md"));
        var named = QuotedFolder().Matches(text).Select(static match => match.Groups[1].Value).Distinct().ToArray();

        Assert.True(named.Length > 10, "The document quotes hardly any folder.");
        Assert.DoesNotContain(named, static folder => !Directory.Exists(Path.Combine(RepositoryRoot.Path, "src", "Dvs.Proxy", folder))
            && !Directory.Exists(Path.Combine(RepositoryRoot.Path, folder)));
    }

    /// <summary>The rooms that know nothing of the others are those a reader can begin with.</summary>
    [Theory]
    [InlineData("Interop", "Interop")]
    [InlineData("Protocol", "Protocol|Messages")]
    [InlineData("Messages", "Messages|Protocol")]
    [InlineData("Transport", "Transport|Interop|Diagnostics")]
    [InlineData("Device", "Device|Protocol|Messages|Interop|Diagnostics|Configuration")]
    public void A_room_knows_only_the_rooms_below_it(string room, string known) =>
        Assert.Empty(
            from file in SourceFiles(Path.Combine("src", "Dvs.Proxy", room))
            from Match used in UsedRoom().Matches(File.ReadAllText(file))
            where !known.Split('|').Contains(used.Groups[1].Value)
            select $"{file} uses {used.Value}");

    [Fact]
    public void A_line_fits_on_a_screen() =>
        Assert.Empty(
            from file in SourceFiles("src")
            from line in File.ReadLines(file).Select(static (text, index) => (text.Length, Number: index + 1))
            where line.Length > MostColumns
            select $"{file}:{line.Number} has {line.Length} columns; {MostColumns} are the most");

    [Fact]
    public void A_folder_holds_a_dozen_files_at_most() =>
        Assert.Empty(
            from folder in SourceFiles("src").GroupBy(static file => Path.GetDirectoryName(file)!)
            where folder.Count() > MostFiles
            select $"{folder.Key} holds {folder.Count()} files; {MostFiles} are the most");

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, folder), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using Dvs\.Proxy\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex UsedRoom();

    [GeneratedRegex(@"`([A-Z][a-z]+[A-Za-z0-9]*)`")]
    private static partial Regex QuotedName();

    [GeneratedRegex(@"`([A-Za-z.]+(?:/[A-Za-z.]+)*)/`")]
    private static partial Regex QuotedFolder();
}
