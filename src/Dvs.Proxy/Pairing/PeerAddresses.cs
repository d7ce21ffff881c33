using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Configuration;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// The addresses a peer's connections may come from: those of <c>allow</c>, or else those its host name stands for. Names are looked up when
/// an address does not fit, at most once per second, so a peer that moved is found. Thread-safe.
/// </summary>
internal sealed class PeerAddresses(ResolvedPeer peer, TimeProvider time)
{
    private static readonly TimeSpan LookupInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private volatile IPAddress[] _hostAddresses = [];
    private long _lastLookup = -1;

    /// <summary>True where the address is allowed, or where the transport has no addresses.</summary>
    public bool Allows(IPAddress? address)
    {
        if (address is null)
        {
            return true;
        }

        if (peer.Allow.Count > 0)
        {
            return peer.IsListed(address);
        }

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (IsOfHost(plain))
        {
            return true;
        }

        LookUp();
        return IsOfHost(plain);
    }

    // Whoever sits on this machine's loopback can reach every 127.x.y.z, whichever of them it calls from.
    private bool IsOfHost(IPAddress address) => Array.Exists(
        _hostAddresses, candidate => candidate.Equals(address) || (IPAddress.IsLoopback(candidate) && IPAddress.IsLoopback(address)));

    private void LookUp()
    {
        lock (_lock)
        {
            if (_lastLookup >= 0 && time.GetElapsedTime(_lastLookup) < LookupInterval)
            {
                return;
            }

            try
            {
                _hostAddresses = Dns.GetHostAddresses(peer.Remote.Host ?? "");
            }
            catch (SocketException)
            {
                // Unknown at present: nobody is allowed, and the sender's attempts to connect say why.
            }

            _lastLookup = time.GetTimestamp();
        }
    }
}
