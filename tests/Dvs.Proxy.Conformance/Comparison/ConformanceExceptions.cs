using System.Text;

namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>
/// The steps that may differ from the real driver. An exception that is not needed any more makes the run fail, so the list cannot grow old. It is
/// printed by <c>--list-exceptions</c>, and docs/driver.md has it word for word.
/// </summary>
internal static class ConformanceExceptions
{
    private const ConformanceTarget Everywhere = ConformanceTarget.Emulation | ConformanceTarget.Kernel;

    public static IReadOnlyList<ConformanceException> All { get; } =
    [
        new("D", 24, 24, Everywhere, "a second bind by a bound thread is refused: the module lets it happen, and then the thread cannot end"),
        new("D", 49, 49, Everywhere, "the second endpoint of D.24 is missing in the view"),
        new("D", 51, 51, Everywhere, "the thread's own endpoint is the one it bound first, there being no second (D.24)"),
        new("D", 82, 82, Everywhere, "as D.51"),
        new("D", 89, 89, Everywhere, "as D.24: a backup is a second bind of its thread"),
        new("D", 90, 90, Everywhere, "the backup of D.89 is not there"),
        new("E", 104, 131, Everywhere, "the module never lets a caller go that notified an endpoint out of range (E.103), and all that follows hangs; here the calls are answered"),
        new("J", 10, 10, ConformanceTarget.Emulation, "the sender proxy gets out when its pair is unbound; in the module proxies_unbind and both threads hang"),
        new("L", 18, 18, Everywhere, "a receive that the module ends with EDVSUSR2USR, because the process served a copy, is made again by the library"),
        new("M", 15, 15, Everywhere, "put2lcl of COPYLCL_RQST returns; the module makes the copy and the answer, and keeps the proxy's thread"),
        new("M", 18, 18, Everywhere, "the process still receives, as in L.18"),
        new("M", 21, 21, Everywhere, "as M.15"),
        new("P", 13, 14, ConformanceTarget.Emulation, "a signal ends a proxies_unbind that waits; in the module nothing does"),
        new("R", 5, 5, Everywhere, "receive from oneself is refused as by the module (R.04), but the caller can go on"),
        new("S", 11, 12, Everywhere, "a wait for an unbind with a time-out is refused; in the module neither it nor the unbind ever ends"),
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
