using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tests.TestDoubles.Logging;

/// <summary>Keeps every log message.</summary>
internal sealed class CapturingLoggerFactory : ILoggerFactory, ILogger
{
    private int _calls;

    public ConcurrentQueue<string> Messages { get; } = new();

    public ConcurrentQueue<int> EventIds { get; } = new();

    public string All => string.Join('\n', Messages);

    public bool Contains(string text) => Messages.Any(message => message.Contains(text, StringComparison.Ordinal));

    /// <summary>Asked before every message, with its number: true makes the log throw, as on a full disk.</summary>
    public Func<int, bool>? Fails { get; set; }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (Fails?.Invoke(Interlocked.Increment(ref _calls) - 1) == true)
        {
            throw new IOException("No space left on device");
        }

        Messages.Enqueue($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}");
        EventIds.Enqueue(eventId.Id);
    }

    public void Dispose()
    {
    }
}
