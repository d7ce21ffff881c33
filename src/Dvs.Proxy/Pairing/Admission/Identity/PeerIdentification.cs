using System.Buffers;
using System.Net;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tls;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Pairing.Admission.Identity;

/// <summary>
/// Finds out whose a connection at one listener is. The first byte tells TLS from plain bytes: a TLS connection begins with 0x16, a frame
/// with the low byte of a command, which is less. With TLS the certificate's name picks the peer; if it fits several, and without TLS, the
/// source node of the first frame does, which is left in the pipe for the receiver. A hello that names nobody, as old classic proxies send
/// it, is passed over; where no other frame comes, the address tells, if it fits one peer only. Stateless and thread-safe. Behaviour:
/// AdmissionTests, HostileConnectionTests, TlsPairTests, SilentPeerTests.
/// </summary>
internal sealed class PeerIdentification(IReadOnlyList<IAdmissionCandidate> peers, ProxyEnvironment environment) : IConnectionIdentification
{
    private const byte TlsHandshakeRecord = 0x16;

    private readonly bool _anyTls = peers.Any(static peer => peer.Tls is not null);
    private readonly WireLayout _layout = WireLayout.For(environment.DataModel);

    /// <summary>Why a connection from this address may be none of ours; null where it may. Never waits.</summary>
    public string? DescribeStrangeAddress(IPAddress? address) =>
        peers.Any(peer => MayUseTls(peer, address) || MayBePlain(peer, address) || IsUnknownYet(peer))
            ? null
            : "its address is none that a peer of this port may come from (host or allow of the configuration)";

    /// <summary>The peer, where the address alone tells: there is one, it is free, and it does without TLS.</summary>
    public IAdmissionCandidate? FindByAddress(IPAddress? address) =>
        peers.Count == 1 && !_anyTls && peers[0] is { IsClassic: true, IsFree: true } only && only.Addresses.Allows(address) ? only : null;

    /// <inheritdoc/>
    public IAdmissionCandidate? FindSilent(ProxyConnection connection) =>
        !_anyTls && OnlyPeerAt(connection.RemoteAddress, peers) is { IsClassic: true, IsFree: true } peer ? peer : null;

    /// <inheritdoc/>
    public bool IsEnough(ProxyConnection connection, in ReadOnlySequence<byte> seen)
    {
        if (seen.IsEmpty)
        {
            return false;
        }

        if (_anyTls && (seen.FirstSpan[0] == TlsHandshakeRecord || IsPlainByAddress(connection)))
        {
            return true;
        }

        return TryFindName(in seen, out _, out var hellos)
            || (hellos > 0 && OnlyPeerAt(connection.RemoteAddress, peers) is { IsClassic: true });
    }

    /// <summary>Blocks until it is clear, with a session also proven, or the connection ends.</summary>
    public Identification Identify(ProxyConnection connection)
    {
        var found = Find(connection);
        return found.Candidate is { IsClassic: false } peer ? peer.Introduce(found.Connection) : found;
    }

    private Identification Find(ProxyConnection connection)
    {
        var address = connection.RemoteAddress;
        if (!peers.Any(peer => MayUseTls(peer, address) || MayBePlain(peer, address)))
        {
            foreach (var peer in peers)
            {
                peer.Addresses.LookUp();
            }

            if (!peers.Any(peer => MayBePlain(peer, address)))
            {
                return Identification.TurnAway(
                    connection, "its address is none that a peer of this port may come from (host of the configuration, looked up just now)");
            }
        }

        if (!_anyTls)
        {
            return ByFirstFrame(connection, peers, checkAddress: true);
        }

        if (!TryPeekByte(connection, out var first))
        {
            return Identification.TurnAway(connection, "it ended before its first byte");
        }

        return first == TlsHandshakeRecord ? ByCertificate(connection, address) : Plain(connection);
    }

    private Identification ByCertificate(ProxyConnection connection, IPAddress? address)
    {
        List<IAdmissionCandidate> candidates = [.. peers.Where(peer => MayUseTls(peer, address))];
        if (candidates.Count == 0)
        {
            return Identification.TurnAway(connection, "it speaks TLS, but no peer that may come from its address has a tls section");
        }

        List<IAdmissionCandidate> named = [];
        TlsResult tls;
        try
        {
            // Peers that share a port share their files: the configuration's rules see to it.
            var any = candidates[0].Tls!;
            tls = TlsHandshake.AsServer(connection, any.Identity.Current(), any.AllowTls12, CheckNames, environment.Time);
        }
        catch (ProxyTransportException exception)
        {
            return Identification.TurnAway(connection, $"TLS: {exception.Message.TrimEnd('.')}");
        }

        var found = named.Count == 1
            ? Identification.Of(named[0], tls.Connection)
            : ByFirstFrame(tls.Connection, named, checkAddress: false);
        if (found.Candidate is { } peer)
        {
            ProxyLog.TlsEstablished(peer.Logger, peer.Name, connection.RemoteName, tls.Protocol, tls.PeerName, tls.PeerExpires);
        }

        return found;

        string? CheckNames(CertificateNames names)
        {
            named.Clear();
            named.AddRange(candidates.Where(peer => peer.Tls!.Matches(names)));
            return named.Count > 0
                ? null
                : $"its certificate is for {names}; expected {string.Join(" or ", candidates.Select(static peer => peer.Tls!.ExpectedNames))}";
        }
    }

