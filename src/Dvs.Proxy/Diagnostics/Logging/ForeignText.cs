using System.Globalization;
using System.Text;

namespace Dvs.Proxy.Diagnostics.Logging;

/// <summary>
/// Text from outside (names and certificates of peers, messages of transports) made fit for logs, terminals and exceptions: what would move
/// the cursor, break a line, hide, or turn the direction of writing around is written as an escape. Pure.
/// </summary>
internal static class ForeignText
{
    /// <summary>Most characters of a name that are shown.</summary>
    public const int LongestName = 120;

    /// <summary>The text with escapes where it needs them. Escaped text stays as it is, so that it does not matter how often this is
    /// done.</summary>
    public static string Escape(string text)
    {
        var index = 0;
        while (index < text.Length && !NeedsEscape(text, index))
        {
            index++;
        }

        return index == text.Length ? text : EscapeFrom(text, index);
    }

    /// <summary>As <see cref="Escape"/>, and cut where it is longer than a name needs to be.</summary>
    public static string EscapeName(string text) =>
        Escape(text.Length > LongestName ? string.Concat(text.AsSpan(0, LongestName - 1), "…") : text);

    private static string EscapeFrom(string text, int start)
    {
        var escaped = new StringBuilder(text.Length + 16).Append(text, 0, start);
        for (var index = start; index < text.Length; index++)
        {
            var character = text[index];
            if (!NeedsEscape(text, index))
            {
                escaped.Append(character);
                continue;
            }

            _ = character switch
            {
                '\r' => escaped.Append("\\r"),
                '\n' => escaped.Append("\\n"),
                '\t' => escaped.Append("\\t"),
                < (char)0x100 => escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}"),
                _ => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
            };
        }

        return escaped.ToString();
    }

    private static bool NeedsEscape(string text, int index)
    {
        var character = text[index];
        if (character is >= ' ' and < (char)0x7f)
        {
            return false;
        }

        if (char.IsSurrogate(character))
        {
            // A pair is looked at as a whole: there are invisible characters beyond the basic plane, too.
            var isSecond = char.IsLowSurrogate(character) && index > 0 && char.IsHighSurrogate(text[index - 1]);
            var first = isSecond ? index - 1 : index;
            return first + 1 >= text.Length || !char.IsSurrogatePair(text, first)
                || IsUnfit(CharUnicodeInfo.GetUnicodeCategory(text, first));
        }

        return IsUnfit(char.GetUnicodeCategory(character));
    }

    private static bool IsUnfit(UnicodeCategory category) => category is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
        or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned;
}
