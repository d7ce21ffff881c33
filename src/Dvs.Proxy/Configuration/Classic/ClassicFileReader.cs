using System.Text;
using Dvs.Proxy.Configuration.Classic.Syntax;

namespace Dvs.Proxy.Configuration.Classic;

/// <summary>Gets the text of a file, or says why there is none.</summary>
internal static class ClassicFileReader
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the text; returns null, and reports why, if there is nothing to parse.</summary>
    public static string? Read(string path, DiagnosticBag diagnostics)
    {
        var bytes = ReadBytes(path, diagnostics);
        return bytes is null ? null : Decode(bytes, diagnostics);
    }

    private static byte[]? ReadBytes(string path, DiagnosticBag diagnostics)
    {
        try
        {
            if (Directory.Exists(path))
            {
                return Refuse(diagnostics, "it is a directory", "Name the file in it.");
            }

            // The length is counted, not asked for: the file may be a pipe or a device.
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var buffer = new byte[ClassicConfiguration.MaxFileBytes + 1];
            var length = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length <= ClassicConfiguration.MaxFileBytes
                ? buffer[..length]
                : Refuse(diagnostics, $"it is larger than {ClassicConfiguration.MaxFileBytes} bytes", "Check that this is a proxy configuration at all.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Refuse(diagnostics, "it does not exist", $"Looked for {DiagnosticBag.Show(FullPath(path))}.");
        }
        catch (UnauthorizedAccessException)
        {
            return Refuse(diagnostics, "it may not be read by this user", $"Give {Environment.UserName} the right to read it.");
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            return Refuse(diagnostics, exception.Message, null);
        }
    }

    /// <summary>Decodes bytes to text. What is not UTF-8 is reported, and the rest is still read: it is mostly a comment in an old encoding.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, DiagnosticBag diagnostics)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        try
        {
            return RefuseNul(Strict.GetString(bytes), diagnostics);
        }
        catch (DecoderFallbackException exception)
        {
            var text = RefuseNul(Encoding.UTF8.GetString(bytes), diagnostics);
            if (text is not null)
            {
                var bad = string.Concat((exception.BytesUnknown ?? []).Select(unit => $"\\x{unit:x2}"));
                diagnostics.Error(PositionOf(Encoding.UTF8.GetString(bytes[..exception.Index])), null, "not UTF-8", bad, "UTF-8 text",
                    "Save the file as UTF-8.");
            }

            return text;
        }
    }

    /// <summary>Returns the text, or null, and reports an error, if there is a NUL in it.</summary>
    public static string? RefuseNul(string text, DiagnosticBag diagnostics)
    {
        var nul = text.IndexOf('\0', StringComparison.Ordinal);
        if (nul < 0)
        {
            return text;
        }

        diagnostics.Error(PositionOf(text.AsSpan(0, nul)), null, "not a text file", "a NUL character", "UTF-8 text", "Save the file as UTF-8.");
        return null;
    }

    private static SourcePosition PositionOf(ReadOnlySpan<char> before)
    {
        var line = 1;
        var lineStart = 0;
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i] == '\n' || (before[i] == '\r' && !(i + 1 < before.Length && before[i + 1] == '\n')))
            {
                line++;
                lineStart = i + 1;
            }
        }

        return new SourcePosition(line, before.Length - lineStart + 1);
    }

    private static byte[]? Refuse(DiagnosticBag diagnostics, string problem, string? suggestion)
    {
        diagnostics.Error(default, null, "cannot read the file: " + problem, null, null, suggestion);
        return null;
    }

    private static string FullPath(string path)
    {
        try
        {
            return Path.GetFullPath(path);
        }
        catch (ArgumentException)
        {
            return path;
        }
    }
}
