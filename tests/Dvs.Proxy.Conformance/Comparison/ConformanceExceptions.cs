using System.Text;

namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>
/// The steps that may differ from the real driver. An exception that is not needed any more makes the run fail, so the list cannot grow old. It is
/// printed by <c>--list-exceptions</c>, and docs/driver.md has it word for word.
/// </summary>
internal static class ConformanceExceptions
{
    public static IReadOnlyList<ConformanceException> All { get; } =
    [
        new("E", 104, 131, ConformanceTarget.Emulation | ConformanceTarget.Kernel,
            "the real driver never lets a caller go that notified an endpoint out of range (E.103), so that everything after it hangs"),
    ];

    /// <summary>The table as markdown.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder("| steps | driver | why |\n|---|---|---|\n");
        foreach (var exception in All)
        {
            text.Append($"| {exception.Steps} | {Describe(exception.Targets)} | {exception.Reason} |\n");
        }

        return text.ToString();
    }

    private static string Describe(ConformanceTarget targets) => string.Join(
        ", ",
        new[]
        {
            (ConformanceTarget.Emulation, "emulation"),
            (ConformanceTarget.StrictEmulation, "emulation, strictly as real"),
            (ConformanceTarget.StandIn, "stand-in"),
            (ConformanceTarget.Module, "module"),
        }.Where(item => (targets & item.Item1) != 0).Select(item => item.Item2));
}
