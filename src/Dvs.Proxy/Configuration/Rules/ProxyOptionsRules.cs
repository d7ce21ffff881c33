using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>
/// The rules for options, wherever they come from: the classic file and the options system share them. Pure; every rule is checked, and
/// every violation is one diagnostic.
/// </summary>
internal static class ProxyOptionsRules
{
    /// <summary>Transports every proxy has.</summary>
    public static IReadOnlyCollection<string> BuiltInTransports { get; } = ["tcp", "unix"];

    /// <summary>What can be told without a driver.</summary>
    public static IReadOnlyList<ConfigurationDiagnostic> ValidateStatic(ProxyOptions options)
    {
        List<ConfigurationDiagnostic> found = [];
        CheckNode(OptionSubject.Node(found, options), options);
        var peers = PeersOf(options, found);
        foreach (var (peer, subject) in peers)
        {
            PeerRules.Check(subject, options, peer);
        }

        PeerSetRules.Check(options, peers);
        TlsRules.CheckSharedPorts(options, peers);
        return found;
    }

    /// <summary>All rules.</summary>
    /// <param name="options">What to check.</param>
    /// <param name="limits">The driver's limits.</param>
    /// <param name="localNodeId">The driver's node id; negative while it has none: then <see cref="ProxyOptions.NodeId"/> counts, and without
    /// that the rules that depend on it are left out.</param>
    /// <param name="transportNames">The registered transports.</param>
    public static IReadOnlyList<ConfigurationDiagnostic> Validate(
        ProxyOptions options, DvsInfo limits, int localNodeId, IReadOnlyCollection<string> transportNames)
    {
        List<ConfigurationDiagnostic> found = [.. ValidateStatic(options)];
        var node = OptionSubject.Node(found, options);
        CheckNodeId(node, options, limits, localNodeId);
        var peers = PeersOf(options, found, reportNull: false);
        if (peers.Count > limits.MaxNodes - 1)
        {
            ReportTooMany(peers, limits);
        }

        var local = localNodeId >= 0 ? localNodeId : options.NodeId ?? -1;
        foreach (var (peer, subject) in peers)
        {
            CheckProxyId(subject, peer, limits, local);
            CheckDcs(subject, peer, limits);
            CheckTransport(subject, peer, transportNames);
            CheckSendPort(subject, options, peer, local);
        }

        SecretRules.CheckFiles(peers);
        TlsRules.CheckFiles(peers, DateTimeOffset.UtcNow);
        return found;
    }

    /// <summary>What to make sure of at nodes that may run classic C proxies; worth reading once nothing else is wrong.</summary>
    public static IReadOnlyList<ConfigurationDiagnostic> AdviseOnClassicPeers(ProxyOptions options)
    {
        List<ConfigurationDiagnostic> found = [];
        ClassicPeerRules.Check(PeersOf(options, found, reportNull: false));
        return found;
    }

    /// <summary>Whether a value is a usable time; reports it if not.</summary>
    public static bool CheckTime(OptionSubject subject, string option, TimeSpan value)
    {
        var isGood = value > TimeSpan.Zero && value <= OptionRanges.LongestTime;
        if (!isGood && !subject.IsRefused(option))
        {
            subject.Error(option, value, "out of range", "a time longer than 0 and at most 24 days");
        }

        return isGood;
    }

    /// <summary>Whether a value is in its range; reports it if not.</summary>
    public static bool CheckRange(OptionSubject subject, string option, int value, OptionRange range, string? suggestion = null)
    {
        var isGood = range.Contains(value);
        if (!isGood && !subject.IsRefused(option))
        {
            subject.Error(option, value, "out of range", range.ToString(), suggestion);
        }

        return isGood;
    }

    private static List<(PeerOptions Peer, OptionSubject Subject)> PeersOf(ProxyOptions options, List<ConfigurationDiagnostic> found, bool reportNull = true)
    {
        List<(PeerOptions, OptionSubject)> peers = [];
        for (var i = 0; i < (options.Peers?.Count ?? 0); i++)
        {
            if (options.Peers![i] is { } peer)
            {
                peers.Add((peer, OptionSubject.Peer(found, peer, i)));
            }
            else if (reportNull)
            {
                OptionSubject.Node(found, options).Error($"{nameof(ProxyOptions.Peers)}:{i}", "null", "empty entry", "a peer", "Fill it in or remove it.");
            }
        }

        return peers;
    }

