using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Tests.Pairing;

/// <summary>
/// What a pair's two threads allocate for commands, over sockets and with everything on, counted by the threads themselves: inside their driver calls. A window
/// that grows allocates once, so the least of several stretches counts.
/// </summary>
public class SteadyStateAllocationTests
{
    private const int Stretches = 4;
    private const int CommandsPerStretch = 24_000;
    private const int CommandsToABlock = 16;
    private const int BlockLength = 8192;
    private const int Total = (1 + Stretches) * CommandsPerStretch;

    [Fact]
    public async Task A_session_allocates_nothing() => await Run(static _ => { });

    [Fact]
    public async Task A_session_with_compression_and_MD5_allocates_nothing() =>
        await Run(static peer => (peer.Compress, peer.FrameDigest) = (PayloadCompression.On, FrameDigestKind.Md5));

    [Fact]
    public async Task A_session_of_lone_frames_allocates_nothing() => await Run(static peer => peer.MaxBatchCommands = 0);

    [Fact]
    public async Task A_classic_pair_with_batches_and_compression_allocates_nothing() =>
        await Run(static peer => (peer.UseSession, peer.Batch, peer.Compress) = (false, true, PayloadCompression.On));

    private static async Task Run(Action<PeerOptions> configure)
    {
        using var source = new CountingDevice(0, Total);
        using var sink = new CountingDevice(1, 0);
        var addresses = new[] { LoopbackPort.NewAddress(), LoopbackPort.NewAddress() };
        var ports = new[] { LoopbackPort.Reserve(addresses[0]), LoopbackPort.Reserve(addresses[1]) };
        var log = new CapturingLoggerFactory();
        using var first = Create(source, 0);
        using var second = Create(sink, 1);
        await first.StartAsync(CancellationToken.None);
        await second.StartAsync(CancellationToken.None);
        try
        {
            Eventually.True(() => sink.Received == Total, "all commands arrive", () => $"{sink.Received} of {Total}\n{first.GetStatus()}\n{log.All}");
        }
        finally
        {
            await first.StopAsync(CancellationToken.None);
            await second.StopAsync(CancellationToken.None);
        }

        Assert.Equal(0, sink.Wrong);
        Assert.Equal((0, 0), (source.LeastSending, sink.LeastReceiving));

        MultiNodeProxy Create(IDvkProxyCalls device, int node)
        {
            var peer = new PeerOptions
            {
                Name = $"node{1 - node}",
                ProxyId = 1 - node,
                Host = addresses[1 - node],
                ConnectPort = ports[1 - node],
                ListenHost = addresses[node],
                ListenPort = ports[node],
                BackoffMinimum = TimeSpan.FromMilliseconds(10),
                BackoffMaximum = TimeSpan.FromMilliseconds(100),
            };
            configure(peer);
            return new MultiNodeProxy(device, Options.Create(new ProxyOptions { NodeId = node, Peers = { peer } }), loggerFactory: log);
        }
    }

    /// <summary>Hands out so many commands as fast as they are asked for, or takes them in, and notes what its caller's thread has allocated at the end of each stretch.</summary>
    private sealed class CountingDevice(int nodeId, int total) : DelegatingDvkProxyCalls(new ScriptedProxyDevice(nodeId))
    {
        private readonly CommandHeader _message = ScriptedNode.Message(0, 1, 0);
        private readonly CommandHeader _block = ScriptedNode.Block(0, 1, BlockLength);
        private readonly long[] _sending = new long[1 + Stretches];
        private readonly long[] _receiving = new long[1 + Stretches];
        private int _sent;
        private int _received;

        public int Received => Volatile.Read(ref _received);

        public int Wrong { get; private set; }

        public long LeastSending => Least(_sending);

        public long LeastReceiving => Least(_receiving);

        public override DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
        {
            if (_sent == total)
            {
                return base.GetToRemote(out header, payload, timeoutMilliseconds);
            }

            var isBlock = _sent % CommandsToABlock == 0;
            header = isBlock ? _block : _message;
            header.Copy.SourceAddress = (ulong)_sent;
            if (isBlock)
            {
                payload[..BlockLength].Fill((byte)_sent);
            }

            Note(_sending, ++_sent);
            return DvkError.Ok;
        }

        public override DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload)
        {
            var isBlock = _received % CommandsToABlock == 0;
            if (header.Copy.SourceAddress != (ulong)_received || payload.Length != (isBlock ? BlockLength : 0) || payload.IndexOfAnyExcept((byte)_received) >= 0)
            {
                Wrong++;
            }

            Note(_receiving, _received + 1);
            Volatile.Write(ref _received, _received + 1);
            return DvkError.Ok;
        }

        private static void Note(long[] marks, int count)
        {
            if (count % CommandsPerStretch == 0)
            {
                marks[(count / CommandsPerStretch) - 1] = GC.GetAllocatedBytesForCurrentThread();
            }
        }

        private static long Least(long[] marks) => Enumerable.Range(1, Stretches).Min(stretch => marks[stretch] - marks[stretch - 1]);
    }
}
