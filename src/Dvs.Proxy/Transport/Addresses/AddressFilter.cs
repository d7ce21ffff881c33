using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.Transport.Addresses;

/// <summary>Addresses and prefixes that may connect; none given lets everyone in. IPv4 addresses that came through IPv6 count as IPv4.
/// Immutable.</summary>
internal sealed class AddressFilter
{
    private readonly IPNetwork[] _networks;

    internal AddressFilter(IEnumerable<IPNetwork> allowed) => _networks = [.. allowed];

    internal AddressFilter(IEnumerable<IPAddress> allowed)
        : this(allowed.Select(Single))
    {
    }

    /// <summary>Lets everyone in.</summary>
    internal static AddressFilter Everyone { get; } = new(Array.Empty<IPNetwork>());

    internal bool IsEmpty => _networks.Length == 0;

    /// <summary>Whether this address may connect; a transport without addresses (null) is not filtered by address, so only an empty
    /// filter lets it in.</summary>
    internal bool IsAllowed(IPAddress? address)
    {
        if (_networks.Length == 0)
        {
            return true;
        }

        if (address is null)
        {
            return false;
        }

        var plain = WithoutScope(address);
        foreach (var network in _networks)
        {
            if (network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    public override string ToString() => IsEmpty ? "everyone" : string.Join(", ", _networks);

    private static IPNetwork Single(IPAddress address)
    {
        var plain = WithoutScope(address);
        return new IPNetwork(plain, plain.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    /// <summary>As IPv4 where it is one, and without the number of the interface it came through.</summary>
    private static IPAddress WithoutScope(IPAddress address)
    {
        var plain = HostText.Plain(address);
        return plain.AddressFamily == AddressFamily.InterNetworkV6 && plain.ScopeId != 0
            ? new IPAddress(plain.GetAddressBytes())
            : plain;
    }
}
