using Dvs.Proxy.Tool.Streams;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.EndToEnd.Streams;

/// <summary>The form of the host's log: an event begins a line, and nothing in it can pass for another one.</summary>
public class LineLoggerTests
{
    [Fact]
    public void An_event_is_a_line_and_what_belongs_to_it_is_indented()
    {
        var text = Log(isColored: false, LogLevel.Warning, "first\r\nsecond", new InvalidDataException("what\nelse"));

        var lines = text.Split('\n');
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} warn: Some\.Category\[7\] first$", lines[0]);
        Assert.Equal(["      second", "      System.IO.InvalidDataException: what", "      else", ""], lines[1..]);
    }

    [Theory]
    [InlineData("\x1b[2J", @"\x1b[2J")]
    [InlineData("a\rb", "a\n      b")]
    [InlineData("\0\b\x7f\x9b", @"\x00\x08\x7f\x9b")]
    [InlineData("\u202e\u2028\u200b", @"\u202e\u2028\u200b")]
    [InlineData("grün 漢字 µs", "grün 漢字 µs")]
    public void What_would_move_the_cursor_or_hide_text_is_spelled_out(string message, string written) =>
        Assert.EndsWith($"[7] {written.Replace(@"\u2028", "\n      ", StringComparison.Ordinal)}\n", Log(isColored: false, LogLevel.Information, message), StringComparison.Ordinal);

    [Theory]
    [InlineData(LogLevel.Debug)]
    [InlineData(LogLevel.Information)]
    [InlineData(LogLevel.Warning)]
    [InlineData(LogLevel.Error)]
    [InlineData(LogLevel.Critical)]
    public void Only_a_log_that_may_have_colours_has_them(LogLevel level)
    {
        Assert.Contains("\x1b[0m: Some.Category[7] message", Log(isColored: true, level, "message"), StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', Log(isColored: false, level, "message"));
    }

    private static string Log(bool isColored, LogLevel level, string message, Exception? exception = null)
    {
        var text = "";
        using var provider = new LineLoggerProvider(line => text += line, isColored);
        provider.CreateLogger("Some.Category").Log(level, new EventId(7), message, exception, static (state, _) => state);
        return text;
    }
}
