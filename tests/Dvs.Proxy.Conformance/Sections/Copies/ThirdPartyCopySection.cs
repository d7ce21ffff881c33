using Dvs.Proxy.Device.Processes;

namespace Dvs.Proxy.Conformance.Sections.Copies;

/// <summary>
/// A copy between two processes of the node that a third asks for, whose process's main thread is not bound: a kernel BUG in the driver as published.
/// </summary>
internal sealed class ThirdPartyCopySection() : Section("L", "copies for a third process", SectionHazard.HangsAsPublished)
{
    protected override void Play()
    {
        StartNode();
        BindPair();
        var (a, b, c) = (BindProcess(3), BindProcess(4), BindProcess(6));
        DvkBuffer source = null!, destination = null!;
        Allocate(a, "buffer", () => source = NewBuffer(65_536, 1));
        Allocate(b, "buffer", () => destination = NewBuffer(65_536, 9));
        Do(a, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Do(c, "vcopy(3->4,100) third party, 4 does not wait", driver => driver.Copy(3, source.Address, 4, destination.Address, 100));
        Do(b, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Do(c, "vcopy(3->4,100) third party", driver =>
            $"{driver.Copy(3, source.Address, 4, destination.Address, 100)} {Compare(source.Span[..100], destination.Span[..100])}");
        ShowProcess(6);
        Await(a, b);
    }
}
