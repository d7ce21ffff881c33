using System.Diagnostics;
using HdrHistogram;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Round trips in microseconds.</summary>
internal readonly record struct LatencySummary(double P50, double P99, double P999);

/// <summary>
/// Counts round trips by their length, to three digits: however many there are, none is left out, and the memory stays the same. One writer;
/// switched on and off by another thread.
/// </summary>
internal sealed class LatencyRecorder
{
    private const int Digits = 3;

    /// <summary>A minute in nanoseconds. What took longer counts as a minute.</summary>
    private const long Longest = 60_000_000_000;

    private readonly LongHistogram _nanoseconds = new(Longest, Digits);
    private volatile bool _isRecording;

    /// <summary>A moment.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>Switching on forgets what was kept.</summary>
    public bool IsRecording
    {
        get => _isRecording;
        set
        {
            if (value)
            {
                _nanoseconds.Reset();
            }

            _isRecording = value;
        }
    }

    public void AddSince(long started)
    {
        if (_isRecording)
        {
            _nanoseconds.RecordValue(Math.Min(Longest, (Stopwatch.GetTimestamp() - started) * (1_000_000_000 / Stopwatch.Frequency)));
        }
    }

    /// <summary>After recording was switched off, and a moment for the writer to see it.</summary>
    public LatencySummary Summarise() => _nanoseconds.TotalCount == 0 ? default : new LatencySummary(At(50), At(99), At(99.9));

    private double At(double percentile) => _nanoseconds.GetValueAtPercentile(percentile) / 1000.0;
}
