
namespace Dvs.Proxy.Conformance.Sections.Traps;

/// <summary>A receive that the real driver refuses and then never lets go of the caller.</summary>
internal sealed class StuckReceiveSection() : Section("R", "receive from oneself", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        var process = StartActor("r");
        Do(process, "bind(SELF,0,3)", driver => driver.BindSelf(0, 3));
        Do(process, "receive(own endpoint,0)", driver => driver.Receive(3, 0));
        Do(process, "receive(ANY,0) after it", driver => driver.Receive(Any, 0));
        Note("the process is stuck in the driver");
    }
}
