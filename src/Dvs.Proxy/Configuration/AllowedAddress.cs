using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Configuration;

/// <summary>An entry of <see cref="PeerOptions.Allow"/>: an address, or a prefix in CIDR notation.</summary>
internal static class AllowedAddress
{
    /// <summary>Reads an entry. Addresses of IPv4 in IPv6 form become IPv4.</summary>
    /// <param name="text">The entry.</param>
    /// <param name="network">What it stands for; an address is a prefix of full length.</param>
    /// <param name="suggestion">What to do about a bad one, if that can be told.</param>
    public static bool TryParse(string? text, out IPNetwork network, out string? suggestion)
    {
        network = default;
        suggestion = null;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var addressText = slash < 0 ? text : text[..slash];
        if (!TryParseAddress(addressText, out var address, ref suggestion))
        {
            return false;
        }

        var length = BitsOf(address);
        if (slash >= 0 && !TryParseLength(text.AsSpan(slash + 1), BitsOf(address), out length))
        {
            suggestion = $"The length of the prefix of this address is 0..{BitsOf(address)}.";
            return false;
        }

        if (slash < 0 && HostText.WhyNoHost(address) is { } reason && !address.IsIPv6LinkLocal)
        {
            suggestion = $"{address} {reason}: no connection comes from there. For everybody, write 0.0.0.0/0 ::/0.";
            return false;
        }

        var prefix = Cut(address, length);
        if (!prefix.Equals(address))
        {
            suggestion = $"Bits are set behind the prefix: write {prefix}/{length} for the network, or {address} for the address.";
            return false;
        }

        network = Unmap(new IPNetwork(address, length));
        return true;
    }

    private static bool TryParseAddress(string text, out IPAddress address, ref string? suggestion)
    {
        address = IPAddress.None;
        if (text.AsSpan().ContainsAny('%', '['))
        {
            suggestion = "Write the address without scope and brackets.";
            return false;
        }

        var host = text.Length == 0 ? default : HostText.Read(text);
        suggestion = host.Suggestion;
        if (host.Address is null)
        {
            suggestion = host.IsGood && text.Length > 0 ? "Names of hosts are not looked up here: write the address." : suggestion;
            return false;
        }

        address = host.Address;
        return true;
    }

    private static bool TryParseLength(ReadOnlySpan<char> text, int most, out int length)
    {
        length = 0;
        return text is not ['0', _, ..] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= most;
    }

    private static int BitsOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    private static IPNetwork Unmap(IPNetwork network) =>
        network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= 96
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - 96)
            : network;

    private static IPAddress Cut(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var keep = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF00 >> keep);
        }

        return new IPAddress(bytes);
    }
}
