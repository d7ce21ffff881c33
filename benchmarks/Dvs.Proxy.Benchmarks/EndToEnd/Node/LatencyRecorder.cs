using System.Diagnostics;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Round trips in microseconds.</summary>
internal readonly record struct LatencySummary(double P50, double P99, double P999);

/// <summary>Keeps every round trip, so that quantiles are exact. One writer; switched on and off by another thread.</summary>
internal sealed class LatencyRecorder
{
    private const int Capacity = 1 << 20;

    private readonly uint[] _nanoseconds = GC.AllocateUninitializedArray<uint>(Capacity);
    private int _count;
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
                _count = 0;
            }

            _isRecording = value;
        }
    }

    public void AddSince(long started)
    {
        if (_isRecording && _count < Capacity)
        {
            _nanoseconds[_count++] = (uint)((Stopwatch.GetTimestamp() - started) * (1_000_000_000 / Stopwatch.Frequency));
        }
    }

    /// <summary>After recording was switched off, and a moment for the writer to see it.</summary>
    public LatencySummary Summarise()
    {
        var kept = _nanoseconds.AsSpan(0, _count);
        kept.Sort();
        return kept.IsEmpty ? default : new LatencySummary(At(kept, 0.5), At(kept, 0.99), At(kept, 0.999));
    }

    private static double At(ReadOnlySpan<uint> sorted, double quantile) => sorted[(int)((sorted.Length - 1) * quantile)] / 1000.0;
}
