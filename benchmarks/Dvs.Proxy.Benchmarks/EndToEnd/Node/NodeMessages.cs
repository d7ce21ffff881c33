using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What a node process is told; one line of JSON each.</summary>
internal enum NodeVerb
{
    /// <summary>Starts proxies and waits until all pairs are connected.</summary>
    Start,

    /// <summary>Opens the flows.</summary>
    Open,

    /// <summary>Measures for some time, or until so many commands have passed.</summary>
    Measure,

    /// <summary>Closes the flows.</summary>
    Close,

    /// <summary>Tells what has passed so far.</summary>
    Count,

    /// <summary>Memory after a collection.</summary>
    Memory,

    /// <summary>Runs LZ4 block compression alone on one core.</summary>
    Compress,

    /// <summary>Stops the proxies.</summary>
    Stop,
}

/// <summary>One instruction.</summary>
internal sealed record NodeRequest(NodeVerb Verb)
{
    public NodeStart? Start { get; init; }

    public double Seconds { get; init; }

    /// <summary>Measure at least until the process has received or sent this many.</summary>
    public long Commands { get; init; }

    public ContentKind Content { get; init; }
}

/// <summary>A pair to be: both ports are chosen by the coordinator.</summary>
internal sealed record NodePair(int LocalNode, int PeerNode, int ListenPort, int ConnectPort);

/// <summary>What to start.</summary>
internal sealed record NodeStart(FlowPlan Flow, bool Sends, LinkOptions Link, int SpinMicroseconds, IReadOnlyList<NodePair> Pairs);

/// <summary>What the pairs are configured to do.</summary>
internal sealed record LinkOptions(bool Batch, PayloadCompression Compress, bool Session, FrameDigestKind Digest, bool Unix = false)
{
    /// <summary>Longest wait between two attempts to connect.</summary>
    public double BackoffMilliseconds { get; init; } = 50;

    /// <summary>Microseconds for which the proxies look for work before they sleep.</summary>
    public int Spin { get; init; }
}

/// <summary>Which commands flow.</summary>
internal sealed record FlowPlan(FlowKind Kind, ContentKind Content, IReadOnlyList<int> Pattern)
{
    public static FlowPlan Ping { get; } = new(FlowKind.PingPong, ContentKind.Stamp, []);

    public static FlowPlan PingBesideBulk { get; } = new(FlowKind.PingBesideBulk, ContentKind.Stamp, [BlockContent.Largest]);

    public static FlowPlan Headers { get; } = new(FlowKind.Headers, ContentKind.Stamp, []);

    public static FlowPlan Of(ContentKind content, params int[] pattern) => new(FlowKind.Pattern, content, pattern);
}

/// <summary>The kinds of <see cref="PairFlow"/>.</summary>
internal enum FlowKind
{
    PingPong,
    PingBesideBulk,
    Headers,
    Pattern,
}

/// <summary>An answer.</summary>
internal sealed record NodeReply
{
    /// <summary>What went wrong; null if nothing.</summary>
    public string? Failure { get; init; }

    /// <summary>How the pairs are, where something is odd about them; for people.</summary>
    public string? Status { get; init; }

    public double Seconds { get; init; }

    public long Sent { get; init; }

    public long SentBytes { get; init; }

    public long Received { get; init; }

    public long ReceivedBytes { get; init; }

    public long Errors { get; init; }

    public double CpuUser { get; init; }

    public double CpuSystem { get; init; }

    public long Allocated { get; init; }

    public long PeakKiB { get; init; }

    public long PrivateKiB { get; init; }

    public LatencySummary Latency { get; init; }

    public double Cpu => CpuUser + CpuSystem;
}
