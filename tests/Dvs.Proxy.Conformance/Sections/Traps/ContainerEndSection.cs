
namespace Dvs.Proxy.Conformance.Sections.Traps;

/// <summary>A DC is ended in which a process waits: it gets SIGTERM, and the real driver returns only when it has unbound, which hangs.</summary>
internal sealed class ContainerEndSection() : Section("K", "dc_end with a process bound", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        BindPair();
        var a = BindProcess(3);
        BindRemote(5);
        Do(a, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        var ender = StartActor("operator");
        Do(ender, "dc_end(0) with a process bound, waiting", driver => driver.EndDc(0));
        Await(a);
        ShowDc(0);
        Do(a, "unbind(0,3)", driver => driver.Unbind(0, 3));
        End(a, "its thread ends");
        Await(ender);
        ShowDc(0);
        ShowNode(1);
        Do("dc_init(0)", driver => driver.StartDc(NewDc(0)));
        ShowNode(1);
    }
}
