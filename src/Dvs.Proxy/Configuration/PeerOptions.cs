using Dvs.Proxy.Configuration.Classic;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Configuration;

/// <summary>
/// One peer node and the proxy pair that serves it (classic section <c>proxy NAME { … }</c>). A plain object, for one thread at a time: the
/// proxy copies what it needs when it starts, and later changes reach nobody.
/// </summary>
/// <remarks>
/// A value out of its range stops the start with a <see cref="ConfigurationException"/> that names the key. Times count in whole
/// milliseconds; the longest is 2^31-1 ms, almost 25 days. Behaviour: ProxyOptionsRulesTests, PeerResolverTests.
/// </remarks>
public sealed class PeerOptions
{
    /// <summary>Least of <see cref="WindowBytes"/>.</summary>
    internal const int SmallestWindowBytes = 256 * 1024;

    /// <summary>Default of <see cref="LargestWindowBytes"/>.</summary>
    internal const int DefaultLargestWindowBytes = 64 << 20;

    /// <summary>Default of <see cref="WindowFrames"/>.</summary>
    internal const int DefaultWindowFrames = 65_536;

    /// <summary>Name of the peer, unique without regard to case; at most 15 bytes reach the driver as node name. Required.</summary>
    public string Name { get; set; } = "";

    /// <summary>Host name or address the sender connects to (<c>host</c>); null takes <see cref="Name"/>.</summary>
    public string? Host { get; set; }

    /// <summary>
    /// Id of the pair and of the peer's node (<c>proxyid</c>): 0..MaxNodes-1 of the driver, not the local node, unique. Required.
    /// </summary>
    public int ProxyId { get; set; } = -1;

    /// <summary>Name of the transport (<c>proto</c>): <c>tcp</c>, the default, <c>unix</c>, or one that was registered.</summary>
    public string Transport { get; set; } = "tcp";

    /// <summary>
    /// Port our receiver listens on (<c>rport</c>), 0..65535; several peers may share one. 0 lets the system choose. Null takes
    /// <see cref="ProxyOptions.BasePort"/> + <see cref="ProxyId"/>.
    /// </summary>
    public int? ListenPort { get; set; }

    /// <summary>
    /// Port of the peer that our sender connects to (<c>sport</c>), 1..65535. Null takes <see cref="ProxyOptions.BasePort"/> + the id of the
    /// local node.
    /// </summary>
    public int? ConnectPort { get; set; }

    /// <summary>Local name or address to listen on (<c>rname</c>); <c>ANY</c> or null listens on all.</summary>
    public string? ListenHost { get; set; }

    /// <summary>Where our receiver listens, in a transport whose addresses are paths (<c>rpath</c>): for <c>unix</c> an absolute file name, or an abstract
    /// name after <c>@</c>, of at most 107 bytes. Several peers may share one. Required for <c>unix</c>; null, the default, otherwise.</summary>
    public string? ListenPath { get; set; }

    /// <summary>Where the peer listens and our sender connects to, in a transport whose addresses are paths (<c>spath</c>); as
    /// <see cref="ListenPath"/>.</summary>
    public string? ConnectPath { get; set; }

    /// <summary>
    /// Compress payloads where that makes them smaller (<c>compress</c>). After several payloads in a row that it did not make smaller, the
    /// sender tries only one in a while. <see cref="PayloadCompression.Auto"/>, the default, does so for data blocks, and only in a session and while that
    /// is faster than sending them as they are.
    /// </summary>
    public PayloadCompression Compress { get; set; } = PayloadCompression.Auto;

    /// <summary>Compress batches too, not only data blocks, where <see cref="Compress"/> is <see cref="PayloadCompression.On"/>. Default on.</summary>
    public bool CompressBatches { get; set; } = true;

    /// <summary>
    /// Put commands that are ready together into one frame (<c>batch</c>) without a session, where the peer may be a classic proxy that takes no
    /// batches. In a session they always are, and compact besides. Default off.
    /// </summary>
    public bool Batch { get; set; }

    /// <summary>
    /// Bind client processes of the peer that this node does not know automatically, when their first command comes (<c>autobind</c>), with the name
    /// <c>rclient</c>. Serves user processes only: endpoints above <see cref="Device.Administration.DcInfo.FirstUserProcess"/>, above 29 with the DC's
    /// default limits. A server, or a client with an endpoint below, is made known by its own node's proxy
    /// (<see cref="Pairing.MultiNodeProxy.AnnounceAsync(Device.Processes.DvkProcessHandle)"/>) or here
    /// (<see cref="Device.Processes.DvkProcessDirectory.BindRemote"/>). Default off.
    /// </summary>
    public bool AutoBind { get; set; }

    /// <summary>Fill in the Linux pid of the source process in every command sent where the driver did not (<c>sendpid</c>). Default on.</summary>
    public bool FillInSourceProcessId { get; set; } = true;

    /// <summary>
    /// Reliable session with the peer (<c>sequence</c>): nothing is lost, repeated or reordered while both proxies live. Both sides must agree.
    /// Default on here; a classic file is classic (off) unless it says otherwise.
    /// </summary>
    public bool UseSession { get; set; } = true;

    /// <summary>
    /// The digest behind every frame of a session, control messages included (<c>digest</c>): what arrives damaged is sent again, and never delivered.
    /// <see cref="FrameDigestKind.Xxh128"/>, the default, costs next to nothing; the two sides use MD5 where one of them asks for it.
    /// <see cref="FrameDigestKind.Md5"/> needs <see cref="UseSession"/> and insists that the peer sends digests, too. With
    /// <see cref="FrameDigestKind.None"/> this side sends none; those of the peer are verified all the same. With a <see cref="SecretFile"/> every
    /// frame is sealed instead.
    /// </summary>
    public FrameDigestKind FrameDigest { get; set; } = FrameDigestKind.Xxh128;

