using Dvs.Proxy.Device.Processes;

namespace Dvs.Proxy.Conformance.Sections.Traps;

/// <summary>A wait for an unbind with a time-out: the real driver does not end it, and the unbind then hangs as well.</summary>
internal sealed class UnbindWaitSection() : Section("S", "wait4bind for an unbind", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        BindPair();
        var a = BindProcess(3);
        BindRemote(9);
        Do(a, "wait4bind(2,9,0)", driver => driver.WaitForBind((WaitForBindKind)2, 9, 0));
        Do(a, "wait4bind(UNBIND,9,200)", driver => driver.WaitForBind(WaitForBindKind.Unbind, 9, 200));
        InterruptIfBlocked(a);
        Await(a);
        ShowProcess(9);
    }
}
