using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Pairing.Admission.Identity;

/// <summary>
/// The addresses a peer's plain connections may come from: those of <c>allow</c>, or else those its host name stands for. A name is looked
/// up when an address does not fit, by one thread at a time and at most once per second, so a peer that moved, or a name that came late, is
/// found, and strangers cannot make this node ask all the time. Owns what was found. Thread-safe. Behaviour: AdmissionTests.
/// </summary>
internal sealed class PeerAddresses
{
    private static readonly TimeSpan LookupInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly string _host;
    private readonly bool _isName;
    private readonly AddressFilter _listed;
    private readonly Lock _lock = new();
    private volatile IPAddress[] _hostAddresses = [];
    private volatile AddressFilter _hostFilter = AddressFilter.Everyone;
    private bool _lookingUp;
    private long _lastLookup = -1;

    public PeerAddresses(ResolvedPeer peer, TimeProvider time)
    {
        _time = time;
        _host = peer.Remote.Host ?? "";
        _listed = new AddressFilter(peer.Allow);
        _isName = !HostText.TryParseAddress(_host, out var address);
        if (!_isName)
        {
            SetHostAddresses([address]);
        }
    }

    /// <summary>True where the list (<c>allow</c>) has the address, or where there is no list, or the transport has no addresses.</summary>
    public bool IsListedOrUnlimited(IPAddress? address) => address is null || _listed.IsAllowed(address);

    /// <summary>True where the address is allowed as far as is known now, or where the transport has no addresses. Never waits.</summary>
    public bool Allows(IPAddress? address) => address is null || (_listed.IsEmpty ? IsOfHost(address) : _listed.IsAllowed(address));

    /// <summary>True while the host is a name that has not been found yet, so that any address might be its.</summary>
    public bool IsUnknown => _isName && _listed.IsEmpty && _hostAddresses.Length == 0;

    /// <summary>True where <see cref="LookUp"/> might find more, and nobody did it lately.</summary>
    public bool IsLookupDue
    {
        get
        {
            lock (_lock)
            {
                return IsDue();
            }
        }
    }

    /// <summary>Looks the host's name up if that is due. Blocks as long as the name servers take.</summary>
    public void LookUp()
    {
        lock (_lock)
        {
            if (!IsDue())
            {
                return;
            }

            _lookingUp = true;
        }

        try
        {
            SetHostAddresses(Dns.GetHostAddresses(_host));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // Unknown at present: who was known stays so, and the sender's attempts to connect say why.
        }
        finally
        {
            lock (_lock)
            {
                _lookingUp = false;
                _lastLookup = _time.GetTimestamp();
            }
        }
    }

    private bool IsDue() =>
        _isName && _listed.IsEmpty && _host.Length > 0 && !_lookingUp
        && (_lastLookup < 0 || _time.GetElapsedTime(_lastLookup) >= LookupInterval);

    private void SetHostAddresses(IPAddress[] addresses)
    {
        _hostFilter = new AddressFilter(addresses);
        _hostAddresses = addresses;
    }

    // Whoever sits on this machine's loopback can reach every 127.x.y.z, whichever of them it calls from.
    private bool IsOfHost(IPAddress address)
    {
        var known = _hostAddresses;
        return known.Length > 0 && (_hostFilter.IsAllowed(address) || (IsLoopback(address) && Array.Exists(known, IsLoopback)));
    }

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(HostText.Plain(address));
}
