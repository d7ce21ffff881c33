using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Tests.Pairing.Receiving;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>The frames of real C proxies that are not by the book, byte by byte, in both data models.</summary>
public class ClassicPeerTests
{
    public static TheoryData<DataModel, string, Func<DataModel, byte[]>> Hellos
    {
        get
        {
            var hellos = new TheoryData<DataModel, string, Func<DataModel, byte[]>>();
            foreach (var abi in new[] { DataModel.Lp64, DataModel.Ilp32 })
            {
                hellos.Add(abi, "all zeros", static model => new byte[WireLayout.For(model).HeaderSize]);
                hellos.Add(abi, "after a compressed block", static model => Write(model, static (ref CommandHeader header) => (header.Command, header.Flags) = (CommandCode.None, CommandFlags.Lz4)));
                foreach (var type in new[] { (int)ControlType.LoadThresholds, (int)ControlType.RemoteBind, 4, 5, 7 })
                {
                    hellos.Add(abi, $"with the user's message {type} left in it", model => Write(model, (ref CommandHeader header) =>
                    {
                        header.Command = CommandCode.None;
                        header.Message.Type = type;
                    }));
                }

                hellos.Add(abi, "after a batch, for another node", static model => Write(model, static (ref CommandHeader header) =>
                    (header.Command, header.Flags, header.BatchCount, header.SourceNode, header.DestinationNode) = (CommandCode.None, CommandFlags.Batch, 9, 30, 31)));
            }

            return hellos;
        }
    }

    [Theory]
    [MemberData(nameof(Hellos))]
    public async Task A_hello_is_one_whatever_was_left_in_its_header(DataModel abi, string what, Func<DataModel, byte[]> hello)
    {
        await using var node = await StartAsync(abi);
        using var socket = node.ConnectAs(1);
        socket.Send(hello(abi));
        socket.Send(Write(abi));
        socket.Send(hello(abi));
        socket.Send(Write(abi));

        Eventually.True(() => node.Device.Delivered.Count == 2, $"what comes behind a hello {what} is delivered", () => node.Log.All);
        var receiver = node.Pair(1).Receiver;
        Assert.Equal((2, 0, 0, 1), (receiver.Controls, receiver.Malformed, receiver.Disconnects, receiver.Connects));
        Assert.DoesNotContain(node.Device.Calls, static call => call.StartsWith("bind", StringComparison.Ordinal));
        Assert.DoesNotContain(node.Log.EventIds, static id => id is 500 or 501);
    }

    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public async Task A_copy_request_in_a_batch_is_refused_alone(DataModel abi)
    {
        await using var node = await StartAsync(abi);
        node.Device.OnProcessInfo = static number => new ProcessInfo { Number = number, Endpoint = number, NodeId = 1 };
        using var socket = node.ConnectAs(1);
        byte[] batch =
        [
            .. Write(abi, (ref CommandHeader header) => (header.Flags, header.BatchCount, header.PayloadLength) = (CommandFlags.Batch, 3, 3 * WireLayout.For(abi).HeaderSize)),
            .. Write(abi, static (ref CommandHeader header) => header.Message.Type = 2),
            .. Write(abi, static (ref CommandHeader header) =>
            {
                (header.Command, header.PayloadLength, header.Copy.Length) = (CommandCode.CopyInRequest, 100, 100);
                (header.Copy.RequesterEndpoint, header.Copy.DestinationEndpoint) = (60, 41);
            }),
            .. Write(abi, static (ref CommandHeader header) => header.Message.Type = 3),
        ];
        socket.Send(batch);
        socket.Send(Write(abi));

        Eventually.True(() => node.Device.Delivered.Count == 4, "the others of the batch and what follows are delivered", () => node.Log.All);
        Assert.Equal([1, 2, 3, 1], node.Device.Delivered.Select(static delivered => delivered.Header.Message.Type));
        Assert.Contains(404, node.Log.EventIds);
        var counters = node.Pair(1).Receiver;
        Assert.Equal((1, 0, 0, 1), (counters.InvalidCommands, counters.Malformed, counters.Disconnects, counters.Batches));
    }

