using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tests.TestDoubles.Logging;

/// <summary>Keeps what was logged.</summary>
internal sealed class ListLogger : ILogger
{
    internal List<string> Messages { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Messages.Add(formatter(state, exception));
}
