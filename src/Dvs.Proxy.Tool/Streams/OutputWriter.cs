using System.Text;

namespace Dvs.Proxy.Tool.Streams;

/// <summary>The writer behind <see cref="Console.Out"/> and <see cref="Console.Error"/>: hands over whole pieces of text, escaped.</summary>
/// <param name="write">Where they go.</param>
internal sealed class OutputWriter(Action<string> write) : TextWriter
{
    public override Encoding Encoding => Utf8;

    /// <summary>Without a mark at the beginning.</summary>
    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>A writer that writes at once, and throws <see cref="OutputException"/> where it cannot.</summary>
    public static OutputWriter To(Stream stream) => new(text => stream.Write(Utf8.GetBytes(text)));

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    public override void Write(string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            write(PrintableText.Escape(value));
        }
    }

    public override void WriteLine(string? value) => Write($"{value}\n");

    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }
}
