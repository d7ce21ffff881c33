using System.Globalization;
using System.Net;

namespace Dvs.Proxy.Transport.Addresses;

/// <summary>
/// What inet_aton of C makes of a text that is no strict address: one to four numbers, decimal, octal (a leading 0) or hexadecimal (0x), the
/// last of which fills all bytes that are left. Only for the advice in messages: nothing is ever connected to, or let in, by such a reading.
/// </summary>
internal static class LooseIPv4
{
    /// <summary>What to write instead.</summary>
    public static string Advice(ReadOnlySpan<char> text)
    {
        var rule = "An address is four decimal numbers 0..255 without leading zeros.";
        if (Read(text) is not { } loose)
        {
            return rule;
        }

        var dropped = WithoutLeadingZeros(text);
        var instead = dropped is null || dropped == loose.ToString() ? $"{loose}, if that is meant" : $"{loose} or {dropped}, whichever is meant";
        return $"{rule} inet_aton would read {loose}: write {instead}.";
    }

    /// <summary>The address, or null where inet_aton finds none either.</summary>
    public static IPAddress? Read(ReadOnlySpan<char> text)
    {
        Span<uint> parts = stackalloc uint[4];
        var count = 0;
        foreach (var part in text.Split('.'))
        {
            if (count == 4 || ReadNumber(text[part]) is not { } number)
            {
                return null;
            }

            parts[count++] = number;
        }

        uint address = 0;
        for (var i = 0; i < count - 1; i++)
        {
            if (parts[i] > byte.MaxValue)
            {
                return null;
            }

            address |= parts[i] << (24 - (8 * i));
        }

        var largest = uint.MaxValue >> (8 * (count - 1));
        return parts[count - 1] > largest ? null : new IPAddress(BytesOf(address | parts[count - 1]));
    }

    private static byte[] BytesOf(uint address) => [(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address];

    private static uint? ReadNumber(ReadOnlySpan<char> digits)
    {
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return uint.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;
        }

        if (digits is ['0', _, ..])
        {
            return ReadOctal(digits[1..]);
        }

        return uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static uint? ReadOctal(ReadOnlySpan<char> digits)
    {
        ulong value = 0;
        foreach (var c in digits)
        {
            value = (value * 8) + (uint)(c - '0');
            if (c is < '0' or > '7' || value > uint.MaxValue)
            {
                return null;
            }
        }

        return (uint)value;
    }

    // What somebody who pads with zeros very likely means.
    private static string? WithoutLeadingZeros(ReadOnlySpan<char> text)
    {
        List<string> numbers = [];
        foreach (var part in text.Split('.'))
        {
            if (!byte.TryParse(text[part], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            numbers.Add(number.ToString(CultureInfo.InvariantCulture));
        }

        return numbers.Count == 4 ? string.Join('.', numbers) : null;
    }
}
