using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Sections.Copies;

/// <summary>The same, asked for by another node (COPYLCL_RQST). Even a mended driver does not let the receiver's thread go.</summary>
internal sealed class CopyForPeerSection() : Section("M", "copies that another node asks for", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        BindPair();
        var (a, b) = (BindProcess(3), BindProcess(4));
        BindRemote(5);
        DvkBuffer source = null!, destination = null!;
        Allocate(a, "buffer", () => source = NewBuffer(65_536, 1));
        Allocate(b, "buffer", () => destination = NewBuffer(65_536, 9));
        Do(a, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Do(b, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Deliver("COPYLCL_RQST 3->4 for 5", () => CopyCommand(CommandCode.CopyLocalRequest, 5, 3, new CopyDescriptor
        {
            SourceEndpoint = 3,
            DestinationEndpoint = 4,
            RequesterEndpoint = 5,
            SourceAddress = source.Address,
            DestinationAddress = destination.Address,
            Length = 100,
        }));
        Fetch(500);
        Note("the bytes", Compare(source.Span[..100], destination.Span[..100]));
        ShowProcesses(3, 4, 5);
        Await(Receiver);
    }
}
