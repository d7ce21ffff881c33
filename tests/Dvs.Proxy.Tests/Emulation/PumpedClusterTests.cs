#pragma warning disable CA5351 // MD5 is what the classic test programs compare blocks by.
using System.Security.Cryptography;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Emulation;

/// <summary>Two and three emulated nodes, joined by pumps, do what the classic test programs do.</summary>
public sealed class PumpedClusterTests
{
    private const int Client = 2;
    private const int Server = 3;
    private const int Third = 4;

    public static TheoryData<int> Sizes => [0, 1, 65_535, 65_536, 65_537, 1_048_576];

    [Fact]
    public void Sendrec_and_reply_across_nodes()
    {
        using var cluster = new PumpedCluster(2);
        var server = cluster.Start(0, Server, process =>
        {
            while (true)
            {
                var request = process.ReceiveRequest();
                request.Type++;
                process.Reply(request.Source, request);
                if (request.Type == 1)
                {
                    return;
                }
            }
        });
        var client = cluster.Start(1, Client, process =>
        {
            for (var i = 100; i > -1; i--)
            {
                var message = new Message { Type = i };
                process.SendReceive(Server, ref message);
                Assert.Equal(i + 1, message.Type);
                Assert.Equal(Server, message.Source);
            }
        });
        cluster.Run(client, server);
        Assert.Empty(cluster.Refused);
        Assert.Contains(cluster.Carried, h => h.Command == CommandCode.SendReceiveMessage && h.ProcessId == client.ThreadId && !h.Timestamp.IsEmpty);
    }

    [Fact]
    public void Sends_arrive_in_order_and_end_when_received()
    {
        using var cluster = new PumpedCluster(2);
        var received = new List<int>();
        var server = cluster.Start(0, Server, process =>
        {
            for (var i = 0; i < 200; i++)
            {
                received.Add(process.Receive(Client).Type);
            }
        });
        var client = cluster.Start(1, Client, process =>
        {
            for (var i = 0; i < 200; i++)
            {
                process.Send(Server, new Message { Type = i });
            }
        });
        cluster.Run(client, server);
        Assert.Equal(Enumerable.Range(0, 200), received);
        Assert.Empty(cluster.Refused);
    }

    [Fact]
    public void Notify_reaches_a_remote_process_pending_or_waiting()
    {
        using var cluster = new PumpedCluster(2);
        var server = cluster.Start(0, Server, process =>
        {
            var first = process.Receive();
            Assert.Equal(0x1000 + Client, first.Type);
            Assert.Equal(Client, first.Source);
            process.Send(Client, default);
        });
        var client = cluster.Start(1, Client, process =>
        {
            process.Notify(Server, 5);
            process.Receive(Server);
        });
        cluster.Run(client, server);
        Assert.Empty(cluster.Refused);
        Assert.Contains(cluster.Carried, h => h.Command == CommandCode.NotifyMessage && h.ResultCode == 5 && h.Message.Type == 0x1000 + Client);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Copy_local_to_remote(int size) => Copy(requester: 0, source: 0, destination: 1, size);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Copy_remote_to_local(int size) => Copy(requester: 0, source: 1, destination: 0, size);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Copy_between_two_processes_of_the_other_node(int size) => Copy(requester: 0, source: 1, destination: 1, size);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Copy_between_two_other_nodes(int size) => Copy(requester: 0, source: 1, destination: 2, size);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Copy_on_one_node(int size) => Copy(requester: 0, source: 0, destination: 0, size);

    // The requester is a third process throughout: the other two wait for it in receive.
    private static void Copy(int requester, int source, int destination, int size)
    {
        using var cluster = new PumpedCluster(3);
        var content = new byte[size];
        new Random(size).NextBytes(content);
        byte[]? digest = null;
        var sender = cluster.Start(source, Client, process =>
        {
            using var buffer = process.AllocateBuffer(Math.Max(size, 1));
            content.CopyTo(buffer.Span);
            Offer(process, buffer);
        });
        var receiver = cluster.Start(destination, Server, process =>
        {
            using var buffer = process.AllocateBuffer(Math.Max(size, 1));
            Offer(process, buffer);
            digest = MD5.HashData(buffer.Span[..size]);
        });
        var asker = cluster.Start(requester, Third, process =>
        {
            var from = BitConverter.ToUInt64(process.Receive(Client).Body.ReadOnlyBytes);
            var to = BitConverter.ToUInt64(process.Receive(Server).Body.ReadOnlyBytes);
            process.Copy(Client, from, Server, to, size);
            process.Reply(Client, default);
            process.Reply(Server, default);
        });
        cluster.Run(asker, sender, receiver);
        Assert.Equal(MD5.HashData(content), digest);
        Assert.Empty(cluster.Refused);
    }

    private static void Offer(DvkProcess process, DvkBuffer buffer)
    {
        var message = new Message { Type = 1 };
        BitConverter.TryWriteBytes(message.Body.Bytes, buffer.Address);
        process.SendReceive(Third, ref message);
    }
}