    /// <summary>
    /// File of a secret that this node and the peer share (<c>secret</c>): in a session's handshake both prove that they know it, and every
    /// frame is sealed with a key that comes from it (AES-GMAC), so that nobody else on the network can speak for either or change what they
    /// say. It hides nothing: that takes <see cref="Tls"/>. 16..4,096 bytes; line breaks at its end do not count. The file is read at start.
    /// Both nodes must have the same; needs <see cref="UseSession"/>. Null, the default, for none.
    /// </summary>
    public string? SecretFile { get; set; }

    /// <summary>
    /// Most bytes of frames kept until the peer has acknowledged them (<c>window</c>); while the window is full the sender fetches nothing from
    /// the driver. Null, the default, has the window size itself: about twice what the path holds (its rate times its round trip), so that it is
    /// full and nothing waits in it for longer. 262,144..1,073,741,824.
    /// </summary>
    public int? WindowBytes { get; set; }

    /// <summary>
    /// Most bytes of a window that sizes itself (<c>maxwindow</c>). It bounds the memory of a pair, and the throughput to one window in each round trip.
    /// Default 67,108,864 (64 MiB); 262,144..1,073,741,824.
    /// </summary>
    public int LargestWindowBytes { get; set; } = DefaultLargestWindowBytes;

    /// <summary>Most frames kept until the peer has acknowledged them, whatever their size. Default 65,536; 2..1,048,576.</summary>
    public int WindowFrames { get; set; } = DefaultWindowFrames;

    /// <summary>
    /// How long a receiver of a session waits for more before it acknowledges what has come so far; it acknowledges a large part of the window
    /// at once. Zero acknowledges whenever the input runs dry, which costs a message and two wake-ups each time. Only transports whose reads
    /// can be limited wait. Default 1 ms; 0..1 s.
    /// </summary>
    public TimeSpan AcknowledgementDelay { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// How long each of the pair's two threads looks for work before it falls asleep (<c>spin</c>, in microseconds): what comes within that time does not
    /// have to wake it. It takes up to that much CPU for each command that comes alone, and is for hosts with at least two cores to spare for each busy
    /// pair; on others it delays whoever would have had the core. The receiver looks on TCP and Unix-domain sockets without TLS, on Linux. Default 0: it
    /// sleeps at once; 0..10 ms.
    /// </summary>
    public TimeSpan Spin { get; set; }

    /// <summary>
    /// How long the driver is not told that the connection of a session is lost (<c>resume</c>): if it comes back in time, no process notices.
    /// Default 30 s; from 0.
    /// </summary>
    public TimeSpan ResumeWindow { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After a restart of the peer's proxy, send frames of unknown fate again instead of dropping them (<c>atleastonce</c>). Default off.
    /// </summary>
    public bool AtLeastOnce { get; set; }

    /// <summary>
    /// Largest batch that is sent, in commands behind the outer one; 0 gives each command a frame of its own. Null takes the most: 384 (LP64) or
    /// 537 (ILP32), or fewer where the driver's largest block is below 63 KiB. What a peer sends may be larger, up to what the format allows: 390
    /// or 546.
    /// </summary>
    public int? MaxBatchCommands { get; set; }

    /// <summary>A sender that had nothing to send for this long says hello (<c>hello</c>). Default 30 s; more than 0.</summary>
    public TimeSpan HelloPeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A connection that brought nothing for this long is closed (<c>idle</c>). Null takes three hello periods, and without
    /// <see cref="UseSession"/> at least 95 s: a classic C proxy says hello every 30 s. Zero never closes.
    /// </summary>
    public TimeSpan? IdleTimeout { get; set; }

    /// <summary>First wait before connecting again (<c>backoff</c>). Default 100 ms; more than 0.</summary>
    public TimeSpan BackoffMinimum { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait before connecting again (<c>backoff</c>). Default 5 s; from <see cref="BackoffMinimum"/>.</summary>
    public TimeSpan BackoffMaximum { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one attempt to connect may take, and after it the handshake of a session. Default 5 s; more than 0.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Addresses a connection of this peer may come from (<c>allow</c>): addresses or CIDR prefixes. Empty allows the addresses of
    /// <see cref="Host"/>, and with <see cref="Tls"/> whoever has the peer's certificate.
    /// </summary>
    public IList<string> Allow { get; init; } = [];

    /// <summary>
    /// DCs that are to extend to the peer's node (<c>dcs</c>): at start, and whenever one of them runs without it, the proxy does what an
    /// operator does with <c>node add</c>. Ids 0..MaxDcs-1 of the driver. Empty, the default, leaves it to the operator, but for DCs that
    /// extended to the node when the proxy started.
    /// </summary>
    public IList<int> Dcs { get; init; } = [];

    /// <summary>TLS with this peer (<c>tls { … }</c>); null, the default, for none. Peers that share a listener must name the same files.</summary>
    public TlsOptions? Tls { get; set; }

    /// <summary>Where the values came from, if from a classic file.</summary>
    internal OptionSource? Source { get; set; }

    /// <summary>The values as they are now. Lists and TLS are shared with the copy.</summary>
    internal PeerOptions Copy() => (PeerOptions)MemberwiseClone();
}
