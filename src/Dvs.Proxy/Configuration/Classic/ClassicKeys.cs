using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Configuration.Classic;

/// <summary>
/// The key tables: all there is to know of a key is its entry. Binding, the suggestions for unknown keys and the help text come from here.
/// </summary>
internal static class ClassicKeys
{
    public const string NodeSection = "node";
    public const string ProxySection = "proxy";

    private const string PortValues = "a port, 1..65535";
    private const string NumberValues = "a whole number";
    private const string YesNoValues = "YES or NO";
    private const string HostValues = "a host name or address";

    /// <summary>Keys of <c>node NAME { … }</c>.</summary>
    public static ClassicKeyTable<ProxyOptions> Node { get; } = new(
        NodeSection,
        new("nodeid", [nameof(ProxyOptions.NodeId)], NumberValues, "what the driver says",
            "Id of the local node; must equal what the driver says, and gives it where the driver has none yet.",
            (reader, node) => reader.Number(value => node.NodeId = value, OptionRanges.Id)),
        new("baseport", [nameof(ProxyOptions.BasePort)], PortValues, "3000",
            "Base of the default ports: rport = baseport + proxyid, sport = baseport + local node id.",
            (reader, node) => reader.Number(value => node.BasePort = value, OptionRanges.Port)),
        new("abi", [nameof(ProxyOptions.Abi)], "lp64 or ilp32", "lp64",
            "Data model of the cluster: it decides the layout of everything on the wire, and all nodes must share it.",
            (reader, node) => reader.OneOf(value => node.Abi = value, ("lp64", DataModel.Lp64), ("ilp32", DataModel.Ilp32))));

    /// <summary>Keys of <c>tls { … }</c>: this version only checks them.</summary>
    public static ClassicKeyTable<object> Tls { get; } = new(
        "tls",
        Future("cert", "a file name", "The node's certificate.", reader => reader.Text(_ => { })),
        Future("key", "a file name", "The certificate's private key.", reader => reader.Text(_ => { })),
        Future("ca", "a file name", "The certificates of the authorities that vouch for peers.", reader => reader.Text(_ => { })),
        Future("require", YesNoValues, "Refuse peers without TLS.", reader => reader.YesNo(_ => { })));

