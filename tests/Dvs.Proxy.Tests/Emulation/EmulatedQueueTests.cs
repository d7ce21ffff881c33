using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;

namespace Dvs.Proxy.Tests.Emulation;

/// <summary>What waits for the sender proxy of an emulated node: how much of it, and whose.</summary>
public sealed class EmulatedQueueTests
{
    private const int Answered = PeerRig.AliceEndpoint + 1;

    [Fact]
    public void So_many_answers_wait_as_there_are_processes_and_what_comes_then_is_dropped()
    {
        const int Most = 10 + 2;
        using var rig = new PeerRig(limits: new DvsInfo { MaxDcs = 1, MaxNodes = 2, MaxProcesses = 10, MaxTasks = 2, MaxSystemProcesses = 9 });
        for (var number = 0; number < Most + 3; number++)
        {
            Assert.Equal(DvkError.DestinationDied, rig.Put(Nobody()));
        }

        for (var number = 0; number < Most; number++)
        {
            Assert.Equal((CommandCode.SendAck, (int)DvkError.DestinationDied), Fetched());
        }

        Assert.Equal(DvkError.TimedOut, TryFetch());

        // What was fetched has made room.
        Assert.Equal(DvkError.DestinationDied, rig.Put(Nobody()));
        Assert.Equal((CommandCode.SendAck, (int)DvkError.DestinationDied), Fetched());

        CommandHeader Nobody() => rig.Command(CommandCode.SendMessage) with { DestinationEndpoint = Answered };

        DvkError TryFetch() => rig.Sender.Call(() => rig.Device.GetToRemote(out _, new byte[65_536], 0));

        (CommandCode, int) Fetched() => rig.Fetch() is var header ? (header.Command, header.ResultCode) : default;
    }

    [Fact]
    public void A_block_of_a_process_that_has_gone_is_not_taken_from_the_next_one_in_its_slot()
    {
        using var rig = new PeerRig();
        var buffer = rig.Alice.Call(() => rig.Device.AllocateBuffer(4));
        var receive = rig.Alice.Start(() => rig.Device.Receive(WellKnownEndpoint.Any, out _, -1));
        rig.AwaitStatus(PeerRig.AliceEndpoint, ProcessStatus.Receiving);
        var request = rig.Command(CommandCode.CopyOutRequest);
        request.Copy = new CopyDescriptor
        {
            SourceEndpoint = PeerRig.AliceEndpoint,
            SourceAddress = buffer.Address,
            DestinationEndpoint = PeerRig.PeerEndpoint,
            RequesterEndpoint = PeerRig.PeerEndpoint,
            Length = 4,
        };
        Assert.Equal(DvkError.Ok, rig.Put(request));
        Assert.Equal(DvkError.Ok, rig.Put(request));
        var first = rig.Fetch();
        Assert.Equal((CommandCode.CopyOutData, 4), (first.Command, first.PayloadLength));

        // The same thread, and the same memory; but another process.
        rig.Device.Interrupt(rig.Alice.Id);
        Assert.Equal(DvkError.Interrupted, DriverThread.Finish(receive));
        Assert.Equal(DvkError.Ok, rig.Alice.Call(() => rig.Device.TryUnbind(0, PeerRig.AliceEndpoint, 0)));
        Assert.Equal(DvkError.Ok, rig.Alice.Call(() => rig.Device.TryBind(BindRequest.Self(0, PeerRig.AliceEndpoint, "next"), out _)));

        Assert.Equal(DvkError.Fault, rig.Sender.Call(() => rig.Device.GetToRemote(out _, new byte[65_536], 0)));
        Assert.Equal(DvkError.TimedOut, rig.Sender.Call(() => rig.Device.GetToRemote(out _, new byte[65_536], 0)));
    }
}
