namespace Dvs.Proxy.Configuration;

/// <summary>Rules about peers beside each other that need no driver.</summary>
internal static class PeerSetRules
{
    public static void Check(ProxyOptions options, IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers)
    {
        CheckUnique(peers, nameof(PeerOptions.ProxyId), peer => peer.ProxyId < 0 ? null : peer.ProxyId.ToString(System.Globalization.CultureInfo.InvariantCulture), "duplicate id");
        CheckUnique(peers, nameof(PeerOptions.Name), peer => string.IsNullOrEmpty(peer.Name) ? null : peer.Name, "duplicate name");
        CheckDriverNames(peers);
        CheckSharedPorts(options, peers);
    }

    private static void CheckUnique(
        IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers, string option, Func<PeerOptions, string?> valueOf, string problem)
    {
        Dictionary<string, OptionSubject> first = new(StringComparer.OrdinalIgnoreCase);
        foreach ((PeerOptions peer, OptionSubject subject) in peers)
        {
            if (subject.IsRefused(option) || valueOf(peer) is not { } value || first.TryAdd(value, subject))
            {
                continue;
            }

            subject.Error(option, value, problem, $"one that no other proxy has: {first[value].PlaceOf(option)} has it already");
        }
    }

    private static void CheckDriverNames(IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers)
    {
        Dictionary<string, PeerOptions> first = new(StringComparer.Ordinal);
        foreach ((PeerOptions peer, OptionSubject subject) in peers)
        {
            string name = EffectiveOptions.DriverName(peer.Name ?? "");
            if (name.Length > 0 && !first.TryAdd(name, peer) && !first[name].Name.Equals(peer.Name, StringComparison.OrdinalIgnoreCase))
            {
                subject.Warning(nameof(PeerOptions.Name), peer.Name, $"the driver's views will show the same name as for {first[name].Name}: \"{name}\"", "names that differ in their first 15 bytes");
            }
        }
    }

    // One port is one listener, or one for each of several addresses. A host name may stand for an address that another proxy names
    // otherwise, so names must agree. Beside a proxy that listens everywhere there is no room for a second listener: all share that one.
    private static void CheckSharedPorts(ProxyOptions options, IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers)
    {
        var groups = peers
            .Where(entry => HasUsablePort(options, entry.Peer, entry.Subject))
            .GroupBy(entry => (entry.Peer.Transport.ToUpperInvariant(), EffectiveOptions.ReceivePort(options, entry.Peer)));
        foreach (var group in groups)
        {
            (PeerOptions Peer, OptionSubject Subject)[] sharing = [.. group];
            if (sharing.Length > 1)
            {
                CheckGroup(options, sharing, group.Key.Item2);
            }
        }
    }

    private static void CheckGroup(ProxyOptions options, (PeerOptions Peer, OptionSubject Subject)[] sharing, int port)
    {
        PeerOptions? everywhere = sharing.FirstOrDefault(entry => EffectiveOptions.ReceiveHost(entry.Peer) is null).Peer;
        for (int i = 0; i < sharing.Length; i++)
        {
            (PeerOptions peer, OptionSubject subject) = sharing[i];
            string? host = EffectiveOptions.ReceiveHost(peer);
            if (host is not null && everywhere is not null)
            {
                subject.Warning(
                    nameof(PeerOptions.ReceiveHost), host, $"has no effect: port {port} is shared with {everywhere.Name}, which listens everywhere", null,
                    "Give both the same, or another port.");
            }
            else if (host is not null && Clash(sharing[..i], host) is { } other)
            {
                subject.Error(
                    nameof(PeerOptions.ReceiveHost), host, $"port {port} is shared with {other.Name}, which listens on {EffectiveOptions.ReceiveHost(other)}",
                    "the same for both, or two different addresses", "Give both the same, ANY, or another port.");
            }

            if (options.HandshakeTimeout > TimeSpan.Zero && peer.HelloPeriod >= options.HandshakeTimeout)
            {
                subject.Warning(
                    nameof(PeerOptions.HelloPeriod), peer.HelloPeriod,
                    $"not shorter than {nameof(ProxyOptions.HandshakeTimeout)} ({options.HandshakeTimeout}): at the shared port {port} a silent peer is cut off before its first hello", null,
                    "Shorten it, raise the other, or give the proxy a port of its own.");
            }
        }
    }

    private static PeerOptions? Clash((PeerOptions Peer, OptionSubject Subject)[] others, string host)
    {
        foreach ((PeerOptions other, _) in others)
        {
            string otherHost = EffectiveOptions.ReceiveHost(other)!;
            if (!otherHost.Equals(host, StringComparison.OrdinalIgnoreCase) && !EffectiveOptions.AreDistinctAddresses(otherHost, host))
            {
                return other;
            }
        }

        return null;
    }

    private static bool HasUsablePort(ProxyOptions options, PeerOptions peer, OptionSubject subject) =>
        !string.IsNullOrEmpty(peer.Transport)
        && !subject.IsRefused(nameof(PeerOptions.ReceivePort))
        && !subject.IsRefused(nameof(PeerOptions.ReceiveHost))
        && (peer.ReceivePort is not null || peer.ProxyId >= 0)
        && OptionRanges.Port.Contains((long)(peer.ReceivePort ?? (long)options.BasePort + peer.ProxyId));
}
