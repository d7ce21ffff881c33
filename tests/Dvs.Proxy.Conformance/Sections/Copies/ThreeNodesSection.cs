using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Sections.Copies;

/// <summary>Copies between nodes 1 and 2, of which this node has the requester, then the source, then the destination.</summary>
internal sealed class ThreeNodesSection() : Section("N", "copies among three nodes", SectionHazard.HangsAsPublished)
{
    private const ulong SourceAddress = 0x1000;
    private const ulong DestinationAddress = 0x2000;

    private readonly byte[] _block = new byte[100];
    private Actor _sender2 = null!;
    private Actor _receiver2 = null!;
    private DvkBuffer _buffer = null!;

    protected override void Play()
    {
        Fill(_block, seed: 0, step: 3);
        StartNode();
        BindPair();
        BindSecondPair();
        var (a, b) = (BindProcess(3), BindProcess(4));
        BindRemote(5);
        BindRemote(6);
        BindRemote(7, node: 2);
        Allocate(b, "buffer", () => _buffer = NewBuffer(65_536, 1));
        AskFor(a);
        HaveSource(b);
        HaveDestination();
    }

    private void BindSecondPair()
    {
        (_sender2, _receiver2) = (StartActor("snd2"), StartActor("rcv2"));
        Do("proxies_bind(node2,2)", driver => driver.BindProxies("node2", 2, _sender2.Id, _receiver2.Id));
        Do("node_up(node2,2,2)", driver => driver.NodeUp("node2", 2, 2));
        Do("add_node(0,2)", driver => driver.AddNode(0, 2));
        Connect(2, 1);
        Connect(2, 2);
    }

    private void AskFor(Actor a)
    {
        Do(a, "vcopy(5->6,100) both on node 1", driver => driver.Copy(5, SourceAddress, 6, DestinationAddress, 100));
        Fetch(500);
        Deliver("COPYLCL_ACK rcode 100", () => Answer(CommandCode.CopyLocalAck, 100));
        Await(a);
        ShowProcesses(3, 5, 6);
        Do(a, "vcopy(5->7,100) node 1 to node 2", driver => driver.Copy(5, SourceAddress, 7, DestinationAddress, 100));
        Fetch(500);
        var copy = Driver.LastCommand.Copy;
        Do(_receiver2, "put2lcl(COPYRMT_ACK rcode 100 from 7 on node 2)", driver =>
            driver.PutToLocal(CopyCommand(CommandCode.CopyRemoteAck, 7, 3, copy, sourceNode: 2) with { ResultCode = 100 }));
        Await(a);
        ShowProcesses(3, 5, 7);
    }

    private void HaveSource(Actor b)
    {
        Do(b, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Deliver("COPYRMT_RQST rqtr 5 src 4 dst 7 on node 2", () => CopyCommand(CommandCode.CopyRemoteRequest, 5, 4, new CopyDescriptor
        {
            SourceEndpoint = 4,
            DestinationEndpoint = 7,
            RequesterEndpoint = 5,
            SourceAddress = _buffer.Address,
            DestinationAddress = DestinationAddress,
            Length = 100,
        }));
        Do(_sender2, "get2rmt(500) pair 2", driver => driver.GetToRemote(500));
        Fetch(200, " pair 1");
        ShowProcesses(4, 5, 7);
    }

    private void HaveDestination()
    {
        Do(_receiver2, "put2lcl(COPYIN_RQST src 7 dst 4 rqtr 5)", driver =>
        {
            var copy = new CopyDescriptor
            {
                SourceEndpoint = 7,
                DestinationEndpoint = 4,
                RequesterEndpoint = 5,
                SourceAddress = SourceAddress,
                DestinationAddress = _buffer.Address,
                Length = 100,
            };
            return driver.PutToLocal(CopyCommand(CommandCode.CopyInRequest, 7, 4, copy, sourceNode: 2, length: 100), _block);
        });
        Fetch(500, " pair 1");
        Do(_sender2, "get2rmt(200) pair 2", driver => driver.GetToRemote(200));
        Note("the bytes", Compare(_buffer.Span[..100], _block));
        ShowProcesses(4, 5, 7);
    }
}