    /// <summary>Keys of <c>proxy NAME { … }</c>.</summary>
    public static ClassicKeyTable<PeerOptions> Peer { get; } = new(
        ProxySection,
        new("proxyid", [nameof(PeerOptions.ProxyId)], NumberValues, "required",
            "Id of the pair and of the peer's node: 0..nr_nodes-1 of the driver, not the local node, unique.",
            (reader, peer) => reader.Number(value => peer.ProxyId = value, OptionRanges.Id)),
        new("proto", [nameof(PeerOptions.Transport)], "the name of a registered transport", "tcp",
            "The transport to reach the peer.",
            (reader, peer) => reader.Text(value => peer.Transport = value)),
        new("host", [nameof(PeerOptions.Host)], HostValues, "NAME",
            "Host the sender connects to.",
            (reader, peer) => reader.Text(value => peer.Host = value)),
        new("rport", [nameof(PeerOptions.ReceivePort)], PortValues, "baseport + proxyid",
            "Port our receiver listens on; several proxies may share one.",
            (reader, peer) => reader.Number(value => peer.ReceivePort = value, OptionRanges.Port)),
        new("sport", [nameof(PeerOptions.SendPort)], PortValues, "baseport + local node id",
            "Port of the peer that our sender connects to.",
            (reader, peer) => reader.Number(value => peer.SendPort = value, OptionRanges.Port)),
        new("rname", [nameof(PeerOptions.ReceiveHost)], "a local host name or address, or ANY", "ANY",
            "Where our receiver listens.",
            (reader, peer) => reader.Text(value => peer.ReceiveHost = value)),
        YesNo("compress", nameof(PeerOptions.Compress), "NO", "Compress payloads where that makes them smaller.",
            (peer, value) => peer.Compress = value) with { Aliases = ["compression"], WarnIfMissing = true },
        YesNo("batch", nameof(PeerOptions.Batch), "NO", "Put commands that are ready together into one frame.",
            (peer, value) => peer.Batch = value) with { WarnIfMissing = true },
        YesNo("autobind", nameof(PeerOptions.AutoBind), "NO", "Bind unknown client processes of the peer by themselves.",
            (peer, value) => peer.AutoBind = value),
        YesNo("sendpid", nameof(PeerOptions.SendPid), "YES", "Fill in the pid of the source process where the driver did not.",
            (peer, value) => peer.SendPid = value),
        new("hello", [nameof(PeerOptions.HelloPeriod)], "seconds", "30",
            "A sender that had nothing to send for this long says hello.",
            (reader, peer) => reader.Number(value => peer.HelloPeriod = TimeSpan.FromSeconds(value), OptionRanges.Seconds)),
        new("idle", [nameof(PeerOptions.IdleTimeout)], "seconds", "3 x hello",
            "A connection that brought nothing for this long is closed; 0 never closes it.",
            (reader, peer) => reader.Number(value => peer.IdleTimeout = TimeSpan.FromSeconds(value), OptionRanges.SecondsOrZero)),
        new("backoff", [nameof(PeerOptions.BackoffMinimum), nameof(PeerOptions.BackoffMaximum)], "two numbers of milliseconds: first and longest wait", "100 5000",
            "How long to wait before connecting again: the first time, and at most.",
            (reader, peer) =>
            {
                reader.Number(value => peer.BackoffMinimum = TimeSpan.FromMilliseconds(value), OptionRanges.Milliseconds);
                reader.Number(value => peer.BackoffMaximum = TimeSpan.FromMilliseconds(value), OptionRanges.Milliseconds);
            }) { MinValues = 2, MaxValues = 2 },
        new("allow", [nameof(PeerOptions.Allow)], "addresses or CIDR prefixes", "the addresses of the peer's host",
            "Where a connection of this peer may come from.",
            (reader, peer) => reader.Rest(value => peer.Allow.Add(value))) { MaxValues = int.MaxValue },
        new("sequence", [], YesNoValues, "NO",
            "Reliable sessions. This version has none: only NO is accepted.",
            (reader, _) => reader.YesNo(value => reader.NotYetIf(value, "reliable sessions", "Set sequence NO, or remove the key."))),
        new("md5", [], YesNoValues, "NO",
            "Digests of blocks and batches. This version has none: only NO is accepted.",
            (reader, _) => reader.YesNo(value => reader.NotYetIf(value, "digests", "Set md5 NO, or remove the key."))),
        new("window", [], "a number of bytes", "none",
            "Bytes a reliable session may have in flight. This version has no reliable sessions.",
            (reader, _) =>
            {
                reader.Number(_ => { }, OptionRanges.Positive);
                reader.NotYetIf(true, "reliable sessions", "Remove window.");
            }) { IsSupported = false },
        new("tls", [], "{ cert; key; ca; require; }", "none",
            "TLS to and from the peer. This version has no TLS.",
            (reader, _) =>
            {
                reader.Block(Tls);
                reader.NotYetIf(true, "TLS", "Remove the tls section.");
            }) { MinValues = 0, MaxValues = 0, HasBlock = true, IsSupported = false });

    /// <summary>The kind of section a word begins, or null.</summary>
    public static string? SectionOf(string word) =>
        word.Equals(NodeSection, StringComparison.OrdinalIgnoreCase) ? NodeSection
        : word.Equals(ProxySection, StringComparison.OrdinalIgnoreCase) ? ProxySection : null;

    /// <summary>The section a key belongs to, or null.</summary>
    public static string? OwnerOf(string word) =>
        Peer.Find(word) is not null ? ProxySection : Node.Find(word) is not null ? NodeSection : null;

    private static ClassicKey<PeerOptions> YesNo(string name, string option, string defaultValue, string description, Action<PeerOptions, bool> set) =>
        new(name, [option], YesNoValues, defaultValue, description, (reader, peer) => reader.YesNo(value => set(peer, value)));

    private static ClassicKey<object> Future(string name, string values, string description, Action<ClassicValueReader> read) =>
        new(name, [], values, "none", description, (reader, _) => read(reader)) { IsSupported = false };
}
