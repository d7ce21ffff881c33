using System.Net;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>Bits flipped anywhere, in headers and control messages, too, under sessions with digests: nothing wrong is delivered, nothing lost or repeated.</summary>
public sealed class DigestedSessionTests : IDisposable
{
    private const int Commands = 200;

    private static readonly FaultMix Flips = new()
    {
        FaultyConnections = 8,
        Flips = 8,
        Passing = [],
        Ending = [],
        Refuses = false,
        LargestPosition = 20_000,
    };

    private readonly string _secret = Path.GetTempFileName();

    public DigestedSessionTests()
    {
        File.WriteAllText(_secret, Convert.ToHexString(Enumerable.Range(1, 32).Select(static value => (byte)value).ToArray()));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public static TheoryData<int, FrameDigestKind, bool> Seeds
    {
        get
        {
            var data = new TheoryData<int, FrameDigestKind, bool>();
            for (var seed = 1; seed <= 10; seed++)
            {
                data.Add(seed, FrameDigestKind.Xxh128, false);
                data.Add(seed, FrameDigestKind.Md5, false);
                data.Add(seed, FrameDigestKind.Xxh128, true);
            }

            return data;
        }
    }

    public void Dispose() => File.Delete(_secret);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_bit_is_flipped_all_commands_arrive_once_and_intact(int seed, FrameDigestKind kind, bool keyed)
    {
        var schedule = new FaultSchedule(seed, Flips);
        var network = new InMemoryTransport();
        await using var a = Create(0, new FaultyTransport(network, schedule, "0"), kind, keyed);
        await using var b = Create(1, new FaultyTransport(network, schedule, "1"), kind, keyed);
        await a.StartAsync();
        await b.StartAsync();
        var block = new byte[3000];
        new Random(seed).NextBytes(block.AsSpan(0, 1000));
        for (var number = 0; number < Commands; number++)
        {
            if (number % 20 == 0)
            {
                var header = ScriptedNode.Block(0, 1, block.Length);
                header.Message.Type = number;
                a.Device.Enqueue(in header, block);
            }
            else
            {
                a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
            }
        }

        Eventually.True(() => b.Device.Delivered.Count >= Commands, "all arrive", () => $"seed {seed}: {schedule.Log}\n{a.Log.All}\n{b.Log.All}");
        Assert.Equal(Enumerable.Range(0, Commands), b.Device.Delivered.Select(static delivered => delivered.Header.Message.Type));
        foreach (var (header, payload) in b.Device.Delivered)
        {
            var sent = header.Message.Type % 20 == 0 ? ScriptedNode.Block(0, 1, block.Length) : ScriptedNode.Message(0, 1, 0);
            Assert.Equal(
                (sent.Command, sent.SourceEndpoint, sent.DestinationEndpoint, sent.ProcessId, sent.Timestamp),
                (header.Command, header.SourceEndpoint, header.DestinationEndpoint, header.ProcessId, header.Timestamp));
            Assert.Equal(header.Message.Type % 20 == 0 ? block : [], payload);
        }

        var sender = a.Pair(1).Sender;
        Assert.Equal((0, 0, 0), (sender.Lost, sender.UnknownFate, sender.PossiblyRepeated));
        Assert.Equal(0, b.Pair(0).Receiver.FramesGivenUp);
    }

    private ScriptedNode Create(int nodeId, IProxyTransport transport, FrameDigestKind kind, bool keyed)
    {
        int[] ports = [3001, 3000];
        var node = new ScriptedNode(nodeId, IPAddress.Loopback.ToString(), new TransportRegistry([transport]));
        node.AddPeer(1 - nodeId, node.Address, ports[1 - nodeId], ports[nodeId], peer => Configure(peer, transport.Name, kind, keyed));
        return node;
    }

    private void Configure(PeerOptions peer, string transport, FrameDigestKind kind, bool keyed)
    {
        (peer.UseSession, peer.Transport, peer.Compress, peer.Batch, peer.FrameDigest) = (true, transport, PayloadCompression.On, true, kind);
        peer.SecretFile = keyed ? _secret : null;

        // A flip in the handshake may leave one side waiting for the other.
        (peer.ConnectTimeout, peer.HelloPeriod, peer.IdleTimeout) = (TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1));
    }
}
