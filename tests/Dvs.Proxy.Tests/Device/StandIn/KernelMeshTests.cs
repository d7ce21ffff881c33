using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>
/// Nodes on the kernel device exchange messages and blocks, among themselves and with emulated ones: two drivers that were written apart from one
/// description understand each other. On the stand-in.
/// </summary>
[OnStandIn]
public sealed class KernelMeshTests
{
    private const int Client = 2;
    private const int Server = 3;
    private const int Third = 4;

    public static TheoryData<string> Pairs => new("kk", "ke", "ek");

    public static TheoryData<string, int> Meshes => new()
    {
        { "kkk", 1 }, { "kkk", 65_536 }, { "kkk", 65_537 }, { "kkk", 1_048_576 },
        { "kek", 65_537 }, { "eke", 65_537 }, { "kee", 1_048_576 }, { "ekk", 1_048_576 },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Requests_and_replies_cross_the_nodes(string kinds)
    {
        const int Rounds = 200;
        using var mesh = new MixedMesh(kinds);
        var (client, server) = (mesh.Process(0, Client), mesh.Process(1, Server));
        var serving = server.Start(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                var error = mesh.Nodes[1].ReceiveRequest(out var request, -1);
                request.Type++;
                error = error == DvkError.Ok ? mesh.Nodes[1].Reply(request.Source, request, -1) : error;
                if (error != DvkError.Ok)
                {
                    return error;
                }
            }

            return DvkError.Ok;
        });
        for (var i = 0; i < Rounds; i++)
        {
            var (error, reply) = client.Call(() =>
            {
                var message = new Message { Type = i };
                message.Body.Bytes.Fill((byte)i);
                return (mesh.Nodes[0].SendReceive(Server, ref message, 30_000), message);
            });
            Assert.Equal((DvkError.Ok, Server, i + 1), (error, reply.Source, reply.Type));
            Assert.Equal(-1, reply.Body.ReadOnlyBytes.IndexOfAnyExcept((byte)i));
        }

        Assert.Equal(DvkError.Ok, DriverThread.Finish(serving));
        Assert.Empty(mesh.Refused);
    }

    [Theory]
    [MemberData(nameof(Meshes))]
    public void Blocks_are_copied_between_all_places(string kinds, int length)
    {
        // Requester on node 0; source and destination here and there, on one remote node, and on two.
        foreach (var (sourceNode, destinationNode) in new[] { (0, 0), (0, 1), (1, 0), (1, 1), (1, 2) })
        {
            using var mesh = new MixedMesh(kinds);
            var (requester, source, destination) = (mesh.Process(0, Client), mesh.Process(sourceNode, Server), mesh.Process(destinationNode, Third));
            var from = source.Call(() => mesh.Nodes[sourceNode].AllocateBuffer(length));
            var to = destination.Call(() => mesh.Nodes[destinationNode].AllocateBuffer(length));
            new Random(length).NextBytes(from.Span);
            var waits = new[] { Receive(mesh.Nodes[sourceNode], source), Receive(mesh.Nodes[destinationNode], destination) };
            AwaitReceiving(mesh.Nodes[sourceNode], Server);
            AwaitReceiving(mesh.Nodes[destinationNode], Third);

            var copy = new CopyDescriptor
            {
                SourceEndpoint = Server,
                SourceAddress = from.Address,
                DestinationEndpoint = Third,
                DestinationAddress = to.Address,
                Length = length,
            };

            // Each piece of a copy within another node ends the source's receive, which the library then makes again.
            var isWithinPeer = sourceNode == destinationNode && sourceNode != 0;
            for (var done = 0; done < length; done += copy.Length)
            {
                copy.SourceAddress = from.Address + (ulong)done;
                copy.DestinationAddress = to.Address + (ulong)done;
                copy.Length = isWithinPeer ? Math.Min(length - done, 65_536) : length;
                AwaitReceiving(mesh.Nodes[sourceNode], Server);
                Assert.Equal((kinds, sourceNode, destinationNode, DvkError.Ok), (kinds, sourceNode, destinationNode, requester.Call(() => mesh.Nodes[0].Copy(copy))));
            }

            Assert.True(from.Span.SequenceEqual(to.Span));
            Assert.Empty(mesh.Refused);
            mesh.Nodes[sourceNode].Interrupt(source.Id);
            mesh.Nodes[destinationNode].Interrupt(destination.Id);
            Assert.All(waits, wait => Assert.Equal(DvkError.Interrupted, DriverThread.Finish(wait)));
        }
    }

    private static Task<DvkError> Receive(IDvkDevice node, DriverThread process) =>
        process.Start(() => node.Receive(WellKnownEndpoint.Any, out _, -1));

    private static void AwaitReceiving(IDvkDevice node, int number) => Eventually.True(
        () => node.GetProcessInfo(MixedMesh.Dc, number).Status == ProcessStatus.Receiving, $"process {number} receives");
}
