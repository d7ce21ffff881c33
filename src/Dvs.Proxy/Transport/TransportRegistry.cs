using System.Diagnostics.CodeAnalysis;

namespace Dvs.Proxy.Transport;

/// <summary>The transports there are, by name: what <c>proto</c> of the configuration picks from. Immutable, thread-safe.</summary>
public sealed class TransportRegistry
{
    private readonly Dictionary<string, IProxyTransport> _transports = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Collects transports. Of two with the same name the later counts, so that a user can replace a built-in one.</summary>
    /// <exception cref="ArgumentException">A transport has no name.</exception>
    public TransportRegistry(IEnumerable<IProxyTransport> transports)
    {
        ArgumentNullException.ThrowIfNull(transports);
        foreach (var transport in transports)
        {
            if (string.IsNullOrWhiteSpace(transport.Name))
            {
                throw new ArgumentException(
                    $"The transport {transport.GetType()} has no name; 'proto' could not pick it.", nameof(transports));
            }

            _transports[transport.Name] = transport;
        }

        Names = [.. _transports.Keys.Order(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>All names, in alphabetical order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The transport of that name, without regard to case.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out IProxyTransport? transport)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _transports.TryGetValue(name, out transport);
    }

    /// <summary>The transport of that name, without regard to case.</summary>
    /// <exception cref="ProxyTransportException">Nobody registered one; the message lists those that are.</exception>
    public IProxyTransport Get(string name) => TryGet(name, out var transport)
        ? transport
        : throw new ProxyTransportException(DescribeMissing(name));

    /// <summary>What to tell the user about a name that nobody registered.</summary>
    internal string DescribeMissing(string name)
    {
        var registered = Names.Count == 0 ? "none is" : string.Join(", ", Names);
        return $"No transport is registered under the name '{name}'. Registered: {registered}. "
            + $"Name one of these in 'proto', or register an {nameof(IProxyTransport)} of that name.";
    }
}
