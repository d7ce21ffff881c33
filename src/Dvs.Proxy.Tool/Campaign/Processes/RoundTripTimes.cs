using HdrHistogram;

namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>Counts round trips by their length, to three digits, in memory that does not grow with their number. One writer.</summary>
internal sealed class RoundTripTimes
{
    private const int Digits = 3;

    /// <summary>What took longer counts as this.</summary>
    private static readonly long Longest = TimeSpan.FromMinutes(1).Ticks;

    private readonly LongHistogram _ticks = new(Longest, Digits);

    public void Add(TimeSpan time) => _ticks.RecordValue(Math.Min(time.Ticks, Longest));

    public void Add(RoundTripTimes others) => _ticks.Add(others._ticks);

    /// <summary>Microseconds that this percentage of the round trips does not exceed; null where there were none.</summary>
    public double? At(double percentile) => _ticks.TotalCount == 0 ? null : _ticks.GetValueAtPercentile(percentile) / (double)TimeSpan.TicksPerMicrosecond;
}
