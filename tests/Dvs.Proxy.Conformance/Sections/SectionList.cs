using Dvs.Proxy.Conformance.Sections.Copies;
using Dvs.Proxy.Conformance.Sections.Traps;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>The sections of the script.</summary>
internal static class SectionList
{
    public static IReadOnlyList<Section> All { get; } =
    [
        new InitialisationSection(),
        new ContainersSection(),
        new ProxiesSection(),
        new BindingSection(),
        new LocalMessagesSection(),
        new RemoteMessagesSection(),
        new CopiesSection(),
        new RefusalsSection(),
        new ThreadEndsSection(),
        new UnbindProxiesSection(),
        new ContainerEndSection(),
        new ThirdPartyCopySection(),
        new CopyForPeerSection(),
        new ThreeNodesSection(),
        new InterruptedUnbindSection(),
        new StuckReceiveSection(),
        new UnbindWaitSection(),
        new ViewsSection(),
        new WarningSection(),
    ];

    /// <summary>The sections with what they look at and what they do to a kernel driver.</summary>
    public static string ToText() => string.Concat(All.Select(section => $"{section.Name}  {section.Subject,-38}{Describe(section.Hazard)}".TrimEnd() + "\n"));

    private static string Describe(SectionHazard hazard) => hazard switch
    {
        SectionHazard.None => "",
        SectionHazard.HangsAsPublished => "hangs a driver as published",
        _ => "may hang any driver",
    };
}
