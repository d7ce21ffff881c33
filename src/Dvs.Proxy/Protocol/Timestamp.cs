using System.Runtime.InteropServices;

namespace Dvs.Proxy.Protocol;

/// <summary>A point in time as C's <c>struct timespec</c>: seconds since 1970-01-01 UTC, and nanoseconds (0..999,999,999).</summary>
/// <param name="Seconds">Whole seconds since the Unix epoch.</param>
/// <param name="Nanoseconds">Nanoseconds within the second.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Timestamp(long Seconds, long Nanoseconds)
{
    /// <summary>True where no clock was read: both parts are zero.</summary>
    public bool IsEmpty => Seconds == 0 && Nanoseconds == 0;

    /// <summary>The present moment of <paramref name="time"/>, to its resolution (100 ns).</summary>
    public static Timestamp Now(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var ticks = time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks;
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return new Timestamp(seconds, rest * TimeSpan.NanosecondsPerTick);
    }

    /// <summary>The same moment as a <see cref="DateTimeOffset"/>, cut to 100 ns.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The moment lies outside the years 1 to 9999.</exception>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(Seconds).AddTicks(Nanoseconds / TimeSpan.NanosecondsPerTick);
}
