using System.Net.Sockets;
using System.Text;

namespace Dvs.Proxy.Transport.Unix;

/// <summary>A place of a Unix-domain socket: a file, or after <c>@</c> an abstract name, which exists for as long as somebody listens and is known in
/// one network namespace only. Immutable.</summary>
internal sealed class UnixSocketAddress
{
    /// <summary>Most bytes of UTF-8 that the system takes: sun_path is 108 long, with a zero at the end of a file name or the start of an abstract
    /// one.</summary>
    internal const int MaxBytes = 107;

    private const char AbstractMark = '@';

    private UnixSocketAddress(string text) => Text = text;

    /// <summary>As the configuration has it.</summary>
    internal string Text { get; }

    internal bool IsAbstract => Text[0] == AbstractMark;

    /// <summary>The file; meaningless for an abstract name.</summary>
    internal string File => Text;

    /// <summary>As the system wants it: an abstract name begins with a zero.</summary>
    internal UnixDomainSocketEndPoint EndPoint => new(IsAbstract ? '\0' + Text[1..] : Text);

    /// <summary>What is wrong with a path, and what to do; null if nothing.</summary>
    internal static string? FindProblem(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return "no path is given; name a file, or @ and an abstract name";
        }

        if (path.Any(char.IsControl))
        {
            return "a path has no control characters";
        }

        if (path[0] == AbstractMark ? path.Length == 1 : !System.IO.Path.IsPathFullyQualified(path))
        {
            return path[0] == AbstractMark ? "an abstract name has at least one character behind @"
                : "a path is absolute: begin it with /, or an abstract name with @";
        }

        var bytes = Encoding.UTF8.GetByteCount(path);
        return bytes > MaxBytes ? $"a path has at most {MaxBytes} bytes, and this one has {bytes}: choose a shorter one" : null;
    }

    /// <exception cref="ProxyTransportException">It is none; the message says why.</exception>
    internal static UnixSocketAddress Read(TransportEndpoint endpoint, string purpose) => FindProblem(endpoint.Path) is { } problem
        ? throw new ProxyTransportException($"{purpose}: {problem}.")
        : new UnixSocketAddress(endpoint.Path!);
}
