using System.Buffers;
using System.Net;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>
/// Finds out whose a connection at one listener is. The first byte tells TLS from plain bytes: a TLS connection begins with 0x16, a frame
/// with the low byte of a command, which is less. With TLS the certificate's name picks the pair; if it fits several, and without TLS, the
/// source node of the first frame does, which is left in the pipe for the receiver. A hello that names nobody, as old classic proxies send
/// it, is passed over; where no other frame comes, the address tells, if it fits one peer only. Thread-safe.
/// </summary>
internal sealed class PeerIdentification(IReadOnlyList<ProxyPair> pairs, ProxyEnvironment environment) : IConnectionIdentification
{
    private const byte TlsHandshakeRecord = 0x16;

    private readonly bool _anyTls = pairs.Any(static pair => pair.Tls is not null);
    private readonly WireLayout _layout = WireLayout.For(environment.DataModel);

    /// <summary>Why a connection from this address may be none of ours; null where it may. Never waits.</summary>
    public string? RefuseAddress(IPAddress? address) =>
        pairs.Any(pair => MayUseTls(pair, address) || MayBePlain(pair, address) || IsUnknownYet(pair))
            ? null
            : "its address is none that a peer of this port may come from (host or allow of the configuration)";

    /// <summary>The pair, where the address alone tells: there is one, it is free, and it does without TLS.</summary>
    public ProxyPair? FindByAddress(IPAddress? address) =>
        pairs.Count == 1 && !_anyTls && pairs[0] is { IsClassic: true, IsReceiverConnected: false } only && only.Addresses.Allows(address) ? only : null;

    /// <inheritdoc/>
    public ProxyPair? FindSilent(ProxyConnection connection) =>
        !_anyTls && OnlyPairAt(connection.RemoteAddress, pairs) is { IsClassic: true, IsReceiverConnected: false } pair ? pair : null;

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

