using System.Globalization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>A line between the two nodes: what <c>--link</c> and <c>--delay</c> ask for.</summary>
/// <param name="BytesPerSecond">Rate of each direction; 0 for as fast as it goes.</param>
/// <param name="RoundTripMilliseconds">Round trip that the line adds.</param>
internal sealed record LinePlan(double BytesPerSecond, double RoundTripMilliseconds)
{
    private static readonly (string Suffix, double Bits)[] Units = [("gbit", 1e9), ("mbit", 1e6), ("kbit", 1e3)];

    /// <summary>Bytes per second of a rate as <c>tc</c> writes it: 10mbit, 1gbit.</summary>
    /// <returns>Null where it is none.</returns>
    public static double? ParseRate(string rate)
    {
        foreach (var (suffix, bits) in Units)
        {
            if (rate.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return double.TryParse(rate.AsSpan(0, rate.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0
                    ? number * bits / 8
                    : null;
            }
        }

        return null;
    }

    /// <summary>Microseconds that a ping beside traffic of blocks may take at most: three times one block's time and the round trip.</summary>
    public double LongestPing(double blockBytes) => 3 * ((blockBytes / BytesPerSecond * 1e6) + (RoundTripMilliseconds * 1000));
}
