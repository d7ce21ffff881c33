using Dvs.Proxy.Benchmarks.EndToEnd;

namespace Dvs.Proxy.Benchmarks.Driver;

/// <summary>What is to be measured, and the defaults of the command line.</summary>
internal sealed record DriverOptions
{
    public int Rounds { get; init; } = 5;

    public double Seconds { get; init; } = 1;

    public double WarmSeconds { get; init; } = 3;

    /// <summary>Names of shapes; empty for all.</summary>
    public IReadOnlySet<string> Only { get; init; } = new HashSet<string>();

    /// <summary>The published programs.</summary>
    public IReadOnlyList<PublishedHost> Hosts { get; init; } = [];

    /// <summary>Ways to publish that are measured beside them.</summary>
    public IReadOnlyList<string> Profiles { get; init; } = [];

    public string? Json { get; init; }
}

/// <summary>One shape of traffic.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="Title">In the table.</param>
/// <param name="Load">What the driver of <c>load.c</c> does.</param>
/// <param name="Batch">Whether commands share frames.</param>
internal sealed record DriverShape(string Name, string Title, LoadShape Load, bool Batch = false)
{
    public static IReadOnlyList<DriverShape> All { get; } =
    [
        new("headers", "headers one way, unbatched", LoadShape.Headers),
        new("headers-batched", "headers one way, batched", LoadShape.Headers, Batch: true),
        new("blocks", "64 KiB blocks", LoadShape.Blocks),
        new("ping", "ping-pong of one header", LoadShape.Ping),
    ];
}

/// <summary>As <c>load.c</c> numbers them.</summary>
internal enum LoadShape
{
    Headers,
    Blocks,
    Ping,
}
