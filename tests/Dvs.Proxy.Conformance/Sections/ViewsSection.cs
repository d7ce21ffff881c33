namespace Dvs.Proxy.Conformance.Sections;

/// <summary>The driver's text views.</summary>
internal sealed class ViewsSection() : Section("V", "views below /proc/dvs", SectionHazard.HangsAsPublished)
{
    private static readonly string[] Views =
    [
        "info", "nodes", "proxies/info", "proxies/procs", "DC0/info", "DC0/procs", "proxies/ipcto", "proxies/dvkcalls", "DC0/ipcto", "DC0/dvkcalls", "DC0/stats",
    ];

    protected override void Play()
    {
        StartNode();
        BindPair();
        BindProcess(3);
        BindRemote(5);
        BindRemote(60);
        foreach (var view in Views)
        {
            ShowView(view);
        }
    }
}
