using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Drivers;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Sections.Copies;

/// <summary>Copies within the node, to and from another node, and those that another node asks for.</summary>
internal sealed class CopiesSection() : Section("G", "copies", SectionHazard.HangsAsPublished)
{
    // No process has anything there.
    private const ulong BadAddress = 4096;
    private const ulong RemoteAddress = 0x10000;

    private readonly byte[] _block = new byte[TracedDriver.MaxBlock];
    private DvkBuffer _own = null!;
    private DvkBuffer _other = null!;

    protected override void Play()
    {
        Fill(_block, seed: 0, step: 3);
        StartNode();
        BindPair();
        var (a, b, u) = (BindProcess(3), BindProcess(4), BindProcess(40));
        BindRemote(5);
        Allocate(a, "buffer 2 MiB", () => _own = NewBuffer(2 << 20, 1));
        Allocate(b, "buffer 2 MiB", () => _other = NewBuffer(2 << 20, 9));
        RefuseInOrder(a, u, StartActor("unbound"));
        CopyWithinNode(a, b);
        SendToRemote(a);
        FetchFromRemote(a);
        TakeFromPeer(a);
        GiveToPeer();
    }

    private void RefuseInOrder(Actor a, Actor u, Actor unbound)
    {
        VCopy(unbound, "3->4,-1) by an unbound thread", 3, 4, -1);
        VCopy(unbound, "3->4,10) by an unbound thread", 3, 4, 10);
        VCopy(a, "3->4,-1)", 3, 4, -1);
        VCopy(a, "3->4,1048577)", 3, 4, 1_048_577);
        VCopy(a, "3->3,-1)", 3, 3, -1);
        VCopy(a, "3->3,10)", 3, 3, 10);
        VCopy(a, "3->ANY,10)", 3, Any, 10);
        VCopy(a, "3->NONE,10)", 3, None, 10);
        VCopy(a, "3->-1 HARDWARE,10)", 3, -1, 10);
        VCopy(a, "3->221,10)", 3, 221, 10);
        VCopy(u, "40->40,10) by a user", 40, 40, 10);
        VCopy(u, "40->3,10) by a user", 40, 3, 10);
        VCopy(u, "40->-1 HARDWARE,10) by a user", 40, -1, 10);
        VCopy(a, "3->4,10) 4 does not wait", 3, 4, 10);
        VCopy(a, "3->50,10) not bound", 3, 50, 10);
        VCopy(a, "50->3,10) not bound", 50, 3, 10);
    }

