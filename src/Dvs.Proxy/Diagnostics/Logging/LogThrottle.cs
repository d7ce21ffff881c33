using System.Globalization;

namespace Dvs.Proxy.Diagnostics.Logging;

/// <summary>Lets a burst of log messages through per period and counts the rest, so that a peer cannot fill a disk. Thread-safe.</summary>
internal sealed class LogThrottle(TimeProvider time, int burst, TimeSpan period)
{
    private readonly long _periodTicks = (long)(period.TotalSeconds * time.TimestampFrequency);
    private readonly Lock _lock = new();
    private long _periodStart = time.GetTimestamp();
    private int _allowed;
    private long _suppressed;

    /// <summary>The sentence for the end of a message, with a space before it; nothing where nothing was left out.</summary>
    public static string Describe(long suppressed) =>
        suppressed == 0 ? ""
        : suppressed == 1 ? " One such message was left out before."
        : string.Create(CultureInfo.InvariantCulture, $" {suppressed} such messages were left out before.");

    /// <summary>True where the message may be written; <paramref name="suppressed"/> says how many were not since the last one that was.</summary>
    public bool TryEnter(out long suppressed)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (now - _periodStart >= _periodTicks)
            {
                _periodStart = now;
                _allowed = 0;
            }

            if (_allowed >= burst)
            {
                _suppressed++;
                suppressed = 0;
                return false;
            }

            _allowed++;
            suppressed = _suppressed;
            _suppressed = 0;
            return true;
        }
    }
}
