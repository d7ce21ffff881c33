using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tests.TestDoubles.Logging;

/// <summary>A log that throws while it is told to, as one on a disk that is full.</summary>
internal sealed class FailingLogger : ILoggerFactory, ILogger
{
    private volatile bool _fails;
    private long _failures;

    public bool Fails
    {
        get => _fails;
        set => _fails = value;
    }

    /// <summary>How often it has thrown.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    public ConcurrentQueue<string> Messages { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (_fails)
        {
            Interlocked.Increment(ref _failures);
            throw new IOException("No space left on device.");
        }

        Messages.Enqueue(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
