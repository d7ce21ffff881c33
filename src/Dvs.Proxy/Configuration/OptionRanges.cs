using System.Globalization;

namespace Dvs.Proxy.Configuration;

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

    public static OptionRange Positive => new(1, int.MaxValue);

    public static OptionRange Port => new(1, 65_535);

    /// <summary>Port to listen on, in options: 0 lets the system choose.</summary>
    public static OptionRange PortOrZero => new(0, 65_535);

    /// <summary>Bytes of a window: at least a few of the largest frames.</summary>
    public static OptionRange Window => new(256 * 1024, 1 << 30);

    public static OptionRange Seconds => new(1, (int)LongestTime.TotalSeconds);

    public static OptionRange SecondsOrZero => new(0, (int)LongestTime.TotalSeconds);

    public static OptionRange Milliseconds => new(1, int.MaxValue);

    public static OptionRange PendingConnections => new(1, 1024);

    public static OptionRange LogBurst => new(1, 1_000_000);
}
