using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Sections;

namespace Dvs.Proxy.Conformance;

/// <summary>Which sections are played, or why none is.</summary>
/// <param name="Sections">The sections, in order.</param>
/// <param name="LeftOut">Those that would leave threads in the driver.</param>
/// <param name="Problem">What is wrong with the arguments, and what to do.</param>
internal sealed record SectionChoice(IReadOnlyList<Section> Sections, IReadOnlyList<Section> LeftOut, string? Problem = null)
{
    public static SectionChoice Make(ConformanceArguments arguments, ConformanceTarget target)
    {
        if (arguments.IsStrict && !arguments.IsEmulated)
        {
            return Refuse("--strict is for the emulation only: leave it out, or say --device emulated.");
        }

        if (arguments.IsEmulated && (arguments.IsMended || arguments.IncludesHanging))
        {
            return Refuse("--mended and --include-hanging say something of a kernel driver: leave them out, or name its device with --device.");
        }

        if (arguments.Sections.FirstOrDefault(name => SectionList.All.All(section => section.Name != name)) is { } unknown)
        {
            return Refuse($"There is no section {unknown}. Give letters of {string.Join(",", SectionList.All.Select(section => section.Name))}, with commas between them.");
        }

        var wanted = SectionList.All.Where(section => arguments.Sections.Count == 0 || arguments.Sections.Contains(section.Name)).ToArray();
        var leftOut = target == ConformanceTarget.Module && !arguments.IncludesHanging ? wanted.Where(section => Hangs(section, arguments.IsMended)).ToArray() : [];
        return arguments.Sections.Count > 0 && leftOut.Length > 0
            ? Refuse(
                $"Section {Names(leftOut)} leaves threads in the driver, and only a reboot gets them out. " +
                "Leave it out; or say --mended where the driver is known to let ending threads go; or say --include-hanging and reboot afterwards.")
            : new SectionChoice(wanted.Except(leftOut).ToArray(), leftOut);
    }

    public static string Names(IEnumerable<Section> sections) => string.Join(",", sections.Select(section => section.Name));

    private static bool Hangs(Section section, bool isMended) =>
        section.Hazard == SectionHazard.MayHangAny || (section.Hazard == SectionHazard.HangsAsPublished && !isMended);

    private static SectionChoice Refuse(string problem) => new([], [], problem);
}
