using System.Net;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>Sessions that decide by themselves whether they compress: they change over in the middle of the traffic, while connections break.</summary>
public class AutomaticCompressionTests
{
    private const int Blocks = 700;

    private static readonly FaultMix Cuts = new() { LargestPosition = 16_000_000, Refuses = false };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task All_blocks_arrive_once_and_intact_compressed_or_not(int seed)
    {
        var schedule = new FaultSchedule(seed, Cuts);
        var network = new InMemoryTransport();
        await using var a = Create(0, new FaultyTransport(network, schedule, "0"));
        await using var b = Create(1, new FaultyTransport(network, schedule, "1"));
        await a.StartAsync();
        await b.StartAsync();
        byte[][] kinds = [Text(), Noise(seed)];
        for (var number = 0; number < Blocks; number++)
        {
            var header = ScriptedNode.Block(0, 1, 65_536);
            header.Message.Type = number;
            a.Device.Enqueue(in header, kinds[number / 100 % 2]);
        }

        // Traffic goes on until the other way was tried.
        var sent = Blocks;
        while (a.Pair(1).Sender is var sender && (sender.CompressedFrames == 0 || sender.CompressedFrames == sender.Frames) && sent < 10 * Blocks)
        {
            Eventually.True(() => b.Device.Delivered.Count >= sent - 50, "traffic goes on", () => $"{schedule.Log}\n{a.Log.All}\n{b.Log.All}");
            var header = ScriptedNode.Block(0, 1, 65_536);
            header.Message.Type = sent;
            a.Device.Enqueue(in header, kinds[sent++ / 100 % 2]);
        }

        Eventually.True(() => b.Device.Delivered.Count >= sent, "all arrive", () => $"{schedule.Log}\n{a.Log.All}\n{b.Log.All}");
        Assert.Equal(Enumerable.Range(0, sent), b.Device.Delivered.Select(static delivered => delivered.Header.Message.Type));
        Assert.All(b.Device.Delivered, delivered => Assert.True(kinds[delivered.Header.Message.Type / 100 % 2].AsSpan().SequenceEqual(delivered.Payload)));
        var last = a.Pair(1).Sender;
        Assert.InRange(last.CompressedFrames, 1, last.Frames - 1);
        Assert.Equal((0, 0, 0), (last.Lost, last.UnknownFate, last.PossiblyRepeated));
    }

    [Fact]
    public async Task Little_traffic_is_sent_as_it_is()
    {
        var network = new InMemoryTransport();
        await using var a = Create(0, network);
        await using var b = Create(1, network);
        await a.StartAsync();
        await b.StartAsync();
        for (var number = 0; number < 50; number++)
        {
            a.Device.Enqueue(ScriptedNode.Block(0, 1, 65_536), Text());
        }

        Eventually.True(() => b.Device.Delivered.Count == 50, "all arrive");
        Eventually.True(() => a.Pair(1).Sender.Frames == 50, "all are counted");
        Assert.Equal((0, false), (a.Pair(1).Sender.CompressedFrames, a.Pair(1).Sender.IsCompressing));
    }

    private static ScriptedNode Create(int nodeId, IProxyTransport transport)
    {
        int[] ports = [3001, 3000];
        var node = new ScriptedNode(nodeId, IPAddress.Loopback.ToString(), new TransportRegistry([transport]), time: new QuickTime());
        node.AddPeer(
            1 - nodeId, node.Address, ports[1 - nodeId], ports[nodeId], peer => (peer.UseSession, peer.Transport, peer.Compress) = (true, transport.Name, PayloadCompression.Auto));
        return node;
    }

    private static byte[] Text() => [.. Enumerable.Range(0, 65_536).Select(static index => (byte)("the quick brown fox "[index % 20] + (index % 97 == 0 ? 1 : 0)))];

    private static byte[] Noise(int seed)
    {
        var block = new byte[65_536];
        new Random(seed).NextBytes(block);
        return block;
    }

    // What takes seconds of traffic elsewhere takes a fraction here.
    private sealed class QuickTime : TimeProvider
    {
        private const int TimesFaster = 20;

        public override long GetTimestamp() => TimesFaster * base.GetTimestamp();
    }
}
