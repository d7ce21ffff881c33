using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// The addresses a peer's connections may come from: those of <c>allow</c>, or else those its host name stands for. Names are looked up when
/// an address does not fit, at most once per second, so a peer that moved is found. Thread-safe.
/// </summary>
internal sealed class PeerAddresses
{
    private static readonly TimeSpan LookupInterval = TimeSpan.FromSeconds(1);

    private readonly string? _host;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private volatile AddressFilter _filter;
    private long _lastLookup = -1;

    public PeerAddresses(ResolvedPeer peer, TimeProvider time)
    {
        _time = time;
        _host = peer.Allow.Count == 0 ? peer.Remote.Host : null;
        _filter = new AddressFilter(peer.Allow);
    }

    /// <summary>True where the address is allowed, or where the transport has no addresses.</summary>
    public bool Allows(IPAddress? address)
    {
        if (address is null)
        {
            return true;
        }

        if (_host is null)
        {
            return _filter.IsAllowed(address);
        }

        if (_lastLookup >= 0 && AllowsLookedUp(address))
        {
            return true;
        }

        LookUp(_host);
        return AllowsLookedUp(address);
    }

    // Whoever sits on this machine's loopback reaches every 127.x.y.z, whichever it calls from.
    private bool AllowsLookedUp(IPAddress address) =>
        _filter is { IsEmpty: false } filter && (filter.IsAllowed(address) || (IPAddress.IsLoopback(address) && filter.AllowsLoopback));

    private void LookUp(string host)
    {
        lock (_lock)
        {
            if (_lastLookup >= 0 && _time.GetElapsedTime(_lastLookup) < LookupInterval)
            {
                return;
            }

            try
            {
                _filter = new AddressFilter([.. Dns.GetHostAddresses(host).Select(AsNetwork)]);
            }
            catch (SocketException)
            {
                // Unknown today: nobody is allowed, and the sender's attempts to connect say why.
            }

            _lastLookup = _time.GetTimestamp();
        }
    }

    private static IPNetwork AsNetwork(IPAddress address) => new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
}
