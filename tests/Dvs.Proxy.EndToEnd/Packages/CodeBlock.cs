using System.Globalization;
using System.Text.RegularExpressions;

namespace Dvs.Proxy.EndToEnd.Packages;

/// <summary>
/// A block of C# in a document. A comment on the line before says how it is to be taken: <c>program</c> is built and run to its end, with exit code 0;
/// <c>service</c> is built, run, and stopped once it says that it has started; <c>compiles</c> is a program that is only built, because it needs what is not
/// here; <c>library</c> is types without a program; <c>part</c> stands in a source file of the repository, which the build holds. After a colon, the file that
/// it stands in: for a program the whole of it.
/// </summary>
internal sealed partial record CodeBlock(string Document, int Line, string Kind, string? Source, string Text)
{
    private static readonly string[] Kinds = ["program", "service", "compiles", "library", "part"];

    /// <summary>Name for a folder and an assembly.</summary>
    public string Name { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{NoName().Replace(Path.ChangeExtension(Document, null), "_")}_{Line}");

    /// <summary>Whether it is built by itself.</summary>
    public bool IsBuilt => Kind != "part";

    /// <summary>Whether it is a program.</summary>
    public bool IsProgram => IsBuilt && Kind != "library";

    /// <inheritdoc/>
    public override string ToString() => $"{Document}:{Line} ({Kind})";

    /// <summary>The blocks of a document; fails where one does not say how it is to be taken.</summary>
    public static IEnumerable<CodeBlock> Read(string root, string document)
    {
        var lines = File.ReadAllLines(Path.Combine(root, document));
        for (var index = 0; index < lines.Length; index++)
        {
            if (!lines[index].StartsWith("```csharp", StringComparison.Ordinal) && !lines[index].StartsWith("```cs", StringComparison.Ordinal))
            {
                continue;
            }

            var marker = index == 0 ? Match.Empty : Marker().Match(lines[index - 1]);
            Assert.True(
                marker.Success && Kinds.Contains(marker.Groups["kind"].Value),
                $"{document}:{index + 1}: write on the line before how this block is to be checked: <!-- {string.Join(" | ", Kinds)} -->");
            var end = Array.FindIndex(lines, index + 1, static line => line.StartsWith("```", StringComparison.Ordinal));
            var source = marker.Groups["source"];
            yield return new CodeBlock(
                document, index + 1, marker.Groups["kind"].Value, source.Success ? source.Value : null, string.Join('\n', lines[(index + 1)..end]) + "\n");
            index = end;
        }
    }

    [GeneratedRegex(@"^<!-- (?<kind>\w+)(: (?<source>\S+))? -->$")]
    private static partial Regex Marker();

    [GeneratedRegex(@"\W+")]
    private static partial Regex NoName();
}
