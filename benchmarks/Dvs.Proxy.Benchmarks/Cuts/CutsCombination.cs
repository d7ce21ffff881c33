using Dvs.Proxy.EndToEnd.Sessions;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Benchmarks.Cuts;

/// <summary>A setting of both nodes.</summary>
internal sealed record CutsCombination(string Name, SessionSettings Settings)
{
    public static IReadOnlyList<CutsCombination> All { get; } =
    [
        new("plain", new SessionSettings()),
        new("batch", new SessionSettings(Batch: true)),
        new("compress", new SessionSettings(Compress: true)),
        new("md5", new SessionSettings(FrameDigest: FrameDigestKind.Md5)),
        new("all", new SessionSettings(Compress: true, Batch: true, FrameDigest: FrameDigestKind.Md5)),
    ];
}
