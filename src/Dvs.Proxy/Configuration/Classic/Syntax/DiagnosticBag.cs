using System.Globalization;
using System.Text;

namespace Dvs.Proxy.Configuration.Classic.Syntax;

/// <summary>Collects what is wrong with one file, up to a limit that no honest file reaches.</summary>
internal sealed class DiagnosticBag(string file)
{
    public const int Limit = 1000;
    private const int LongestShown = 60;

    private readonly List<ConfigurationDiagnostic> _diagnostics = [];

    public string File { get; } = file;

    public bool HasErrors { get; private set; }

    public int Count => _diagnostics.Count;

    public void Error(SourcePosition at, string? key, string problem, string? found = null, string? expected = null, string? suggestion = null) =>
        Add(ConfigurationSeverity.Error, at, key, problem, found, expected, suggestion);

    public void Warning(SourcePosition at, string? key, string problem, string? found = null, string? expected = null, string? suggestion = null) =>
        Add(ConfigurationSeverity.Warning, at, key, problem, found, expected, suggestion);

    /// <summary>Everything, in the order of the file.</summary>
    public IReadOnlyList<ConfigurationDiagnostic> ToSortedList() => Sort(_diagnostics);

    /// <summary>In the order of the file; what concerns the whole file comes first.</summary>
    public static IReadOnlyList<ConfigurationDiagnostic> Sort(IEnumerable<ConfigurationDiagnostic> diagnostics) =>
        [.. diagnostics.OrderBy(diagnostic => diagnostic.Line).ThenBy(diagnostic => diagnostic.Column)];

    /// <summary>A word of the file in quotes, without anything that could upset a terminal or a log, cut when long.</summary>
    public static string Show(string text)
    {
        var shown = new StringBuilder("\"");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, LongestShown)))
        {
            if (c is '"' or '\\')
            {
                shown.Append('\\').Append(c);
            }
            else if (char.IsControl(c) || char.IsSurrogate(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                shown.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
            else
            {
                shown.Append(c);
            }
        }

        return shown.Append(text.Length > LongestShown ? "…\"" : "\"").ToString();
    }

    private void Add(ConfigurationSeverity severity, SourcePosition at, string? key, string problem, string? found, string? expected, string? suggestion)
    {
        HasErrors |= severity == ConfigurationSeverity.Error;
        if (_diagnostics.Count > Limit)
        {
            return;
        }

        var last = _diagnostics.Count == Limit;
        _diagnostics.Add(new ConfigurationDiagnostic
        {
            Severity = last ? ConfigurationSeverity.Error : severity,
            File = File,
            Line = at.Line,
            Column = at.Column,
            Key = last ? null : key,
            Problem = last ? $"more than {Limit} errors and warnings; the rest is not listed" : problem,
            Found = last ? null : found,
            Expected = last ? null : expected,
            Suggestion = last ? "Check that this is a proxy configuration at all." : suggestion,
        });
    }
}