    private void CopyWithinNode(Actor a, Actor b)
    {
        Do(b, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        foreach (var length in (int[])[0, 1, 4096, 65_535, 65_536, 65_537, 131_072, 1_048_576])
        {
            Do(a, $"vcopy(SELF->4,{length}) to one who waits", driver =>
            {
                _other.Span.Clear();
                var result = driver.Copy(Self, _own.Address, 4, _other.Address, length);
                return $"{result} {Compare(_own.Span[..length], _other.Span[..length])}{(_other.Span[length..].ContainsAnyExcept((byte)0) ? " WROTE BEYOND" : "")}";
            });
        }

        Do(a, "vcopy(4->SELF,100)", driver =>
        {
            _own.Span[..100].Clear();
            return $"{driver.Copy(4, _other.Address, Self, _own.Address, 100)} {Compare(_other.Span[..100], _own.Span[..100])}";
        });
        Do(a, "vcopy(SELF bad address->4,100)", driver => driver.Copy(Self, BadAddress, 4, _other.Address, 100));
        Do(a, "vcopy(SELF->4 bad address,100)", driver => driver.Copy(Self, _own.Address, 4, BadAddress, 100));
        ShowProcesses(3, 4);
    }

    private void SendToRemote(Actor a)
    {
        Do(a, "vcopy(SELF->5 remote,100)", driver => driver.Copy(Self, _own.Address, 5, RemoteAddress, 100));
        Fetch(500);
        ShowProcesses(3, 5);
        Deliver("COPYIN_ACK rcode 100", () => Answer(CommandCode.CopyInAck, 100));
        Await(a);
        ShowProcesses(3, 5);
        Do(a, "vcopy(SELF->5 remote,100) refused", driver => driver.Copy(Self, _own.Address, 5, RemoteAddress, 100));
        Fetch(500);
        Deliver("COPYIN_ACK rcode EDVSRANGE", () => Answer(CommandCode.CopyInAck, (int)DvkError.Range));
        Await(a);
        Do(a, "vcopy(SELF->5 remote,65537) two pieces", driver => driver.Copy(Self, _own.Address, 5, RemoteAddress, 65_537));
        Fetch(500);
        Deliver("COPYIN_ACK rcode 65536", () => Answer(CommandCode.CopyInAck, 65_536));
        Fetch(500);
        Deliver("COPYIN_ACK rcode 1", () => Answer(CommandCode.CopyInAck, 1));
        Await(a);
    }

    private void FetchFromRemote(Actor a)
    {
        foreach (var length in (int[])[100, 65_536])
        {
            Do(a, $"vcopy(5 remote->SELF,{length})", driver => driver.Copy(5, RemoteAddress, Self, _own.Address, length));
            Fetch(500);
            Do(Receiver, $"put2lcl(COPYOUT_DATA {length})", driver =>
                driver.PutToLocal(Answer(CommandCode.CopyOutData) with { PayloadLength = length }, _block[..length]));
            Await(a);
            Note("the bytes", Compare(_own.Span[..length], _block.AsSpan(0, length)));
        }

        Do(a, "vcopy(5 remote->SELF,100) refused", driver => driver.Copy(5, RemoteAddress, Self, _own.Address, 100));
        Fetch(500);
        Deliver("COPYOUT_DATA rcode EDVSSRCDIED", () => Answer(CommandCode.CopyOutData, (int)DvkError.SourceDied));
        Await(a);
        var block = new CopyDescriptor { SourceEndpoint = 5, DestinationEndpoint = 3, RequesterEndpoint = 3, DestinationAddress = _own.Address, Length = 10 };
        Do(Receiver, "put2lcl(COPYOUT_DATA) nobody copies", driver => driver.PutToLocal(CopyCommand(CommandCode.CopyOutData, 5, 3, block, length: 10), _block[..10]));
    }

    private void TakeFromPeer(Actor a)
    {
        TakeBlock("3,100) 3 does not wait", 3, _own.Address, 100);
        Do(a, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        foreach (var length in (int[])[100, 65_536])
        {
            _own.Span.Clear();
            TakeBlock($"3,{length})", 3, _own.Address, length);
            Note("the bytes", Compare(_own.Span[..length], _block.AsSpan(0, length)));
        }

        TakeBlock("3 to a bad address,100)", 3, BadAddress, 100);
        TakeBlock("50 not bound,100)", 50, _own.Address, 100);
    }

    private void GiveToPeer()
    {
        GiveBlock("3,100)", _own.Address, 100);
        GiveBlock("3,65536)", _own.Address, 65_536);
        GiveBlock("3 bad address,100)", BadAddress, 100);
        ShowProcesses(3, 5);
    }

    private void TakeBlock(string what, int destination, ulong address, int length)
    {
        var copy = new CopyDescriptor
        {
            SourceEndpoint = 5,
            DestinationEndpoint = destination,
            RequesterEndpoint = 5,
            SourceAddress = RemoteAddress,
            DestinationAddress = address,
            Length = length,
        };
        Do(Receiver, $"put2lcl(COPYIN_DATA 5->{what}", driver =>
            driver.PutToLocal(CopyCommand(CommandCode.CopyInData, 5, destination, copy, length: length), _block[..length]));
        Fetch(500);
    }

    private void GiveBlock(string what, ulong address, int length)
    {
        var copy = new CopyDescriptor
        {
            SourceEndpoint = 3,
            DestinationEndpoint = 5,
            RequesterEndpoint = 5,
            SourceAddress = address,
            DestinationAddress = RemoteAddress,
            Length = length,
        };
        Do(Receiver, $"put2lcl(COPYOUT_RQST 5<-{what}", driver => driver.PutToLocal(CopyCommand(CommandCode.CopyOutRequest, 5, 3, copy)));
        Fetch(500);
    }

    private void VCopy(Actor actor, string what, int source, int destination, int length) =>
        Do(actor, $"vcopy({what}", driver => driver.Copy(source, _own.Address, destination, _other.Address, length));
}
