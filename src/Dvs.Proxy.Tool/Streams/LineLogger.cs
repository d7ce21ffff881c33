using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tool.Streams;

/// <summary>
/// The host's log: a line for each event, what belongs to it indented below. Whoever logs never waits: the console logger of the framework
/// blocks every thread that logs when nobody reads.
/// </summary>
/// <param name="add">Gets each event, ended by a line feed.</param>
/// <param name="isColored">Whether levels have colours.</param>
internal sealed class LineLoggerProvider(Action<string> add, bool isColored, TimeProvider? time = null) : ILoggerProvider
{
    private const string Indentation = "\n      ";
    private const string NoColor = "\x1b[0m";

    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName);

    public void Dispose()
    {
    }

    private void Log(LogLevel level, string category, int eventId, string message, Exception? exception)
    {
        var line = new StringBuilder();
        line.Append((time ?? TimeProvider.System).GetLocalNow().ToString("yyyy-MM-dd HH:mm:ss.fff ", CultureInfo.InvariantCulture));
        line.Append(isColored ? $"{ColorOf(level)}{NameOf(level)}{NoColor}" : NameOf(level));
        line.Append(CultureInfo.InvariantCulture, $": {category}[{eventId}] ");
        AppendIndented(line, message);
        if (exception is not null)
        {
            line.Append(Indentation);
            AppendIndented(line, exception.ToString());
        }

        add(line.Append('\n').ToString());
    }

    private static void AppendIndented(StringBuilder line, string text) =>
        line.Append(PrintableText.Escape(text.ReplaceLineEndings("\n").TrimEnd('\n')).Replace("\n", Indentation, StringComparison.Ordinal));

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    private static string ColorOf(LogLevel level) => level switch
    {
        LogLevel.Information => "\x1b[32m",
        LogLevel.Warning => "\x1b[33m",
        LogLevel.Error or LogLevel.Critical => "\x1b[31m",
        _ => "\x1b[2m",
    };

    private sealed class LineLogger(LineLoggerProvider provider, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Log(logLevel, category, eventId.Id, formatter(state, exception), exception);
            }
        }
    }
}
