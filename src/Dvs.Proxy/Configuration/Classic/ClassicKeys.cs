using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Configuration.Classic;

/// <summary>
/// The key tables: all there is to know of a key is its entry. Binding, the suggestions for unknown keys and the help text come from here.
/// </summary>
internal static class ClassicKeys
{
    public const string NodeSection = "node";
    public const string ProxySection = "proxy";

    private const string PortValues = "a port, 1..65535";
    private const string PathValues = "an absolute file name, or @ and an abstract name";
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
        new("abi", [nameof(ProxyOptions.DataModel)], "lp64 or ilp32", "lp64",
            "Data model of the cluster: it decides the layout of everything on the wire, and all nodes must share it.",
            (reader, node) => reader.OneOf(value => node.DataModel = value, ("lp64", DataModel.Lp64), ("ilp32", DataModel.Ilp32))),
        new("onstop", [nameof(ProxyOptions.OnStop)], "end or park", "end",
            "What a stop does: end, or park: disconnect everything but keep the threads, for drivers that do not survive the end of a bound thread.",
            (reader, node) => reader.OneOf(value => node.OnStop = value, ("end", ProxyStopMode.End), ("park", ProxyStopMode.Park))));

    /// <summary>Keys of <c>tls { … }</c>. File names that are not absolute count from the directory of the configuration file.</summary>
    public static ClassicKeyTable<TlsOptions> Tls { get; } = new(
        "tls",
        TlsFile("cert", TlsRules.CertificateFile, "required", "This node's certificate (PEM), followed by those between it and its authority, if any.",
            (tls, file) => tls.CertificateFile = file),
        TlsFile("key", TlsRules.KeyFile, "the file of cert", "The certificate's private key (PEM), without password.",
            (tls, file) => tls.KeyFile = file),
        TlsFile("ca", TlsRules.CaFile, "required", "The authorities that vouch for the peer (PEM).",
            (tls, file) => tls.CaFile = file),
        TlsYesNo("require", TlsRules.RequireWhenAccepting, "YES", "Refuse connections of the peer without TLS.",
            (tls, value) => tls.RequireWhenAccepting = value),
        TlsYesNo("connect", TlsRules.UseWhenConnecting, "YES", "Use TLS on the connections to the peer.",
            (tls, value) => tls.UseWhenConnecting = value),
        TlsYesNo("tls12", TlsRules.AllowTls12, "NO", "Accept TLS 1.2 beside 1.3.",
            (tls, value) => tls.AllowTls12 = value),
        new("name", [TlsRules.PeerName], "a host name or address", "NAME or host of the proxy: either will do",
            "The name that the peer's certificate must carry.",
            (reader, tls) => reader.Text(value => tls.PeerName = value)));

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
        new("rport", [nameof(PeerOptions.ListenPort)], PortValues, "baseport + proxyid",
            "Port our receiver listens on; several proxies may share one. A classic C proxy ignores its own sport: it connects to 3000 + its node id.",
            (reader, peer) => reader.Number(value => peer.ListenPort = value, OptionRanges.Port)),
        new("sport", [nameof(PeerOptions.ConnectPort)], PortValues, "baseport + local node id",
            "Port of the peer that our sender connects to.",
            (reader, peer) => reader.Number(value => peer.ConnectPort = value, OptionRanges.Port)),
        new("rname", [nameof(PeerOptions.ListenHost)], "a local host name or address, or ANY", "ANY",
            "Where our receiver listens. A classic C proxy refuses ANY: its own file has to name the address.",
            (reader, peer) => reader.Text(value => peer.ListenHost = value)),
        new("rpath", [nameof(PeerOptions.ListenPath)], PathValues, "required with proto unix",
            "Where our receiver listens, instead of rname and rport; several proxies may share one.",
            (reader, peer) => reader.Text(value => peer.ListenPath = value)),
        new("spath", [nameof(PeerOptions.ConnectPath)], PathValues, "required with proto unix",
            "Where the peer listens, instead of host and sport.",
            (reader, peer) => reader.Text(value => peer.ConnectPath = value)),
        new("compress", [nameof(PeerOptions.Compress)], "YES, NO or AUTO", "AUTO",
            "Compress payloads where that makes them smaller. AUTO: data blocks, in a reliable session, while that is faster; without a session as NO.",
            (reader, peer) => reader.OneOf(
                value => peer.Compress = value, ("YES", PayloadCompression.On), ("NO", PayloadCompression.Off), ("AUTO", PayloadCompression.Auto)))
        { Aliases = ["compression"], WarnIfMissing = true },
        YesNo("batch", nameof(PeerOptions.Batch), "NO", "Put commands that are ready together into one frame, without a session; in one they always are.",
            (peer, value) => peer.Batch = value) with
        { WarnIfMissing = true },
        YesNo("autobind", nameof(PeerOptions.AutoBind), "NO", "Bind unknown client processes of the peer automatically.",
            (peer, value) => peer.AutoBind = value),
        YesNo("sendpid", nameof(PeerOptions.FillInSourceProcessId), "YES", "Fill in the pid of the source process where the driver did not.",
            (peer, value) => peer.FillInSourceProcessId = value),
        new("hello", [nameof(PeerOptions.HelloPeriod)], "seconds", "30",
            "A sender that had nothing to send for this long says hello.",
            (reader, peer) => reader.Number(value => peer.HelloPeriod = TimeSpan.FromSeconds(value), OptionRanges.Seconds)),
        new("idle", [nameof(PeerOptions.IdleTimeout)], "seconds", "3 x hello, and at least 95 without sequence",
            "A connection that brought nothing for this long is closed; 0 never closes it.",
            (reader, peer) => reader.Number(value => peer.IdleTimeout = TimeSpan.FromSeconds(value), OptionRanges.SecondsOrZero)),
        new("backoff", [nameof(PeerOptions.BackoffMinimum), nameof(PeerOptions.BackoffMaximum)],
            "two numbers of milliseconds: first and longest wait", "100 5000",
            "How long to wait before connecting again: the first time, and at most.",
            (reader, peer) =>
            {
                reader.Number(value => peer.BackoffMinimum = TimeSpan.FromMilliseconds(value), OptionRanges.Milliseconds);
                reader.Number(value => peer.BackoffMaximum = TimeSpan.FromMilliseconds(value), OptionRanges.Milliseconds);
            })
        { MinValues = 2, MaxValues = 2 },
        new("allow", [nameof(PeerOptions.Allow)], "addresses or CIDR prefixes", "the addresses of the peer's host",
            "Where a connection of this peer may come from.",
            (reader, peer) => reader.Rest(value => peer.Allow.Add(value)))
        { MaxValues = int.MaxValue },
        new("dcs", [nameof(PeerOptions.Dcs)], "ids of DCs", "those that extend to the peer when the proxy starts",
            "DCs that are to extend to the peer's node; the proxy adds it to each of them that runs without it.",
            (reader, peer) => reader.Numbers(value => peer.Dcs.Add(value), OptionRanges.Id))
        { MaxValues = int.MaxValue },
        YesNo("sequence", nameof(PeerOptions.UseSession), "NO", "Reliable session: nothing lost, repeated or reordered while both proxies live.",
            (peer, value) => peer.UseSession = value),
        new("digest", [nameof(PeerOptions.FrameDigest)], "XXH128, MD5 or NO", "XXH128",
            "The digest behind every frame of a reliable session, so that nothing damaged is delivered; MD5 where one side asks for it, and that side insists.",
            (reader, peer) => reader.OneOf(
                value => peer.FrameDigest = value, ("XXH128", FrameDigestKind.Xxh128), ("MD5", FrameDigestKind.Md5), ("NO", FrameDigestKind.None))),
        new("secret", [nameof(PeerOptions.SecretFile)], "a file name", "none",
            "File of a secret that both nodes share: they prove it to each other, and every frame is sealed with it; needs sequence YES.",
            (reader, peer) => reader.FileName(value => peer.SecretFile = value)),
        new("window", [nameof(PeerOptions.WindowBytes)], "AUTO or a number of bytes", "AUTO",
            "Bytes a reliable session keeps until the peer has acknowledged them; a full window stops fetching. AUTO: about twice what the path holds.",
            (reader, peer) => reader.NumberOr("AUTO", value => peer.WindowBytes = value, OptionRanges.Window)),
        new("maxwindow", [nameof(PeerOptions.LargestWindowBytes)], "a number of bytes", "67108864",
            "Largest window with window AUTO.",
            (reader, peer) => reader.Number(value => peer.LargestWindowBytes = value, OptionRanges.Window)),
        new("spin", [nameof(PeerOptions.Spin)], "a number of microseconds", "0",
            "How long the pair's threads look for work before they sleep; takes CPU, for hosts with cores to spare.",
            (reader, peer) => reader.Number(value => peer.Spin = TimeSpan.FromMicroseconds(value), OptionRanges.SpinMicroseconds)),
        new("resume", [nameof(PeerOptions.ResumeWindow)], "seconds", "30",
            "How long a lost connection of a reliable session is not told to the driver.",
            (reader, peer) => reader.Number(value => peer.ResumeWindow = TimeSpan.FromSeconds(value), OptionRanges.SecondsOrZero)),
        YesNo("atleastonce", nameof(PeerOptions.AtLeastOnce), "NO",
            "After a restart of the peer's proxy, send frames of unknown fate again instead of dropping them.",
            (peer, value) => peer.AtLeastOnce = value),
        new("tls", [nameof(PeerOptions.Tls)], "{ cert; key; ca; require; }", "none",
            "Mutual TLS to and from the peer.",
            (reader, peer) => reader.Block(Tls, peer.Tls = new TlsOptions(), peer.Source))
        { MinValues = 0, MaxValues = 0, HasBlock = true });

    /// <summary>The kind of section a word begins, or null.</summary>
    public static string? SectionOf(string word) =>
        word.Equals(NodeSection, StringComparison.OrdinalIgnoreCase) ? NodeSection
        : word.Equals(ProxySection, StringComparison.OrdinalIgnoreCase) ? ProxySection : null;

    /// <summary>The section a key belongs to, or null.</summary>
    public static string? OwnerOf(string word) =>
        Peer.Find(word) is not null ? ProxySection : Node.Find(word) is not null ? NodeSection : null;

    private static ClassicKey<PeerOptions> YesNo(string name, string option, string defaultValue, string description, Action<PeerOptions, bool> set) =>
        new(name, [option], YesNoValues, defaultValue, description, (reader, peer) => reader.YesNo(value => set(peer, value)));

    private static ClassicKey<TlsOptions> TlsFile(string name, string option, string defaultValue, string description, Action<TlsOptions, string> set) =>
        new(name, [option], "a file name", defaultValue, description, (reader, tls) => reader.FileName(value => set(tls, value)));

    private static ClassicKey<TlsOptions> TlsYesNo(string name, string option, string defaultValue, string description, Action<TlsOptions, bool> set) =>
        new(name, [option], YesNoValues, defaultValue, description, (reader, tls) => reader.YesNo(value => set(tls, value)));
}
