
namespace Dvs.Proxy.Conformance.Sections.Traps;

/// <summary>An operator unbinds a pair whose threads live: the real driver never returns.</summary>
internal sealed class UnbindProxiesSection() : Section("J", "proxies_unbind by another thread", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        BindPair();
        Fetch(-1);
        var unbinder = StartActor("operator");
        Do(unbinder, "proxies_unbind(1)", driver => driver.UnbindProxies(1));
        Await(Sender);
    }
}