    private static void CheckNode(OptionSubject node, ProxyOptions options)
    {
        CheckRange(node, nameof(ProxyOptions.BasePort), options.BasePort, OptionRanges.Port);
        CheckRange(node, nameof(ProxyOptions.MaxPendingConnections), options.MaxPendingConnections, OptionRanges.PendingConnections);
        CheckRange(node, nameof(ProxyOptions.MaxPendingPerAddress), options.MaxPendingPerAddress, OptionRanges.PendingConnections);
        CheckRange(node, nameof(ProxyOptions.LogBurst), options.LogBurst, OptionRanges.LogBurst);
        CheckTime(node, nameof(ProxyOptions.LogPeriod), options.LogPeriod);
        CheckTime(node, nameof(ProxyOptions.ShutdownTimeout), options.ShutdownTimeout);
        CheckTime(node, nameof(ProxyOptions.HandshakeTimeout), options.HandshakeTimeout);
        if (!Enum.IsDefined(options.DataModel))
        {
            node.Error(nameof(ProxyOptions.DataModel), (int)options.DataModel, "unknown value", "Lp64 or Ilp32");
        }

        if (!Enum.IsDefined(options.OnStop))
        {
            node.Error(nameof(ProxyOptions.OnStop), (int)options.OnStop, "unknown value", "End or Park");
        }

        if (options.NodeId is < 0)
        {
            node.Error(nameof(ProxyOptions.NodeId), options.NodeId, "out of range", "a node id, from 0");
        }

        if (options.Peers is null or { Count: 0 })
        {
            node.Warning(nameof(ProxyOptions.Peers), null, "no peers: this node will talk to nobody", null, "Add a proxy for every peer node.");
        }
    }

    private static void CheckNodeId(OptionSubject node, ProxyOptions options, DvsInfo limits, int localNodeId)
    {
        if (options.NodeId is not { } nodeId || nodeId < 0)
        {
            return;
        }

        if (nodeId >= limits.MaxNodes)
        {
            node.Error(nameof(ProxyOptions.NodeId), nodeId, "out of range", IdsOf(limits));
        }
        else if (localNodeId >= 0 && nodeId != localNodeId)
        {
            node.Error(
                nameof(ProxyOptions.NodeId), nodeId, "contradicts the driver", $"{localNodeId}, the node id of the driver",
                "Correct it or leave it out; or this file belongs to another node.");
        }
    }

    private static void CheckProxyId(OptionSubject subject, PeerOptions peer, DvsInfo limits, int local)
    {
        const string Option = nameof(PeerOptions.ProxyId);
        if (subject.IsRefused(Option) || peer.ProxyId < 0)
        {
            return; // reported before
        }

        if (peer.ProxyId >= limits.MaxNodes)
        {
            subject.Error(Option, peer.ProxyId, "out of range", IdsOf(limits));
        }
        else if (peer.ProxyId == local)
        {
            subject.Error(Option, peer.ProxyId, "is the local node", "the id of another node",
                "A node needs no proxy for itself: remove this one, or correct the id.");
        }
    }

    private static void CheckDcs(OptionSubject subject, PeerOptions peer, DvsInfo limits)
    {
        for (var i = 0; i < (peer.Dcs?.Count ?? 0); i++)
        {
            if (peer.Dcs![i] >= limits.MaxDcs)
            {
                subject.Error(
                    $"{nameof(PeerOptions.Dcs)}:{i}", peer.Dcs[i], "out of range", $"0..{limits.MaxDcs - 1} (the driver knows {limits.MaxDcs} DCs)");
            }
        }
    }

    private static void CheckTransport(OptionSubject subject, PeerOptions peer, IReadOnlyCollection<string> transportNames)
    {
        const string Option = nameof(PeerOptions.Transport);
        if (subject.IsRefused(Option) || string.IsNullOrEmpty(peer.Transport) || transportNames.Contains(peer.Transport, StringComparer.OrdinalIgnoreCase))
        {
            return;
        }

        var isFormatWord = peer.Transport.Equals("udp", StringComparison.OrdinalIgnoreCase)
            || peer.Transport.Equals("tipc", StringComparison.OrdinalIgnoreCase);
        var problem = isFormatWord ? "transport is a word of the format, but nothing implements it" : "unknown transport";
        var expected = transportNames.Count == 0
            ? "a registered transport, but none is registered"
            : $"a registered transport: {string.Join(", ", transportNames)}";
        subject.Error(Option, peer.Transport, problem, expected);
    }

    private static void CheckSendPort(OptionSubject subject, ProxyOptions options, PeerOptions peer, int local)
    {
        if (peer.ConnectPort is null && !EffectiveOptions.UsesPaths(peer) && local >= 0 && OptionRanges.Port.Contains(options.BasePort)
            && !subject.IsRefused(nameof(PeerOptions.ConnectPort)) && !OptionRanges.Port.Contains(EffectiveOptions.ConnectPort(options, peer, local)))
        {
            PeerRules.ReportDefaultPort(subject, nameof(PeerOptions.ConnectPort), options.BasePort, local, "local node id");
        }
    }

    private static void ReportTooMany(List<(PeerOptions Peer, OptionSubject Subject)> peers, DvsInfo limits)
    {
        var (peer, subject) = peers[Math.Max(0, limits.MaxNodes - 1)];
        subject.Error(
            nameof(PeerOptions.Name), peer.Name, $"too many proxies: {peers.Count}",
            $"at most {limits.MaxNodes - 1}: the driver knows {limits.MaxNodes} nodes, this one included");
    }

    private static string IdsOf(DvsInfo limits) => $"0..{limits.MaxNodes - 1} (the driver knows {limits.MaxNodes} nodes)";
}
