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
        new RefusalsSection(),
        new ThreadEndsSection(),
        new UnbindProxiesSection(),
        new ContainerEndSection(),
        new ThirdPartyCopySection(),
        new CopyForPeerSection(),
        new InterruptedUnbindSection(),
        new StuckReceiveSection(),
        new UnbindWaitSection(),
        new ViewsSection(),
        new WarningSection(),
    ];
}
