using Dvs.Proxy.Configuration.Classic.Syntax;

namespace Dvs.Proxy.Configuration.Classic;

/// <summary>
/// Where the values of one section came from, by option property. It travels with the options, so that rules which can only be checked
/// later, against the driver, still name line and column.
/// </summary>
internal sealed class OptionSource(string file, string section, SourcePosition position)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public string File { get; } = file;

    /// <summary>The section as the file writes it: <c>proxy node1</c>.</summary>
    public string Section { get; } = section;

    /// <summary>Where the section begins.</summary>
    public SourcePosition Position { get; } = position;

    public Entry? Find(string option) => _entries.TryGetValue(option, out var entry) ? entry : null;

    public void Set(string option, Entry entry) => _entries[option] = entry;

    /// <param name="Key">The key as the key table names it.</param>
    /// <param name="KeyPosition">Where the key is.</param>
    /// <param name="Position">Where the value is.</param>
    /// <param name="Text">The value as written, fit for display.</param>
    /// <param name="IsValid">False if the value was refused already: the option holds its default, and nothing more is to be said of it.</param>
    public sealed record Entry(string Key, SourcePosition KeyPosition, SourcePosition Position, string Text, bool IsValid);
}
