namespace Dvs.Proxy.Configuration.Resolved;

/// <summary>
/// The secret that the two proxies of a link share, as its file holds it: all of its bytes but line breaks at the end, which editors and
/// <c>echo</c> leave there. Read once, at start: what a session keeps to be sent again is bound to it.
/// </summary>
internal static class SharedSecret
{
    /// <summary>Fewest bytes: 128 bits, so that nobody tries them all.</summary>
    public const int MinimumBytes = 16;

    /// <summary>Most bytes: more than anyone needs, and little enough that a wrong file is noticed.</summary>
    public const int MaximumBytes = 4096;

    /// <summary>What is said of a way to make one.</summary>
    public const string HowToMake = "Make one with: head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE. Give both nodes the same.";

    /// <summary>Reads a secret. Null with what is wrong with the file.</summary>
    public static byte[]? Load(string path, out string? problem)
    {
        try
        {
            using var file = File.OpenHandle(path);

            // One byte beyond tells that there is more; a device or pipe has no length to ask for.
            var buffer = new byte[MaximumBytes + 3];
            var length = 0;
            while (length < buffer.Length && RandomAccess.Read(file, buffer.AsSpan(length), length) is > 0 and var read)
            {
                length += read;
            }

            return Judge(buffer.AsSpan(0, length), out problem);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            problem = exception switch
            {
                FileNotFoundException or DirectoryNotFoundException => "cannot be read: no such file",
                UnauthorizedAccessException => Directory.Exists(path) ? "cannot be read: it is a directory" : "cannot be read: permission denied",
                _ => $"cannot be read: {exception.Message.TrimEnd('.')}",
            };
            return null;
        }
    }

    private static byte[]? Judge(ReadOnlySpan<byte> content, out string? problem)
    {
        var secret = content.TrimEnd("\r\n"u8);
        problem = secret.Length switch
        {
            < MinimumBytes => FormattableString.Invariant($"the secret in it is {secret.Length} bytes long, which can be guessed"),
            > MaximumBytes => FormattableString.Invariant($"it holds more than {MaximumBytes} bytes, so it seems to be another file"),
            _ when secret.IndexOfAnyExcept(secret[0]) < 0 => "the secret in it is one byte over and over, which can be guessed",
            _ => null,
        };
        return problem is null ? secret.ToArray() : null;
    }
}
