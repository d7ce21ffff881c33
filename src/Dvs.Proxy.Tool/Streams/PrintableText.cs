using System.Globalization;
using System.Text;

namespace Dvs.Proxy.Tool.Streams;

/// <summary>Text of others on a terminal or in a log: nothing in it may move the cursor, change colours or begin a line that looks like one of ours.</summary>
internal static class PrintableText
{
    /// <summary>Every control character but the line feed as <c>\xNN</c>, and what reorders or hides text as <c>\uNNNN</c>.</summary>
    public static string Escape(string text)
    {
        var first = FindUnprintable(text);
        if (first < 0)
        {
            return text;
        }

        var escaped = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (var character in text.AsSpan(first))
        {
            if (IsPrintable(character))
            {
                escaped.Append(character);
            }
            else
            {
                escaped.Append(character <= 0xFF ? "\\x" : "\\u").Append(((int)character).ToString(character <= 0xFF ? "x2" : "x4", CultureInfo.InvariantCulture));
            }
        }

        return escaped.ToString();
    }

    private static int FindUnprintable(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (!IsPrintable(text[index]))
            {
                return index;
            }
        }

        return -1;
    }

    private static bool IsPrintable(char character) => character == '\n' || CharUnicodeInfo.GetUnicodeCategory(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
