using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Diagnostics.Logging;

/// <summary>
/// What stands between the proxy and the log it was given. A log call never throws: what the log throws is counted and not tried again. No
/// message can fill a disk: each kind is limited in its number per period, unless <see cref="ProxyLog"/> exempts it, and the next one says
/// how many were left out. No text from outside reaches a line raw. Thread-safe.
/// </summary>
/// <param name="inner">The log.</param>
/// <param name="time">The clock.</param>
/// <param name="burst">Messages of one kind and source per period.</param>
/// <param name="period">The period.</param>
/// <param name="failures">Where to count what the log threw.</param>
internal sealed class ProxyLogger(ILogger inner, TimeProvider time, int burst, TimeSpan period, LogFailures failures) : ILogger
{
    private readonly ConcurrentDictionary<int, LogThrottle> _throttles = new();

    /// <summary>Log calls that failed.</summary>
    public LogFailures Failures => failures;

    /// <summary>The same log for another source, such as a peer, with limits of its own: one that says much silences no other.</summary>
    public ProxyLogger ForSource() => new(inner, time, burst, period, failures);

    /// <summary>The same log with other limits.</summary>
    public ProxyLogger With(int newBurst, TimeSpan newPeriod) => new(inner, time, newBurst, newPeriod, failures);

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
#pragma warning disable CA1031 // Whatever a log throws, a disk that is full or a service that is gone: it is not what ends a proxy.
        catch (Exception)
#pragma warning restore CA1031
        {
            failures.Count();
            return false;
        }
    }

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            long leftOut = 0;
            if (ProxyLog.IsLimited(eventId.Id) && !ThrottleOf(eventId.Id).TryEnter(out leftOut))
            {
                return;
            }

            inner.Log(
                logLevel, eventId, state, exception, (values, error) => ForeignText.Escape(formatter(values, error)) + LogThrottle.Describe(leftOut));
        }
#pragma warning disable CA1031 // As above.
        catch (Exception)
#pragma warning restore CA1031
        {
            failures.Count();
        }
    }

    private LogThrottle ThrottleOf(int eventId) => _throttles.GetOrAdd(
        eventId, static (_, limits) => new LogThrottle(limits.time, limits.burst, limits.period), (time, burst, period));
}

/// <summary>Counts log calls that failed. Thread-safe.</summary>
internal sealed class LogFailures
{
    private long _total;

    /// <summary>How many there were.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Counts one.</summary>
    public void Count() => Interlocked.Increment(ref _total);
}
