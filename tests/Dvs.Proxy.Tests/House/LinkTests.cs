using System.Text.RegularExpressions;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.Tests.House;

/// <summary>A link in a document leads to something that is there: a file, a folder, a heading, a picture.</summary>
public sealed partial class LinkTests
{
    /// <summary>Files of the packages' own: their links are rewritten when a package is made (src/Directory.Build.targets).</summary>
    public static TheoryData<string> PackageReadmes =>
        [.. Directory.EnumerateDirectories(Path.Combine(RepositoryRoot.Path, "src")).Select(static folder => $"src/{Path.GetFileName(folder)}/README.md")];

    [Fact]
    public void Every_link_and_picture_leads_somewhere()
    {
        var documents = Documents().ToArray();
        var links = documents.SelectMany(LinksOf).ToArray();

        Assert.True(documents.Length > 10 && links.Length > 50, $"Found hardly any links: {links.Length} in {documents.Length} documents.");
        HouseRule.AssertKept(links.Select(static link => link.Fault()).OfType<string>());
    }

    [Fact]
    public void Every_page_of_the_documents_is_in_their_index()
    {
        var index = Path.Combine(RepositoryRoot.Path, "docs", "index.md");
        var named = LinksOf(index).Select(static link => link.File).ToHashSet();

        HouseRule.AssertKept(
            from page in Directory.EnumerateFiles(Path.GetDirectoryName(index)!, "*.md")
            where page != index && !named.Contains(page)
            select $"docs/index.md does not name {Path.GetFileName(page)}");
    }

    /// <summary>Only such links are made absolute, or plain words where the repository's address is not known.</summary>
    [Theory]
    [MemberData(nameof(PackageReadmes))]
    public void A_readme_of_a_package_links_from_the_root_of_the_repository(string readme)
    {
        var links = LinksOf(Path.Combine(RepositoryRoot.Path, readme)).ToArray();

        Assert.NotEmpty(links);
        Assert.All(links, static link => Assert.StartsWith("../../", link.Target, StringComparison.Ordinal));
        Assert.DoesNotContain(links, static link => link.IsPicture);
    }

    [Theory]
    [InlineData("What was *not* tried on the module", "what-was-not-tried-on-the-module")]
    [InlineData("Sessions, version 2", "sessions-version-2")]
    [InlineData("`dvs-proxy run`: the [host](x.md)", "dvs-proxy-run-the-host")]
    public void A_heading_has_the_anchor_that_sites_give_it(string heading, string anchor) => Assert.Equal(anchor, AnchorOf(heading));

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(RepositoryRoot.Path, "*.md", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })
            .Where(static file => !MadeFolder().IsMatch(Path.GetRelativePath(RepositoryRoot.Path, file)));

    private static IEnumerable<Link> LinksOf(string document)
    {
        var text = WithoutCode(File.ReadAllText(document));
        foreach (Match match in LinkPattern().Matches(text))
        {
            var target = match.Groups["target"].Value;
            if (!External().IsMatch(target))
            {
                yield return new Link(document, target, match.Value.StartsWith('!') || match.Value.StartsWith("<img", StringComparison.Ordinal));
            }
        }
    }

    private static string WithoutCode(string text) => InlineCode().Replace(Fence().Replace(text, ""), "");

    private static string AnchorOf(string heading)
    {
        var words = LinkPattern().Replace(heading, static match => match.Groups["text"].Value);
        return NoPartOfAnchor().Replace(words.Trim().ToLowerInvariant(), "").Replace(' ', '-');
    }

    private static IEnumerable<string> AnchorsOf(string document)
    {
        Dictionary<string, int> seen = [];
        foreach (Match match in Heading().Matches(Fence().Replace(File.ReadAllText(document), "")))
        {
            var anchor = AnchorOf(match.Groups[1].Value);
            var before = seen.GetValueOrDefault(anchor);
            seen[anchor] = before + 1;
            yield return before == 0 ? anchor : $"{anchor}-{before}";
        }
    }

    [GeneratedRegex(@"!?\[(?<text>(?:[^\]\[]|\[[^\]]*\])*)\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)|^\[[^\]]+\]:\s*(?<target>\S+)|<(?:a|img)\s[^>]*(?:href|src)=""(?<target>[^""]+)""", RegexOptions.Multiline)]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"^(?:[a-z][a-z+.-]*:|//)", RegexOptions.IgnoreCase)]
    private static partial Regex External();

    [GeneratedRegex(@"^ *(`{3,}|~{3,})[^\n]*\n.*?^ *\1[^\n]*$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("(`+)(?:(?!`).)+?\\1")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^#{1,6} +(.+?) *#*$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N}\p{M} _-]")]
    private static partial Regex NoPartOfAnchor();

    [GeneratedRegex(@"(?:^|[\\/])(?:bin|obj|artifacts|node_modules|TestResults|BenchmarkDotNet\.Artifacts)[\\/]")]
    private static partial Regex MadeFolder();

    private sealed record Link(string Document, string Target, bool IsPicture)
    {
        private string[] Parts { get; } = Target.Split('#', 2);

        public string File => Parts[0].Length == 0
            ? Document
            : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Document)!, Uri.UnescapeDataString(Parts[0])));

        public string? Fault()
        {
            var name = Path.GetRelativePath(RepositoryRoot.Path, Document);
            return !File.StartsWith(RepositoryRoot.Path, StringComparison.Ordinal) ? $"{name}: {Target} leads out of the repository"
                : !System.IO.File.Exists(File) && (IsPicture || !Directory.Exists(File)) ? $"{name}: {Target} is not there"
                : Parts.Length == 2 && !AnchorsOf(File).Contains(Parts[1]) ? $"{name}: {Target} names no heading of that file"
                : null;
        }
    }
}
