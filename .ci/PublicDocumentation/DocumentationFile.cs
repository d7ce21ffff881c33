using System.Xml.Linq;

namespace PublicDocumentation;

/// <summary>What stands in a documentation file.</summary>
internal static class DocumentationFile
{
    /// <summary>The entries that are of none of the given ids.</summary>
    public static XElement[] EntriesBeside(XDocument documentation, IReadOnlySet<string> ids) =>
        [.. documentation.Descendants("member").Where(member => !ids.Contains((string?)member.Attribute("name") ?? ""))];

    /// <summary>Takes entries out, each with the blank line that would stay behind.</summary>
    public static void Remove(IEnumerable<XElement> entries)
    {
        foreach (var entry in entries)
        {
            (entry.PreviousNode as XText)?.Remove();
            entry.Remove();
        }
    }
}
