using System.Buffers;

namespace Dvs.Proxy.Transport.Addresses;

/// <summary>Names as RFC 952 and RFC 1123 have them.</summary>
internal static class HostNameRule
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;
    private const string NoHost = "no host";

    private static readonly SearchValues<char> TypographicQuotes = SearchValues.Create("“”„‟‘’‚‛«»‹›");

    public static HostText Check(ReadOnlySpan<char> text)
    {
        var name = text is [.., '.'] ? text[..^1] : text;
        if (text.ContainsAny(TypographicQuotes))
        {
            return new(null, NoHost, "The quotes are typographic ones: write \" or none.");
        }

        if (name.ContainsAnyExceptInRange('!', '~'))
        {
            return new(null, NoHost, name.ContainsAnyExceptInRange('\0', '~') ? "Write a name beyond ASCII as DNS has it: xn--…" : null);
        }

        if (name.Length > LongestName)
        {
            return new(null, NoHost, $"A host name has at most {LongestName} characters.");
        }

        foreach (var part in name.Split('.'))
        {
            if (ProblemOfLabel(name[part]) is { } advice)
            {
                return new(null, NoHost, advice);
            }
        }

        return default;
    }

    private static string? ProblemOfLabel(ReadOnlySpan<char> label)
    {
        foreach (var c in label)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return c == '/' ? "A host has one address: write it without the length of a prefix."
                    : "A host name is made of letters, digits, hyphens and dots.";
            }
        }

        return label.IsEmpty ? "Nothing stands before, or between, its dots."
            : label.Length > LongestLabel ? $"Between its dots, a host name has at most {LongestLabel} characters."
            : label is ['-', ..] or [.., '-'] ? "The parts of a host name neither begin nor end with a hyphen." : null;
    }
}
