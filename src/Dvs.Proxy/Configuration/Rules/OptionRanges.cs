using System.Globalization;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>An inclusive range of whole numbers.</summary>
internal readonly record struct OptionRange(int Minimum, int Maximum)
{
    public bool Contains(long value) => value >= Minimum && value <= Maximum;

    public override string ToString() => Maximum == int.MaxValue
        ? string.Create(CultureInfo.InvariantCulture, $"a whole number from {Minimum}")
        : string.Create(CultureInfo.InvariantCulture, $"{Minimum}..{Maximum}");
}

/// <summary>The ranges that hold wherever a value comes from.</summary>
internal static class OptionRanges
{
    /// <summary>Longest time: the driver and the system count in milliseconds of 31 bits.</summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromMilliseconds(int.MaxValue);

    public static OptionRange Id => new(0, int.MaxValue);

    public static OptionRange Port => new(1, 65_535);

    /// <summary>Port to listen on, in options: 0 lets the system choose.</summary>
    public static OptionRange PortOrZero => new(0, 65_535);

    /// <summary>Bytes of a window: at least a few of the largest frames.</summary>
    public static OptionRange Window => new(PeerOptions.SmallestWindowBytes, 1 << 30);

    /// <summary>Frames of a window: at least one beside the one that is being written.</summary>
    public static OptionRange WindowFrames => new(2, 1 << 20);

    /// <summary>Microseconds for which a thread looks for work before it sleeps.</summary>
    public static OptionRange SpinMicroseconds => new(0, (int)LongestSpin.TotalMicroseconds);

    /// <summary>Longest time for which a thread looks for work before it sleeps.</summary>
    public static readonly TimeSpan LongestSpin = TimeSpan.FromMilliseconds(10);

    /// <summary>Longest wait of a receiver before it acknowledges.</summary>
    public static readonly TimeSpan LongestAcknowledgeDelay = TimeSpan.FromSeconds(1);

    /// <summary>Shortest silence that ends a connection without a session, unless another time is written out: a classic C proxy says hello every
    /// 30 s, whatever is configured, and does not connect again once its connection was closed. Three of its hellos, and a little.</summary>
    public static readonly TimeSpan ShortestClassicIdle = TimeSpan.FromSeconds(95);

    /// <summary>Bytes of the headers behind the outer one in a batch that is sent. A batch and the largest block behind it fit into 128 KiB: the room
    /// that an idle sender holds. The format would allow 64 KiB, and that is taken when it comes from a peer.</summary>
    public const int BatchBytes = 63 * 1024;

    public static OptionRange Seconds => new(1, (int)LongestTime.TotalSeconds);

    public static OptionRange SecondsOrZero => new(0, (int)LongestTime.TotalSeconds);

    public static OptionRange Milliseconds => new(1, int.MaxValue);

    public static OptionRange PendingConnections => new(1, 1024);

    public static OptionRange LogBurst => new(1, 1_000_000);
}
