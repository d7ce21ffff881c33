using System.Globalization;
using Dvs.Proxy.Protocol.Control;

namespace Dvs.Proxy.Pairing.Control;

/// <summary>
/// CPU use of this node, classed as the classic proxies class it: idle below the low water mark, saturated from the high one, busy between.
/// Owns the last measurement and the marks; measures at most once per period, over the time since. Thread-safe. Behaviour:
/// LoadMonitorTests.
/// </summary>
internal sealed class LoadMonitor
{
    /// <summary>30 %, 70 %, 30 s.</summary>
    public static readonly LoadThresholds DefaultThresholds = new(30, 70, 30);

    private readonly TimeProvider _time;
    private readonly Func<(long Busy, long Total)> _readTicks;
    private readonly Lock _lock = new();
    private (long Busy, long Total) _last;
    private long _lastTimestamp;
    private LoadThresholds _thresholds = DefaultThresholds;
    private int _percent;

    public LoadMonitor(TimeProvider time, Func<(long Busy, long Total)>? readTicks = null)
    {
        _time = time;
        _readTicks = readTicks ?? ReadProcStat;
        _last = _readTicks();
        _lastTimestamp = time.GetTimestamp();
    }

    /// <summary>Takes over marks from a control message; implausible ones are refused.</summary>
    public bool TrySetThresholds(LoadThresholds thresholds)
    {
        if (thresholds.LowWater is < 0 or > 100 || thresholds.HighWater < thresholds.LowWater || thresholds.HighWater > 100
            || thresholds.PeriodSeconds is < 1 or > 86_400)
        {
            return false;
        }

        lock (_lock)
        {
            _thresholds = thresholds;
            return true;
        }
    }

    /// <summary>CPU use and its class, as hello messages carry them.</summary>
    public LoadReport Measure()
    {
        lock (_lock)
        {
            var elapsed = _time.GetElapsedTime(_lastTimestamp);
            if (elapsed.TotalSeconds >= _thresholds.PeriodSeconds)
            {
                var now = _readTicks();
                var total = now.Total - _last.Total;
                _percent = total <= 0 ? 0 : (int)Math.Clamp(100 * (now.Busy - _last.Busy) / total, 0, 100);
                _last = now;
                _lastTimestamp = _time.GetTimestamp();
            }

            return new LoadReport(_percent, _thresholds.Classify(_percent), _thresholds.PeriodSeconds);
        }
    }

    /// <summary>Busy and total clock ticks of all CPUs since boot; zeros where the system does not tell.</summary>
    internal static (long Busy, long Total) ReadProcStat()
    {
        try
        {
            using var reader = new StreamReader("/proc/stat");
            return ParseProcStat(reader.ReadLine());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (0, 0);
        }
    }

    internal static (long Busy, long Total) ParseProcStat(string? line)
    {
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (words.Length < 5 || words[0] != "cpu")
        {
            return (0, 0);
        }

        long total = 0;
        long idle = 0;
        for (var index = 1; index < words.Length && index <= 8; index++)
        {
            if (!long.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
            {
                return (0, 0);
            }

            total += ticks;
            if (index is 4 or 5)
            {
                idle += ticks;
            }
        }

        return (total - idle, total);
    }
}