    [Fact]
    public async Task The_requester_of_a_copy_that_was_refused_in_a_batch_is_told()
    {
        using var receiver = new ScriptedReceiver();
        await using var node = await StartAsync(DataModel.Lp64, receiver.Port);
        await receiver.AcceptAsync();
        node.Device.OnProcessInfo = static number => new ProcessInfo { Number = number, Endpoint = number, NodeId = 1 };
        using var socket = node.ConnectAs(1);
        socket.Send([
            .. Write(DataModel.Lp64, static (ref CommandHeader header) => (header.Flags, header.BatchCount, header.PayloadLength) = (CommandFlags.Batch, 1, 168)),
            .. Write(DataModel.Lp64, static (ref CommandHeader header) =>
            {
                (header.Command, header.PayloadLength, header.Copy.Length) = (CommandCode.CopyInRequest, 100, 100);
                (header.Copy.RequesterEndpoint, header.Copy.DestinationEndpoint) = (60, 41);
            })]);

        var answer = receiver.ReadCommand();

        Assert.Equal((CommandCode.CopyRemoteAck, (int)DvkError.InputOutput, 60), (answer.Command, answer.ResultCode, answer.DestinationEndpoint));
    }

    [Fact]
    public async Task On_a_shared_port_a_hello_that_names_nobody_waits_for_the_next_frame()
    {
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared);
        node.AddPeer(2, "127.0.0.1", 9, shared);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);
        socket.Send(new byte[168]);
        socket.Send(new byte[168]);
        socket.Send(Frames.Message(2, 0));

        Eventually.True(() => node.Device.Delivered.Count == 1, "the frame behind the hellos says whose it is", () => node.Log.All);
        Assert.Equal((0, 1, 2), (node.Pair(1).Receiver.Connects, node.Pair(2).Receiver.Connects, node.Pair(2).Receiver.Controls));
    }

    [Fact]
    public async Task On_a_shared_port_a_hello_that_names_nobody_goes_by_an_address_that_fits_one_peer()
    {
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared, static peer => peer.Allow.Add("127.0.0.3"));
        node.AddPeer(2, "127.0.0.1", 9, shared, static peer => peer.Allow.Add("127.0.0.1"));
        await node.StartAsync();
        using var socket = node.ConnectAs(1);
        socket.Send(new byte[168]);

        Eventually.True(() => node.Pair(2).Receiver.Controls == 1, "the hello is its", () => node.Log.All);
        Assert.Equal(0, node.Pair(1).Receiver.Connects);
    }

    [Fact]
    public async Task A_silent_classic_peer_is_taken_by_its_address_in_the_end_and_not_cut()
    {
        await using var node = new ScriptedNode(0);
        var shared = LoopbackPort.Reserve(node.Address);
        node.AddPeer(1, "127.0.0.1", 9, shared, static peer => peer.Allow.Add("127.0.0.3"));
        node.AddPeer(2, "127.0.0.1", 9, shared, static peer => peer.Allow.Add("127.0.0.1"));
        node.Options.HandshakeTimeout = TimeSpan.FromSeconds(1);
        await node.StartAsync();
        using var socket = node.ConnectAs(1);

        Eventually.True(() => node.Pair(2).Receiver.State == ProxyState.Connected, "it is taken", () => node.Log.All);
        socket.Send(Frames.Message(2, 0));
        Eventually.True(() => node.Device.Delivered.Count == 1, "and served", () => node.Log.All);
        Assert.Equal(0, node.Pair(2).Receiver.Refused);
    }

    private delegate void Change(ref CommandHeader header);

    private static byte[] Write(DataModel abi, Change? change = null)
    {
        var header = ScriptedNode.Message(1, 0, 1);
        change?.Invoke(ref header);
        var bytes = new byte[WireLayout.For(abi).HeaderSize];
        WireLayout.For(abi).Write(bytes, in header);
        return bytes;
    }

    private static async Task<ScriptedNode> StartAsync(DataModel abi, int sendPort = 9)
    {
        var node = new ScriptedNode(0);
        node.Options.DataModel = abi;
        node.AddPeer(1, "127.0.0.1", sendPort);
        await node.StartAsync();
        return node;
    }
}
