using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Resolved;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>Rules about peers beside each other that need no driver.</summary>
internal static class PeerSetRules
{
    public static void Check(ProxyOptions options, IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers)
    {
        CheckUnique(
            peers,
            nameof(PeerOptions.ProxyId),
            peer => peer.ProxyId < 0 ? null : peer.ProxyId.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "duplicate id");
        CheckUnique(peers, nameof(PeerOptions.Name), peer => string.IsNullOrEmpty(peer.Name) ? null : peer.Name, "duplicate name");
        CheckDriverNames(peers);
        CheckSharedPorts(options, peers);
    }

    private static void CheckUnique(
        IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers, string option, Func<PeerOptions, string?> valueOf, string problem)
    {
        Dictionary<string, OptionSubject> first = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (peer, subject) in peers)
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
        foreach (var (peer, subject) in peers)
        {
            var name = EffectiveOptions.DriverName(peer.Name ?? "");
            if (name.Length > 0 && !first.TryAdd(name, peer) && !first[name].Name.Equals(peer.Name, StringComparison.OrdinalIgnoreCase))
            {
                subject.Warning(nameof(PeerOptions.Name), peer.Name,
                    $"the driver's views will show the same name as for {DiagnosticBag.Show(first[name].Name)}: {DiagnosticBag.Show(name)}",
                    "names that differ in their first 15 bytes");
            }
        }
    }

    // One port is one listener, or one for each of several addresses. A host name may stand for an address that another proxy names
    // otherwise, so names must agree. Beside a proxy that listens everywhere there is no room for a second listener: all share that one.
    private static void CheckSharedPorts(ProxyOptions options, IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers)
    {
        HashSet<int> ids = []; // proxies with one id have one default port, too, but that is not their trouble
        var groups = peers
            .Where(entry => HasUsablePort(options, entry.Peer, entry.Subject))
            .Where(entry => entry.Peer.ListenPort is not null || ids.Add(entry.Peer.ProxyId))
            .GroupBy(entry => (entry.Peer.Transport.ToUpperInvariant(), EffectiveOptions.ListenPort(options, entry.Peer)));
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
        var everywhere = sharing.FirstOrDefault(entry => EffectiveOptions.ListenHost(entry.Peer) is null).Peer;
        if (everywhere is null)
        {
            CheckHostsAgree(sharing, port);
        }

        foreach (var (peer, subject) in sharing)
        {
            if (everywhere is not null && EffectiveOptions.ListenHost(peer) is { } host)
            {
                subject.Warning(
                    nameof(PeerOptions.ListenHost), host,
                    $"has no effect: port {port} is shared with {DiagnosticBag.Show(everywhere.Name ?? "")}, which listens everywhere", null,
                    "Give both the same, or another port.");
            }

            if (options.HandshakeTimeout > TimeSpan.Zero && peer.HelloPeriod >= options.HandshakeTimeout)
            {
                subject.Warning(
                    nameof(PeerOptions.HelloPeriod), peer.HelloPeriod,
                    $"a silent peer is cut off before its first hello, because port {port} is shared",
                    $"less than {ProxyOptions.SectionName}:{nameof(ProxyOptions.HandshakeTimeout)} "
                    + $"({PeerRules.Show(options.HandshakeTimeout)})",
                    "Shorten it, raise the other, or give the proxy a port of its own.");
            }
        }
    }

    private static void CheckHostsAgree((PeerOptions Peer, OptionSubject Subject)[] sharing, int port)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        var first = sharing[0].Peer;
        var onlyAddresses = true;
        foreach (var (peer, subject) in sharing)
        {
            var host = EffectiveOptions.ListenHost(peer)!;
            var isAddress = EffectiveOptions.IsOneAddress(host);
            if (seen.Add(host) && seen.Count > 1 && !(onlyAddresses && isAddress))
            {
                subject.Error(
                    nameof(PeerOptions.ListenHost), host,
                    $"port {port} is shared with {DiagnosticBag.Show(first.Name ?? "")}, which listens on "
                    + $"{DiagnosticBag.Show(EffectiveOptions.ListenHost(first)!)}",
                    "the same for both, or two different addresses", "Give both the same, or another port.");
            }

            onlyAddresses &= isAddress;
        }
    }

    private static bool HasUsablePort(ProxyOptions options, PeerOptions peer, OptionSubject subject) =>
        !string.IsNullOrEmpty(peer.Transport)
        && !EffectiveOptions.UsesPaths(peer)
        && !subject.IsRefused(nameof(PeerOptions.ListenPort))
        && !subject.IsRefused(nameof(PeerOptions.ListenHost))
        && (peer.ListenPort is not null || peer.ProxyId >= 0)
        && OptionRanges.Port.Contains((long)(peer.ListenPort ?? (long)options.BasePort + peer.ProxyId));
}