    private Identification Plain(ProxyConnection connection)
    {
        List<IAdmissionCandidate> candidates = [.. peers.Where(static peer => peer.Tls is not { IsRequired: true })];
        if (candidates.Count == 0)
        {
            return Identification.TurnAway(connection, "it does not speak TLS, which is required here (tls section: require)");
        }

        return IsPlainByAddress(connection)
            ? Identification.Of(peers[0], connection)
            : ByFirstFrame(connection, candidates, checkAddress: true);
    }

    private Identification ByFirstFrame(ProxyConnection connection, IReadOnlyList<IAdmissionCandidate> candidates, bool checkAddress)
    {
        if (ReadName(connection, candidates, out var header, out var found) is { } failure)
        {
            return Identification.TurnAway(connection, failure);
        }

        if (found is not null)
        {
            return Identification.Of(found, connection);
        }

        var peer = header.DestinationNode == environment.LocalNodeId
            ? candidates.FirstOrDefault(peer => peer.NodeId == header.SourceNode)
            : null;
        if (peer is null)
        {
            return Identification.TurnAway(connection, DescribeStranger(in header, candidates));
        }

        if (checkAddress && !peer.Addresses.Allows(connection.RemoteAddress))
        {
            peer.Addresses.LookUp();
            if (!peer.Addresses.Allows(connection.RemoteAddress))
            {
                return Identification.TurnAway(
                    connection,
                    $"it claims to be {peer.Name} (node {peer.NodeId}), but its address is none of that peer's (host or allow of the configuration)");
            }
        }

        return Identification.Of(peer, connection);
    }

    private string DescribeStranger(in CommandHeader header, IReadOnlyList<IAdmissionCandidate> candidates)
    {
        var source = header.SourceNode;
        var required = peers.FirstOrDefault(peer => peer.NodeId == source && !candidates.Contains(peer));
        var missing = candidates.Count > 0 && candidates[0].Tls is null ? "TLS is required" : "its certificate is not";
        return required is not null && header.DestinationNode == environment.LocalNodeId
            ? $"it claims to be {required.Name} (node {source}), of which {missing}"
            : $"its first frame goes from node {source} to node {header.DestinationNode}, which is no peer of this port";
    }

    // Reads up to the first frame that names its node, or until a hello that names none is enough with the address. All is left in the
    // pipe.
    private string? ReadName(
        ProxyConnection connection,
        IReadOnlyList<IAdmissionCandidate> candidates,
        out CommandHeader header,
        out IAdmissionCandidate? byAddress)
    {
        byAddress = null;
        while (true)
        {
            var result = ProxyPipes.ReadBlocking(connection.Input);
            var isNamed = TryFindName(result.Buffer, out header, out var hellos);
            byAddress = !isNamed && hellos > 0 && OnlyPeerAt(connection.RemoteAddress, candidates) is { IsClassic: true } only
                ? only
                : null;
            var isClear = isNamed || byAddress is not null;
            connection.Input.AdvanceTo(result.Buffer.Start, isClear ? result.Buffer.Start : result.Buffer.End);
            if (isClear)
            {
                return null;
            }

            if (result.IsCompleted || result.IsCanceled)
            {
                return hellos > 0
                    ? "it ended with hellos alone, which do not say whose they are; its address fits several peers of this port"
                    : $"it ended before its first header was complete ({result.Buffer.Length} of {_layout.HeaderSize} bytes)";
            }
        }
    }

    private bool TryFindName(in ReadOnlySequence<byte> seen, out CommandHeader header, out int hellos)
    {
        hellos = 0;
        var rest = seen;
        while (FrameReader.TryPeekHeader(in rest, _layout, out header))
        {
            if (!ControlMessage.IsUnmarkedHello(in header))
            {
                return true;
            }

            hellos++;
            rest = rest.Slice(_layout.HeaderSize);
        }

        return false;
    }

    private bool IsPlainByAddress(ProxyConnection connection) =>
        peers.Count == 1 && peers[0].Tls is not { IsRequired: true } && peers[0].IsFree
        && peers[0].Addresses.Allows(connection.RemoteAddress);

    private static IAdmissionCandidate? OnlyPeerAt(IPAddress? address, IReadOnlyList<IAdmissionCandidate> candidates)
    {
        IAdmissionCandidate? only = null;
        foreach (var candidate in candidates)
        {
            if (candidate.Tls is not { IsRequired: true } && candidate.Addresses.Allows(address))
            {
                if (only is not null)
                {
                    return null;
                }

                only = candidate;
            }
            else if (candidate.Addresses.IsUnknown)
            {
                return null;
            }
        }

        return only;
    }

    private static bool TryPeekByte(ProxyConnection connection, out byte first)
    {
        first = 0;
        while (true)
        {
            var result = ProxyPipes.ReadBlocking(connection.Input);
            var buffer = result.Buffer;
            if (!buffer.IsEmpty)
            {
                first = buffer.FirstSpan[0];
                connection.Input.AdvanceTo(buffer.Start);
                return true;
            }

            connection.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return false;
            }
        }
    }

    // A certificate says whose a connection is wherever it comes from; a list of addresses limits it further, where there is one.
    private static bool MayUseTls(IAdmissionCandidate peer, IPAddress? address) =>
        peer.Tls is not null && peer.Addresses.IsListedOrUnlimited(address);

    private static bool MayBePlain(IAdmissionCandidate peer, IPAddress? address) =>
        peer.Tls is not { IsRequired: true } && peer.Addresses.Allows(address);

    private static bool IsUnknownYet(IAdmissionCandidate peer) => peer.Tls is not { IsRequired: true } && peer.Addresses.IsLookupDue;
}
