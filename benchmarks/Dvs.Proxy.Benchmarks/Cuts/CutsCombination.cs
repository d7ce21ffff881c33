using Dvs.Proxy.EndToEnd.Sessions;

namespace Dvs.Proxy.Benchmarks.Cuts;

/// <summary>A setting of both nodes.</summary>
internal sealed record CutsCombination(string Name, SessionSettings Settings)
{
    public static IReadOnlyList<CutsCombination> All { get; } =
    [
        new("plain", new SessionSettings()),
        new("batch", new SessionSettings(Batch: true)),
        new("compress", new SessionSettings(Compress: true)),
        new("md5", new SessionSettings(UseFrameDigest: true)),
        new("all", new SessionSettings(Compress: true, Batch: true, UseFrameDigest: true)),
    ];
}
