using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>From what the configuration names to addresses.</summary>
internal static class SocketAddresses
{
    /// <summary>An IPv4 address that came in through an IPv6 socket, as IPv4; others as they are.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>All addresses of a host, IPv4 first. Blocks the caller while the name is looked up.</summary>
    /// <exception cref="ProxyTransportException">The name cannot be resolved.</exception>
    internal static IPAddress[] Resolve(string host, string purpose, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return [Plain(address)];
        }

        IPAddress[] found;
        if (string.IsNullOrWhiteSpace(host))
        {
            // The system would take it for this machine.
            throw new ProxyTransportException($"{purpose}: the host name is empty.");
        }

        try
        {
            found = Dns.GetHostAddressesAsync(host, cancellationToken).GetAwaiter().GetResult();
        }
        catch (SocketException failure)
        {
            throw new ProxyTransportException($"{purpose}: {SocketErrorText.Of(failure.SocketErrorCode)}.", failure);
        }
        catch (ArgumentException failure)
        {
            throw new ProxyTransportException($"{purpose}: '{host}' is not a host name or address.", failure);
        }

        if (found.Length == 0)
        {
            throw new ProxyTransportException($"{purpose}: {SocketErrorText.Of(SocketError.NoData)}.");
        }

        return [.. found.OrderBy(each => each.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)];
    }
}
