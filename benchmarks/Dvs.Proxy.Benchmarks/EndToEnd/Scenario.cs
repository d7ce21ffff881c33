using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What "at the limit" means for a scenario, and how near it is to come.</summary>
internal sealed record Target
{
    /// <summary>At least this part of the limit's bytes per second.</summary>
    public double? Throughput { get; init; }

    /// <summary>At most this many times the limit's CPU per command, both sides together.</summary>
    public double? Cpu { get; init; }

    /// <summary>At most this many times the limit's median round trip.</summary>
    public double? Latency { get; init; }
}

/// <summary>One shape of traffic and the limit it is held against.</summary>
internal sealed record Scenario(string Name, string Title, FlowPlan Flow)
{
    public bool Batch { get; init; }

    public PayloadCompression Compress { get; init; }

    /// <summary>A reliable session, as is the default of the library; else the classic bytes.</summary>
    public bool Session { get; init; } = true;

    /// <summary>The digest behind every frame; in a session only.</summary>
    public FrameDigestKind Digest { get; init; } = FrameDigestKind.Xxh128;

    /// <summary>Over a Unix-domain socket instead of TCP; the limit stays the bare program over TCP.</summary>
    public bool Unix { get; init; }

    public int Peers { get; init; } = 1;

    /// <summary>Traffic in both directions at once.</summary>
    public bool Both { get; init; }

    /// <summary>What the bare program does.</summary>
    public required LimitShape Limit { get; init; }

    /// <summary>The limit is the slower of the bare program and LZ4 block compression alone on one core.</summary>
    public bool IsLimitedByCompression => Compress == PayloadCompression.On && Flow.Content != ContentKind.Stamp;

    public Target Target { get; init; } = new();

    /// <summary>Mean bytes of a command, header included.</summary>
    public double CommandSize => Flow.Pattern.Count == 0 ? BlockContent.HeaderSize : BlockContent.HeaderSize + Flow.Pattern.Average();

    /// <summary>All, in the order of the table.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("ping", "ping-pong of one header", FlowPlan.Ping)
        {
            Limit = LimitShape.Ping(BlockContent.HeaderSize), Target = new Target { Latency = 1.5 },
        },
        new("ping-classic", "the same without a session", FlowPlan.Ping)
        {
            Session = false, Limit = LimitShape.Ping(BlockContent.HeaderSize), Target = new Target { Latency = 1.5 },
        },
        new("ping-handoff", "ping-pong, beside a bare program with our threads", FlowPlan.Ping) { Limit = LimitShape.HandOff(BlockContent.HeaderSize) },
        new("headers", "headers one way, unbatched", FlowPlan.Headers)
        {
            Limit = LimitShape.Stream(65_536), Target = new Target { Throughput = 0.85, Cpu = 2 },
        },
        new("headers-batched", "headers one way, batched", FlowPlan.Headers)
        {
            Batch = true, Limit = LimitShape.Stream(65_536), Target = new Target { Throughput = 0.9, Cpu = 2 },
        },
        new("headers-classic", "headers one way, unbatched, no session", FlowPlan.Headers)
        {
            Session = false, Limit = LimitShape.Stream(65_536), Target = new Target { Throughput = 0.85, Cpu = 2 },
        },
        new("headers-batched-classic", "headers one way, batched, no session", FlowPlan.Headers)
        {
            Session = false, Batch = true, Limit = LimitShape.Stream(65_536), Target = new Target { Throughput = 0.9, Cpu = 2 },
        },
        new("blocks", "64 KiB blocks", FlowPlan.Of(ContentKind.Stamp, 65_536))
        {
            Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize), Target = new Target { Throughput = 0.9, Cpu = 1.3 },
        },
        new("blocks-classic", "64 KiB blocks, no session", FlowPlan.Of(ContentKind.Stamp, 65_536))
        {
            Session = false, Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize), Target = new Target { Throughput = 0.9, Cpu = 1.3 },
        },
        new("blocks-bare", "64 KiB blocks, no digest", FlowPlan.Of(ContentKind.Stamp, 65_536))
        {
            Digest = FrameDigestKind.None, Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize), Target = new Target { Throughput = 0.9, Cpu = 1.3 },
        },
        new("blocks-md5", "64 KiB blocks, MD5", FlowPlan.Of(ContentKind.Stamp, 65_536))
        {
            Digest = FrameDigestKind.Md5, Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize),
        },
        new("blocks-text", "64 KiB blocks, LZ4, text", FlowPlan.Of(ContentKind.Text, 65_536))
        {
            Compress = PayloadCompression.On, Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize), Target = new Target { Throughput = 0.9 },
        },
        new("blocks-random", "64 KiB blocks, LZ4, random", FlowPlan.Of(ContentKind.Random, 65_536))
        {
            Compress = PayloadCompression.On, Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize), Target = new Target { Throughput = 0.9 },
        },
        BlocksWith("text", ContentKind.Text, PayloadCompression.Auto),
        BlocksWith("text", ContentKind.Text, PayloadCompression.Off),
        BlocksWith("random", ContentKind.Random, PayloadCompression.Auto),
        BlocksWith("random", ContentKind.Random, PayloadCompression.Off),
        new("ping-unix", "ping-pong of one header, Unix-domain socket", FlowPlan.Ping) { Unix = true, Limit = LimitShape.Ping(BlockContent.HeaderSize) },
        new("headers-unix", "headers one way, unbatched, Unix-domain socket", FlowPlan.Headers) { Unix = true, Limit = LimitShape.Stream(65_536) },
        new("headers-batched-unix", "headers one way, batched, Unix-domain socket", FlowPlan.Headers)
        {
            Unix = true, Batch = true, Limit = LimitShape.Stream(65_536),
        },
        new("blocks-unix", "64 KiB blocks, Unix-domain socket", FlowPlan.Of(ContentKind.Stamp, 65_536))
        {
            Unix = true, Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize),
        },
        new("ping-beside-bulk", "ping-pong of one header beside 64 KiB blocks", FlowPlan.PingBesideBulk) { Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize) },
        new("ping-beside-bulk-classic", "ping-pong of one header beside 64 KiB blocks, no session", FlowPlan.PingBesideBulk)
        {
            Session = false, Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize),
        },
        Many(1),
        Many(4),
        Many(16),
        Many(31),
        new("mix", "mix, both ways: 14 headers, 4 KiB, 64 KiB", FlowPlan.Of(ContentKind.Stamp, 0, 0, 0, 0, 0, 0, 0, 4096, 0, 0, 0, 0, 0, 0, 0, 65_536))
        {
            Batch = true, Both = true, Limit = LimitShape.Duplex(65_536),
        },
    ];

    // Beside blocks-text and blocks-random, which always compress.
    private static Scenario BlocksWith(string name, ContentKind content, PayloadCompression compress)
    {
        var isAuto = compress == PayloadCompression.Auto;
        return new($"blocks-{name}-{(isAuto ? "auto" : "off")}", $"64 KiB blocks, {name}, {(isAuto ? "LZ4 where it pays" : "no LZ4")}", FlowPlan.Of(content, 65_536))
        {
            Compress = compress,
            Limit = LimitShape.Stream(65_536 + BlockContent.HeaderSize),
        };
    }

    private static Scenario Many(int peers) => new($"peers-{peers}", $"headers one way, batched, {peers} peer{(peers == 1 ? "" : "s")}", FlowPlan.Headers)
    {
        Batch = true,
        Peers = peers,
        Limit = LimitShape.Stream(65_536, peers),
    };
}
