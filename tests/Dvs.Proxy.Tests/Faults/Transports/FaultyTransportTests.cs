using System.Buffers;
using System.IO.Pipelines;
using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>The faults really happen to connections of both transports.</summary>
public class FaultyTransportTests
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 5000).Select(static value => (byte)(value * 7))];

    public static TheoryData<bool> Transports => [true, false];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Without_faults_bytes_pass_both_ways(bool tcp)
    {
        await using var link = await Link.MakeAsync(tcp, [], [], connections: 0);

        Assert.Equal(Bytes, await link.SendAsync(Bytes, complete: true));
        Assert.Equal(Bytes, await link.AnswerAsync(Bytes, complete: true));
        Assert.Equal(0, link.Schedule.Log.Total);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_cut_ends_both_directions_at_its_byte(bool tcp)
    {
        await using var link = await Link.MakeAsync(tcp, [], [FaultKind.Cut]);

        var got = await link.SendAsync(Bytes, complete: false);
        Assert.True(got.Length <= link.EndOut);
        Assert.Equal(Bytes[..got.Length], got);
        Assert.Empty(await link.AnswerAsync([], complete: false));
        Assert.Equal(1, link.Schedule.Log[FaultKind.Cut]);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_half_close_ends_one_direction_and_the_writer_does_not_notice(bool tcp)
    {
        await using var link = await Link.MakeAsync(tcp, [], [FaultKind.HalfClose]);

        Assert.Equal(Bytes[..link.EndOut], await link.SendAsync(Bytes, complete: false));
        link.Near.Output.Write(Bytes);
        Assert.False((await link.Near.Output.FlushAsync()).IsCompleted);
        var answered = await link.AnswerAsync(Bytes, complete: true);
        Assert.Equal(Bytes[..Math.Min(Bytes.Length, link.EndBack)], answered);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Swallowed_bytes_never_come_and_the_connection_is_cut(bool tcp)
    {
        await using var link = await Link.MakeAsync(tcp, [], [FaultKind.Swallow]);

        var got = await link.SendAsync(Bytes, complete: false);
        Assert.True(got.Length <= link.EndOut);
        Assert.Equal(1, link.Schedule.Log[FaultKind.Swallow]);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Split_bytes_and_stalled_bytes_come_all_the_same(bool tcp)
    {
        await using var link = await Link.MakeAsync(tcp, [FaultKind.Split, FaultKind.Stall], []);

        Assert.Equal(Bytes, await link.SendAsync(Bytes, complete: true));
        Assert.True(link.Schedule.Log.Total > 0);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Flipped_bits_arrive_flipped(bool tcp)
    {
        await using var link = await Link.MakeAsync(tcp, [FaultKind.Flip], []);

        var got = await link.SendAsync(Bytes, complete: true);
        Assert.Equal(Bytes.Length, got.Length);
        Assert.InRange(got.Zip(Bytes).Count(static pair => pair.First != pair.Second), 1, link.Schedule.Log[FaultKind.Flip]);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_refused_attempt_fails_and_says_why(bool tcp)
    {
        var schedule = new FaultSchedule(FindSeed(static schedule => schedule.Refuses("a attempt", 0)), new FaultMix());
        var transport = new FaultyTransport(MakeInner(tcp), schedule, "a");

        var refusal = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await transport.ConnectAsync(new TransportEndpoint("127.0.0.1", 9), CancellationToken.None));
        Assert.Contains("refused", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, schedule.Log[FaultKind.Refuse]);
    }

    private static IProxyTransport MakeInner(bool tcp) => tcp ? new TcpTransport() : new InMemoryTransport();

    private static int FindSeed(Func<FaultSchedule, bool> isWanted, FaultMix? mix = null) =>
        Enumerable.Range(1, 10_000).First(seed => isWanted(new FaultSchedule(seed, mix ?? new FaultMix())));

    private sealed class Link : IAsyncDisposable
    {
        private IProxyListener _listener = null!;

        public FaultSchedule Schedule { get; private set; } = null!;

        public ProxyConnection Near { get; private set; } = null!;

        private ProxyConnection Far { get; set; } = null!;

        /// <summary>Bytes that pass before the way out ends.</summary>
        public int EndOut => EndOf(Schedule.Faults("node connected", 0));

        /// <summary>Bytes that pass before the way back ends.</summary>
        public int EndBack => EndOf(Schedule.Faults("node accepted", 0));

        /// <summary>A link whose way out has faults of these kinds within the test's bytes, and whose way back does not end before.</summary>
        public static async Task<Link> MakeAsync(bool tcp, FaultKind[] passing, FaultKind[] ending, int connections = 1)
        {
            var mix = new FaultMix { Refuses = false, Passing = passing, Ending = ending, LargestPosition = 4096, FaultyConnections = connections };
            var seed = FindSeed(
                schedule => connections == 0 || (schedule.Faults("node connected", 0).Count > 0 && (ending.Length == 0 || EndOf(schedule.Faults("node connected", 0)) < 4096)), mix);
            var link = new Link { Schedule = new FaultSchedule(seed, mix) };
            var transport = new FaultyTransport(MakeInner(tcp), link.Schedule, "node");
            link._listener = await transport.ListenAsync(new TransportEndpoint("127.0.0.1", 0), CancellationToken.None);
            var accepting = Task.Run(async () => await link._listener.AcceptAsync(CancellationToken.None));
            link.Near = await transport.ConnectAsync(link._listener.LocalEndpoint, CancellationToken.None);
            link.Far = (await accepting)!;
            return link;
        }

        public Task<byte[]> SendAsync(byte[] bytes, bool complete) => PassAsync(Near.Output, Far.Input, bytes, complete);

        public Task<byte[]> AnswerAsync(byte[] bytes, bool complete) => PassAsync(Far.Output, Near.Input, bytes, complete);

        public async ValueTask DisposeAsync()
        {
            Near.Abort();
            Far.Abort();
            await Near.DisposeAsync();
            await Far.DisposeAsync();
            await _listener.DisposeAsync();
        }

        private static int EndOf(IReadOnlyList<Fault> faults) =>
            (int)faults.Where(static fault => fault.IsEnd || fault.Kind == FaultKind.Swallow).Select(static fault => fault.Position).FirstOrDefault(int.MaxValue);

        // Everything that comes until the end of the stream.
        private static async Task<byte[]> PassAsync(PipeWriter output, PipeReader input, byte[] bytes, bool complete)
        {
            var reading = Task.Run(() => ReadAll(input));
            await Task.Run(() =>
            {
                output.Write(bytes);
                output.FlushBlocking();
                if (complete)
                {
                    output.Complete();
                }
            });
            return await reading.WaitAsync(Eventually.Limit);
        }

        private static byte[] ReadAll(PipeReader input)
        {
            var all = new List<byte>();
            try
            {
                while (true)
                {
                    var result = input.ReadBlocking();
                    all.AddRange(result.Buffer.ToArray());
                    input.AdvanceTo(result.Buffer.End);
                    if (result.IsCompleted)
                    {
                        break;
                    }
                }
            }
            catch (IOException)
            {
                // A broken connection ends as well.
            }

            return [.. all];
        }
    }
}