        return TryFindName(in seen, out _, out var hellos) || (hellos > 0 && OnlyPairAt(connection.RemoteAddress, pairs) is { IsClassic: true });
    }

    /// <summary>Blocks until it is clear, with a session also proven, or the connection ends.</summary>
    public Identification Identify(ProxyConnection connection)
    {
        var found = Find(connection);
        return found.Pair is { IsClassic: false } pair ? pair.Introduce(found.Connection) : found;
    }

    private Identification Find(ProxyConnection connection)
    {
        IPAddress? address = connection.RemoteAddress;
        if (!pairs.Any(pair => MayUseTls(pair, address) || MayBePlain(pair, address)))
        {
            foreach (var pair in pairs)
            {
                pair.Addresses.LookUp();
            }

            if (!pairs.Any(pair => MayBePlain(pair, address)))
            {
                return Identification.Refuse(connection, "its address is none that a peer of this port may come from (host of the configuration, looked up just now)");
            }
        }

        if (!_anyTls)
        {
            return ByFirstFrame(connection, pairs, checkAddress: true);
        }

        if (!TryPeekByte(connection, out byte first))
        {
            return Identification.Refuse(connection, "it ended before its first byte");
        }

        return first == TlsHandshakeRecord ? ByCertificate(connection, address) : Plain(connection);
    }

    private Identification ByCertificate(ProxyConnection connection, IPAddress? address)
    {
        List<ProxyPair> candidates = [.. pairs.Where(pair => MayUseTls(pair, address))];
        if (candidates.Count == 0)
        {
            return Identification.Refuse(connection, "it speaks TLS, but no peer that may come from its address has a tls section");
        }

        List<ProxyPair> named = [];
        TlsResult tls;
        try
        {
            // Peers that share a port share their files: the configuration's rules see to it.
            PeerTls any = candidates[0].Tls!;
            tls = TlsHandshake.AsServer(connection, any.Identity.Current(), any.AllowTls12, CheckNames, environment.Time);
        }
        catch (ProxyTransportException exception)
        {
            return Identification.Refuse(connection, $"TLS: {exception.Message.TrimEnd('.')}");
        }

        var found = named.Count == 1 ? Identification.Of(named[0], tls.Connection) : ByFirstFrame(tls.Connection, named, checkAddress: false);
        if (found.Pair is { } pair)
        {
            ProxyLog.TlsEstablished(pair.Logger, pair.Name, connection.RemoteName, tls.Protocol, tls.PeerName, tls.PeerExpires);
        }

        return found;

        string? CheckNames(CertificateNames names)
        {
            named.Clear();
            named.AddRange(candidates.Where(pair => pair.Tls!.Matches(names)));
            return named.Count > 0
                ? null
                : $"its certificate is for {names}; expected {string.Join(" or ", candidates.Select(static pair => pair.Tls!.ExpectedNames))}";
        }
    }

    private Identification Plain(ProxyConnection connection)
    {
        List<ProxyPair> candidates = [.. pairs.Where(static pair => pair.Tls is not { IsRequired: true })];
        if (candidates.Count == 0)
        {
            return Identification.Refuse(connection, "it does not speak TLS, which is required here (tls section: require)");
        }

        return IsPlainByAddress(connection)
            ? Identification.Of(pairs[0], connection)
            : ByFirstFrame(connection, candidates, checkAddress: true);
    }

    private Identification ByFirstFrame(ProxyConnection connection, IReadOnlyList<ProxyPair> candidates, bool checkAddress)
    {
        if (ReadName(connection, candidates, out var header, out var found) is { } failure)
        {
            return Identification.Refuse(connection, failure);
        }

        if (found is not null)
        {
            return Identification.Of(found, connection);
        }

        var pair = header.DestinationNode == environment.LocalNodeId ? candidates.FirstOrDefault(pair => pair.NodeId == header.SourceNode) : null;
        if (pair is null)
        {
            return Identification.Refuse(connection, DescribeStranger(in header, candidates));
        }

        if (checkAddress && !pair.Addresses.Allows(connection.RemoteAddress))
        {
            pair.Addresses.LookUp();
            if (!pair.Addresses.Allows(connection.RemoteAddress))
            {
                return Identification.Refuse(connection, $"it claims to be {pair.Name} (node {pair.NodeId}), but its address is none of that peer's (host or allow of the configuration)");
            }
        }

        return Identification.Of(pair, connection);
    }

    private string DescribeStranger(in CommandHeader header, IReadOnlyList<ProxyPair> candidates)
    {
        int source = header.SourceNode;
        var required = pairs.FirstOrDefault(pair => pair.NodeId == source && !candidates.Contains(pair));
        return required is not null && header.DestinationNode == environment.LocalNodeId
            ? $"it claims to be {required.Name} (node {source}), of which {(candidates.Count > 0 && candidates[0].Tls is null ? "TLS is required" : "its certificate is not")}"
            : $"its first frame goes from node {source} to node {header.DestinationNode}, which is no peer of this port";
    }

    // Reads up to the first frame that names its node, or until a hello that names none is enough with the address. All is left in the pipe.
    private string? ReadName(ProxyConnection connection, IReadOnlyList<ProxyPair> candidates, out CommandHeader header, out ProxyPair? byAddress)
    {
        byAddress = null;
        while (true)
        {
            var result = ProxyPipes.ReadBlocking(connection.Input);
            var isNamed = TryFindName(result.Buffer, out header, out var hellos);
            byAddress = !isNamed && hellos > 0 && OnlyPairAt(connection.RemoteAddress, candidates) is { IsClassic: true } only ? only : null;
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
        pairs.Count == 1 && pairs[0].Tls is not { IsRequired: true } && !pairs[0].IsReceiverConnected && pairs[0].Addresses.Allows(connection.RemoteAddress);

    private static ProxyPair? OnlyPairAt(IPAddress? address, IReadOnlyList<ProxyPair> candidates)
    {
        ProxyPair? only = null;
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
    private static bool MayUseTls(ProxyPair pair, IPAddress? address) => pair.Tls is not null && pair.Addresses.IsListedOrUnlimited(address);

    private static bool MayBePlain(ProxyPair pair, IPAddress? address) => pair.Tls is not { IsRequired: true } && pair.Addresses.Allows(address);

    private static bool IsUnknownYet(ProxyPair pair) => pair.Tls is not { IsRequired: true } && pair.Addresses.IsLookupDue;
}
