using System.Globalization;

namespace Dvs.Proxy.Configuration.Classic;

/// <summary>Whole numbers as C writes them: decimal, 0x hexadecimal, 0 octal, with an optional sign.</summary>
internal static class ClassicNumber
{
    /// <summary>Reads a number. One too large for any range is still a number: it saturates, so that the answer is about its range.</summary>
    public static bool TryParse(string word, out long value)
    {
        value = 0;
        ReadOnlySpan<char> digits = word;
        var negative = digits.StartsWith("-");
        if (negative || digits.StartsWith("+"))
        {
            digits = digits[1..];
        }

        var radix = 10;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            digits = digits[2..];
        }
        else if (digits.Length > 1 && digits[0] == '0')
        {
            radix = 8;
            digits = digits[1..];
        }

        if (digits.IsEmpty)
        {
            return false;
        }

        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? int.Parse([c], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : radix;
            if (digit >= radix)
            {
                return false;
            }

            value = Math.Min((value * radix) + digit, int.MaxValue * 2L);
        }

        value = negative ? -value : value;
        return true;
    }
}
