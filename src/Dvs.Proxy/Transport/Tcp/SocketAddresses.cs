using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Transport.Addresses;
using Dvs.Proxy.Transport.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>From what the configuration names to addresses.</summary>
internal static class SocketAddresses
{
    /// <summary>All addresses of a host, the families in turn, IPv4 first: where one family is broken, the other is tried next, not last.
    /// Blocks the caller while the name is looked up.</summary>
    /// <exception cref="ProxyTransportException">It is neither an address nor a name, or the name cannot be resolved.</exception>
    internal static IPAddress[] Resolve(string host, string purpose, Func<string, CancellationToken, IPAddress[]> lookUp, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(host))
        {
            // The system would take it for this machine.
            throw new ProxyTransportException($"{purpose}: the host name is empty.");
        }

        var text = HostText.Read(host);
        if (!text.IsGood)
        {
            throw new ProxyTransportException($"{purpose}: '{host}' is not a host name or address: "
                + $"{text.Problem}.{(text.Suggestion is null ? "" : " ")}{text.Suggestion}");
        }

        if (text.Address is { } address)
        {
            return [HostText.Plain(address)];
        }

        IPAddress[] found;
        try
        {
            found = lookUp(host, cancellationToken);
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

        return InTurn(found);
    }

    /// <summary>The system's own names: files, DNS.</summary>
    internal static IPAddress[] LookUp(string host, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(host, cancellationToken).GetAwaiter().GetResult();

    private static IPAddress[] InTurn(IPAddress[] found)
    {
        IPAddress[] distinct = [.. found.Select(HostText.Plain).Distinct()];
        return [.. distinct
            .GroupBy(static each => each.AddressFamily)
            .SelectMany(static family => family.Select(static (address, rank) => (address, rank)))
            .OrderBy(static each => each.rank)
            .ThenBy(static each => each.address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
            .Select(static each => each.address)];
    }
}
