using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

/// <summary>Copies that a process asks for between two others, on drivers with the faults of published ones.</summary>
public class ThirdPartyCopyTests
{
    private const int Requester = 5;
    private const int Source = 6;
    private const int Destination = 7;
    private const int Length = 200_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_between_three_nodes_arrives_though_the_driver_names_the_wrong_destination(bool sequence)
    {
        await using var mesh = await EmulatedMesh.StartAsync(
            3, peer => (peer.UseSession, peer.Batch) = (sequence, true), static device => new RecordingDevice(device) { NamesNodeAsDestination = true });

        Assert.Equal(DvkError.Ok, Copy(mesh, sourceNode: 1, destinationNode: 2));
    }

    [Fact]
    public async Task The_requester_of_a_copy_within_another_node_is_told_that_this_node_does_not_do_it()
    {
        var devices = new List<RecordingDevice>();
        await using var mesh = await EmulatedMesh.StartAsync(2, wrap: device =>
        {
            devices.Add(new RecordingDevice(device) { ClaimedFixes = DvkFixes.None });
            return devices[^1];
        });

        Assert.Equal(DvkError.NotImplemented, Copy(mesh, sourceNode: 1, destinationNode: 1));
        Assert.DoesNotContain(devices[1].Put, static put => put.Header.Command == CommandCode.CopyLocalRequest);
    }

    // What the requester on node 0 is told; where all is well, the block has arrived.
    private static DvkError Copy(EmulatedMesh mesh, int sourceNode, int destinationNode)
    {
        mesh.BindRemotely(0, Requester, 0, "requester");
        mesh.BindRemotely(0, Source, sourceNode, "source");
        mesh.BindRemotely(0, Destination, destinationNode, "destination");
        var result = DvkError.Generic;
        var requester = DvkProcess.Start(mesh.Devices[0], 0, Requester, "requester", process => result = Ask(process));
        var source = DvkProcess.Start(mesh.Devices[sourceNode], 0, Source, "source", static process => Offer(process, static buffer => Fill(buffer.Span)));
        var destination = DvkProcess.Start(mesh.Devices[destinationNode], 0, Destination, "destination", static process => Offer(process, static buffer => buffer.Span.Clear()));
        requester.Join();
        source.Join();
        destination.Join();
        return result;
    }

    // Whoever offers memory waits in a request until the copy is over.
    private static void Offer(DvkProcess process, Action<DvkBuffer> prepare)
    {
        using var buffer = process.AllocateBuffer(Length);
        prepare(buffer);
        var request = new Message { Type = 1 };
        new MessageM1(0, 0, 0, buffer.Address, 0, 0).Write(ref request, DataModel.Lp64);
        process.SendReceive(Requester, ref request, TimeSpan.FromSeconds(30));
        var expected = new byte[Length];
        Fill(expected);
        Assert.Equal(request.Type == 0, buffer.Span.SequenceEqual(expected));
    }

    private static DvkError Ask(DvkProcess process)
    {
        var offers = new Dictionary<int, Message>();
        while (offers.Count < 2)
        {
            var offer = process.ReceiveRequest(TimeSpan.FromSeconds(30));
            offers.Add(offer.Source, offer);
        }

        var error = process.TryCopy(Source, AddressOf(offers[Source]), Destination, AddressOf(offers[Destination]), Length);
        foreach (var offer in offers.Values)
        {
            var reply = offer;
            reply.Type = error >= DvkError.Ok || offer.Source == Source ? 0 : 1;
            process.Reply(offer.Source, in reply, TimeSpan.FromSeconds(30));
        }

        return error >= DvkError.Ok ? DvkError.Ok : error;
    }

    private static ulong AddressOf(Message offer) => MessageM1.Read(in offer, DataModel.Lp64).P1;

    private static void Fill(Span<byte> block)
    {
        for (var index = 0; index < block.Length; index++)
        {
            block[index] = (byte)(1 + (index * 7 % 251));
        }
    }
}
