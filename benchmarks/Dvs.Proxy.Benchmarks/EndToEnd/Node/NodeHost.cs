using System.Diagnostics;
using System.Text.Json;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Pairing;
using K4os.Compression.LZ4;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>A node process: does what it is told on its standard input, until that ends.</summary>
internal sealed class NodeHost
{
    /// <summary>The hidden verb.</summary>
    public const string Verb = "e2e-node";

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(30);

    private readonly List<MultiNodeProxy> _proxies = [];
    private readonly List<PairFlow> _flows = [];

    public static int Run()
    {
        var host = new NodeHost();
        while (Console.In.ReadLine() is { } line)
        {
            NodeReply reply;
            try
            {
                reply = host.Handle(JsonSerializer.Deserialize<NodeRequest>(line)!);
            }
#pragma warning disable CA1031 // Whatever it is, the coordinator shows it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                reply = new NodeReply { Failure = failure.ToString() };
            }

            Console.WriteLine(JsonSerializer.Serialize(reply));
        }

        return 0;
    }

    private NodeReply Handle(NodeRequest request)
    {
        switch (request.Verb)
        {
            case NodeVerb.Start:
                Start(request.Start!);
                return new NodeReply();
            case NodeVerb.Open:
                _flows.ForEach(static flow => flow.IsOpen = true);
                return new NodeReply();
            case NodeVerb.Close:
                _flows.ForEach(static flow => flow.IsOpen = false);
                return new NodeReply();
            case NodeVerb.Measure:
                return Measure(request.Seconds, request.Commands);
            case NodeVerb.Count:
                return Count() with { Status = Describe() };
            case NodeVerb.Memory:
                return MeasureMemory();
            case NodeVerb.Compress:
                return CompressAlone(new BlockContent(request.Content), request.Seconds);
            case NodeVerb.Stop:
                Stop();
                return new NodeReply();
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request.Verb, "Unknown.");
        }
    }

    private void Start(NodeStart start)
    {
        var content = new BlockContent(start.Flow.Content);
        foreach (var node in start.Pairs.GroupBy(static pair => pair.LocalNode))
        {
            List<PairFlow> flows = [.. node.Select(pair => CreateFlow(start, pair, content))];
            var options = new ProxyOptions { NodeId = node.Key };
            foreach (var pair in node)
            {
                options.Peers.Add(CreatePeer(start, pair));
            }

            var proxy = new MultiNodeProxy(new BenchmarkDevice(node.Key, flows), Options.Create(options));
            proxy.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
            _proxies.Add(proxy);
            _flows.AddRange(flows);
        }

        var started = Stopwatch.GetTimestamp();
        while (!_flows.TrueForAll(static flow => flow.IsSenderConnected && flow.IsReceiverConnected))
        {
            if (Stopwatch.GetElapsedTime(started) > ConnectLimit)
            {
                throw new TimeoutException($"Not all pairs connected within {ConnectLimit}: {string.Join("; ", _proxies.Select(static proxy => proxy.GetStatus()))}");
            }

            Thread.Sleep(1);
        }
    }

    private static PairFlow CreateFlow(NodeStart start, NodePair pair, BlockContent content)
    {
        var spin = TimeSpan.FromMicroseconds(start.SpinMicroseconds);
        return start.Flow.Kind switch
        {
            FlowKind.PingPong => new PingPongFlow(pair.LocalNode, pair.PeerNode, spin, start.Sends),
            FlowKind.PingBesideBulk => new PingPongFlow(pair.LocalNode, pair.PeerNode, spin, start.Sends, content),
            FlowKind.Headers => new HeaderFlow(pair.LocalNode, pair.PeerNode, spin),
            _ => new PatternFlow(pair.LocalNode, pair.PeerNode, spin, start.Flow.Pattern, content),
        };
    }

    private static PeerOptions CreatePeer(NodeStart start, NodePair pair) => new()
    {
        Name = $"node{pair.PeerNode}",
        ProxyId = pair.PeerNode,
        Transport = start.Link.Unix ? "unix" : "tcp",
        Host = start.Link.Unix ? null : "127.0.0.1",
        ListenHost = start.Link.Unix ? null : "127.0.0.1",
        ListenPort = start.Link.Unix ? null : pair.ListenPort,
        ConnectPort = start.Link.Unix ? null : pair.ConnectPort,

        // The ports are good for names that nobody else has.
        ListenPath = start.Link.Unix ? $"@dvs-e2e-{pair.ListenPort}" : null,
        ConnectPath = start.Link.Unix ? $"@dvs-e2e-{pair.ConnectPort}" : null,
        Batch = start.Link.Batch,
        MaxBatchCommands = start.Link.Batch ? null : 0,
        Compress = start.Link.Compress,
        UseSession = start.Link.Session,
        FrameDigest = start.Link.Digest,
        Spin = TimeSpan.FromMicroseconds(start.Link.Spin),
        BackoffMinimum = TimeSpan.FromMilliseconds(Math.Min(5, start.Link.BackoffMilliseconds)),
        BackoffMaximum = TimeSpan.FromMilliseconds(start.Link.BackoffMilliseconds),
    };

    // Nothing this method itself allocates may lie between the two samples.
    private NodeReply Measure(double seconds, long commands)
    {
        ProcessSample.ResetPeak();
        SetRecording(true);
        var first = Count();
        var before = ProcessSample.Take(exactAllocation: true);
        var started = Stopwatch.GetTimestamp();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        while (CountBoth() < first.Sent + first.Received + commands && Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(10))
        {
            Thread.Sleep(20);
        }

        var after = ProcessSample.Take(exactAllocation: true);
        var last = Count();
        SetRecording(false);
        Thread.Sleep(2);
        return last with
        {
            Seconds = after.Seconds - before.Seconds,
            Sent = last.Sent - first.Sent,
            SentBytes = last.SentBytes - first.SentBytes,
            Received = last.Received - first.Received,
            ReceivedBytes = last.ReceivedBytes - first.ReceivedBytes,
            CpuUser = after.CpuUser - before.CpuUser,
            CpuSystem = after.CpuSystem - before.CpuSystem,
            Allocated = after.Allocated - before.Allocated,
            PeakKiB = ProcessSample.PeakKiB(),
            Latency = _flows.Find(static flow => flow.Latency is not null)?.Latency!.Summarise() ?? default,
        };
    }

    private long CountBoth()
    {
        long sum = 0;
        foreach (var flow in _flows)
        {
            sum += Volatile.Read(ref flow.Sent.Commands) + Volatile.Read(ref flow.Received.Commands);
        }

        return sum;
    }

    private void SetRecording(bool isOn)
    {
        foreach (var flow in _flows)
        {
            if (flow.Latency is { } latency)
            {
                latency.IsRecording = isOn;
            }
        }
    }

    private NodeReply Count()
    {
        long sent = 0, sentBytes = 0, received = 0, receivedBytes = 0, errors = 0;
        foreach (var flow in _flows)
        {
            sent += Volatile.Read(ref flow.Sent.Commands);
            sentBytes += Volatile.Read(ref flow.Sent.Bytes);
            received += Volatile.Read(ref flow.Received.Commands);
            receivedBytes += Volatile.Read(ref flow.Received.Bytes);
            errors += flow.Errors;
        }

        return new NodeReply { Sent = sent, SentBytes = sentBytes, Received = received, ReceivedBytes = receivedBytes, Errors = errors };
    }

    private string Describe() => string.Join("; ", _proxies.SelectMany(static proxy => proxy.GetStatus().Pairs)
        .Where(static pair => pair.Sender.Lost + pair.Receiver.Lost + pair.Sender.Disconnects + pair.Receiver.Disconnects + pair.Receiver.Malformed > 0)
        .Select(static pair => $"{pair.Name}: sender lost {pair.Sender.Lost}, disconnected {pair.Sender.Disconnects} times ({pair.Sender.LastError}), "
            + $"receiver disconnected {pair.Receiver.Disconnects} times ({pair.Receiver.LastError}), malformed {pair.Receiver.Malformed}"));

    private static NodeReply MeasureMemory()
    {
        for (var pass = 0; pass < 2; pass++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return new NodeReply { PrivateKiB = ProcessSample.PrivateKiB() };
    }

    private static NodeReply CompressAlone(BlockContent content, double seconds)
    {
        var target = new byte[LZ4Codec.MaximumOutputSize(BlockContent.Largest)];
        long number = 0, packed = 0;
        var started = Stopwatch.GetTimestamp();
        var before = ProcessSample.Take();
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            packed += LZ4Codec.Encode(content.Source(BlockContent.Largest, number++), target, LZ4Level.L00_FAST);
        }

        var after = ProcessSample.Take();
        return new NodeReply
        {
            Seconds = after.Seconds - before.Seconds,
            Sent = number,
            SentBytes = number * BlockContent.Largest,
            ReceivedBytes = packed,
            CpuUser = after.CpuUser - before.CpuUser,
            CpuSystem = after.CpuSystem - before.CpuSystem,
        };
    }

    private void Stop()
    {
        Task.WhenAll(_proxies.Select(static proxy => proxy.StopAsync(CancellationToken.None))).GetAwaiter().GetResult();
        _proxies.ForEach(static proxy => proxy.Dispose());
        _proxies.Clear();
        _flows.Clear();
    }
}
