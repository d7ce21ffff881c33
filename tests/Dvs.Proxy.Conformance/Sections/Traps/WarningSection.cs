
namespace Dvs.Proxy.Conformance.Sections.Traps;

/// <summary>A process ends in a DC that has somebody to be told of it: its thread waits in the driver for the answer.</summary>
internal sealed class WarningSection() : Section("W", "dc_warn2proc", SectionHazard.None)
{
    protected override void Play()
    {
        InitializeDvs();
        Do("dc_init(0, warn2proc 0, warnmsg 77)", driver => driver.StartDc(NewDc(0) with { WarnEndpoint = 0, WarnMessageType = 77 }));
        var (told, process) = (BindProcess(0), BindProcess(3));
        Do(told, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        End(process, "thread of 3 ends");
        Await(told);
        ShowProcess(3);
    }
}
