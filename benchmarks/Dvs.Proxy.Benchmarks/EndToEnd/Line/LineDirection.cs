using System.Diagnostics;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>One direction of a line: it carries one byte after the other at its rate, whichever connection they are of, and each arrives half a round trip later.</summary>
internal sealed class LineDirection(double bytesPerSecond, double roundTripMilliseconds)
{
    // Deep enough for the writes of a fast sender where the line itself holds next to nothing.
    private const int LeastQueue = 256 * 1024;
    private const double UnlimitedRate = 2.5e9;

    private readonly double _ticksPerByte = bytesPerSecond > 0 ? Stopwatch.Frequency / bytesPerSecond : 0;
    private readonly long _delay = (long)(roundTripMilliseconds / 2000 * Stopwatch.Frequency);
    private long _freeAt;

    /// <summary>Ticks from the first byte of a piece to its last.</summary>
    public double TicksPerByte => _ticksPerByte;

    /// <summary>Bytes that one connection may have on the line: those on their way, and a queue of twice what the line holds in a round trip.</summary>
    public int Capacity { get; } = (int)Math.Min(
        256 << 20, LeastQueue + (2.5 * (bytesPerSecond > 0 ? bytesPerSecond : UnlimitedRate) * roundTripMilliseconds / 1000));

    /// <summary>The line takes a piece.</summary>
    /// <returns>When its first byte arrives.</returns>
    public long Take(int bytes)
    {
        while (true)
        {
            var freeAt = Volatile.Read(ref _freeAt);
            var start = Math.Max(freeAt, Stopwatch.GetTimestamp());
            if (Interlocked.CompareExchange(ref _freeAt, start + (long)(bytes * _ticksPerByte), freeAt) == freeAt)
            {
                return start + _delay;
            }
        }
    }
}
