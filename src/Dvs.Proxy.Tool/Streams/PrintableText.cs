using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Tool.Streams;

/// <summary>
/// The last net under text that goes to a terminal or a log: whatever its writer let through, nothing in it moves the cursor, changes colours or
/// hides. Line feeds stay, so a name in the midst of a line is its writer's to escape (<see cref="ForeignText"/>, which also says what is fit to
/// be seen). Pure. Behaviour: LineLoggerTests, ForeignNamesTests.
/// </summary>
internal static class PrintableText
{
    /// <summary>Each line as <see cref="ForeignText.Escape"/> has it.</summary>
    public static string Escape(string text) => text.Contains('\n', StringComparison.Ordinal)
        ? string.Join('\n', text.Split('\n').Select(ForeignText.Escape))
        : ForeignText.Escape(text);
}
