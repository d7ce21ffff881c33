using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Tests.Diagnostics;

/// <summary>What the status prints for people.</summary>
public class ProxyStatusTests
{
    [Theory]
    [InlineData(false, 0, null)]
    [InlineData(true, 0, "lz4  on at present; 0 frames compressed")]
    [InlineData(false, 1, "lz4  off at present; 1 frame compressed")]
    [InlineData(true, 7, "lz4  on at present; 7 frames compressed")]
    public void Compression_has_a_line_once_there_is_something_to_say(bool isCompressing, long frames, string? expected)
    {
        var pair = new PairStatus
        {
            Name = "node3",
            NodeId = 3,
            ConnectsTo = "node3:3000",
            ListensOn = "*:3003",
            Sender = new DirectionSnapshot { IsCompressing = isCompressing, CompressedFrames = frames },
            Receiver = new DirectionSnapshot { CompressedFrames = 5 },
        };
        var status = new ProxyStatus { NodeId = 0, StartedAt = DateTimeOffset.UnixEpoch, TakenAt = DateTimeOffset.UnixEpoch, Pairs = [pair] };

        var lines = status.ToString().Split('\n').Where(static line => line.Contains("lz4", StringComparison.Ordinal)).Select(static line => line.Trim());

        Assert.Equal(expected is null ? [] : [$"3 {expected}"], lines);
    }
}
