
namespace Dvs.Proxy.Conformance.Sections.Traps;

/// <summary>The same with everything disconnected before and a signal to the one who unbinds: no way out either.</summary>
internal sealed class InterruptedUnbindSection() : Section("P", "proxies_unbind that is interrupted", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        BindPair();
        BindRemote(5);
        Fetch(-1);
        Interrupt(Sender);
        Await(Sender);
        Connect(1, 3);
        Connect(1, 4);
        var helper = StartActor("helper0");
        Begin(helper, driver => driver.UnbindProxies(1));
        for (var i = 0; i < 2; i++)
        {
            Interrupt(helper);
            Note($"helper interrupted{(i == 0 ? "" : " again")}", helper);
        }

        Await(Sender);
    }
}
