using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Dvs.Proxy.Transport.Addresses;

/// <summary>
/// The one rule for a text that names a host, wherever it stands: what looks like an address must be one, written in full; everything else
/// must be a host name. The system's own readers are generous (inet_aton takes <c>010.0.0.1</c> for 8.0.0.1 and <c>3001</c> for 0.0.11.185),
/// so that a slip of the pen would silently mean another host: no text comes to them unless this rule has let it pass.
/// </summary>
/// <param name="Address">The address; null for a name, or for what is neither.</param>
/// <param name="Problem">Why it is neither; null for a good one.</param>
/// <param name="Suggestion">What to do about a bad one: a sentence.</param>
internal readonly record struct HostText(IPAddress? Address, string? Problem = null, string? Suggestion = null)
{
    /// <summary>What is expected where a host may be named.</summary>
    public const string Expected = "a host name or address";

    private const string LooksLikeAddress = "looks like an address and is none";

    private static readonly SearchValues<char> HexadecimalDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Whether it is an address or a name.</summary>
    public bool IsGood => Problem is null;

    /// <summary>Reads a host name or address. An IPv6 address may stand in brackets, and may name its interface (<c>fe80::1%eth0</c>).</summary>
    public static HostText Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = text is ['[', .., ']'] && text.Contains(':', StringComparison.Ordinal) ? text.AsSpan(1, text.Length - 2) : text;
        return plain.Contains(':') ? ReadIPv6(plain) : EndsInNumber(plain) ? ReadIPv4(plain) : HostNameRule.Check(plain);
    }

    /// <summary>Whether it is an address. Of what is none, nothing more is said.</summary>
    public static bool TryParseAddress(string? text, out IPAddress address)
    {
        var found = string.IsNullOrEmpty(text) ? null : Read(text).Address;
        address = found ?? IPAddress.None;
        return found is not null;
    }

    /// <summary>An address of IPv4 that is written, or came in, as IPv6, as IPv4; others as they are.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>The text of an IPv6 address without brackets; others as they are.</summary>
    public static string WithoutBrackets(string text) => text is ['[', .., ']'] ? text[1..^1] : text;

    /// <summary>Why no single host has this address; null where one may have it.</summary>
    public static string? WhyNoHost(IPAddress address)
    {
        var plain = Plain(address);
        var bytes = plain.GetAddressBytes();
        return plain.Equals(IPAddress.IPv6Any) || plain.Equals(IPAddress.Any) ? "stands for every address of a machine, and names none"
            : plain.AddressFamily == AddressFamily.InterNetworkV6
                ? plain.IsIPv6Multicast ? "is the address of a group (multicast), not of a host"
                    : plain is { IsIPv6LinkLocal: true, ScopeId: 0 } ? "is a link-local address without its interface" : null
            : bytes[0] == 0 ? "is no host's: addresses that begin with 0 are reserved"
            : bytes[0] >= 224 ? plain.Equals(IPAddress.Broadcast) ? "is the address of all (broadcast), not of a host"
                : bytes[0] < 240 ? "is the address of a group (multicast), not of a host" : "is no host's: addresses from 240 on are reserved"
            : null;
    }

    /// <summary>What to write instead of such an address.</summary>
    public static string WhatInstead(IPAddress address) => address.IsIPv6LinkLocal
        ? $"Add the interface that leads there: {address}%eth0, for example."
        : "Name the one host that is meant.";

    // As a resolver decides it: a name never ends in a number, decimal, octal or hexadecimal.
    private static bool EndsInNumber(ReadOnlySpan<char> text)
    {
        var name = text is [.., '.'] ? text[..^1] : text;
        var last = name[(name.LastIndexOf('.') + 1)..];
        return !last.IsEmpty
            && (!last.ContainsAnyExceptInRange('0', '9')
                || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && !last[2..].ContainsAnyExcept(HexadecimalDigits)));
    }

    private static HostText ReadIPv4(ReadOnlySpan<char> text) => TryParseIPv4(text, out var address)
        ? new(address)
        : new(null, LooksLikeAddress, LooseIPv4.Advice(text));

    /// <summary>Four decimal numbers 0..255 without leading zeros.</summary>
    private static bool TryParseIPv4(ReadOnlySpan<char> text, out IPAddress? address)
    {
        address = null;
        Span<byte> bytes = stackalloc byte[4];
        var count = 0;
        foreach (var part in text.Split('.'))
        {
            var digits = text[part];
            if (count == 4 || digits is [] or ['0', _, ..] || !byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[count++]))
            {
                return false;
            }
        }

        address = count == 4 ? new IPAddress(bytes) : null;
        return address is not null;
    }

    private static HostText ReadIPv6(ReadOnlySpan<char> text)
    {
        var percent = text.IndexOf('%');
        var digits = percent < 0 ? text : text[..percent];
        var tail = digits[(digits.LastIndexOf(':') + 1)..];
        if (digits.ContainsAnyExcept(IPv6Characters) || (tail.Contains('.') && !TryParseIPv4(tail, out _))
            || !IPAddress.TryParse(digits, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return new(null, "no host", text.Count(':') == 1 ? null
                : "An IPv6 address is eight groups of hexadecimal digits with colons between them; :: stands for groups of zeros.");
        }

        if (percent < 0)
        {
            return new(address);
        }

        var scope = text[(percent + 1)..].ToString();
        return FindInterface(scope) is { } index
            ? new(new IPAddress(address.GetAddressBytes(), index))
            : new(null, "this machine has no such network interface", $"The part behind the % names one of {Interfaces()}.");
    }

    private static long? FindInterface(string scope)
    {
        var isNumber = uint.TryParse(scope, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        foreach (var each in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (IndexOf(each) is { } index && (isNumber ? index == number : each.Name.Equals(scope, StringComparison.Ordinal)))
            {
                return index;
            }
        }

        return null;
    }

    private static string Interfaces()
    {
        string[] names = [.. NetworkInterface.GetAllNetworkInterfaces()
            .Where(static each => IndexOf(each) is not null).Select(static each => each.Name).Take(8)];
        return names.Length == 0 ? "this machine's interfaces" : string.Join(", ", names);
    }

    private static int? IndexOf(NetworkInterface candidate)
    {
        try
        {
            return candidate.GetIPProperties().GetIPv6Properties()?.Index;
        }
        catch (NetworkInformationException)
        {
            return null; // it does not speak IPv6
        }
    }
}
