using Dvs.Proxy.Configuration.Classic;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Configuration;

/// <summary>
/// What a multi-node proxy is told: the local node and one <see cref="PeerOptions"/> for every peer. Validated once at start; later changes
/// reach nobody. Fill it from appsettings.json, environment or command line through the options system, from a classic
/// <c>multi_proxy.cfg</c>, or in code. A plain object, for one thread at a time.
/// </summary>
/// <remarks>
/// A value out of its range stops the start with a <see cref="ConfigurationException"/> that names the key. The longest time is 2^31-1 ms,
/// almost 25 days. Behaviour: OptionsBindingTests, ProxyOptionsRulesTests.
/// </remarks>
public sealed class ProxyOptions
{
    /// <summary>Section of these options in appsettings.json and the environment, and the root of the keys in error messages.</summary>
    public const string SectionName = "Dvs";

    /// <summary>Default of <see cref="BasePort"/>.</summary>
    public const int DefaultBasePort = 3000;

    internal const int DefaultLogBurst = 10;

    internal static readonly TimeSpan DefaultLogPeriod = TimeSpan.FromSeconds(10);

    /// <summary>Id of the local node (<c>nodeid</c>). Must equal what the driver says; null takes the driver's.</summary>
    public int? NodeId { get; set; }

    /// <summary>Name of the local node (the word after <c>node</c>); for messages only.</summary>
    public string? NodeName { get; set; }

    /// <summary>
    /// Base of the default ports (<c>baseport</c>): where the options of a peer name no port, its <see cref="PeerOptions.ListenPort"/> is base +
    /// its proxy id, its <see cref="PeerOptions.ConnectPort"/> base + the local node id. Default 3000; 1..65535.
    /// </summary>
    public int BasePort { get; set; } = DefaultBasePort;

    /// <summary>Data model of the cluster (<c>abi</c>). All nodes share one. Default LP64.</summary>
    public DataModel DataModel { get; set; } = DataModel.Lp64;

    /// <summary>How long <c>StopAsync</c> waits for threads and connections to end. Default 5 s; more than 0.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What <c>StopAsync</c> does with a proxy that serves (<c>onstop</c>). One that is parked already ends in any case. Default
    /// <see cref="ProxyStopMode.End"/>.
    /// </summary>
    public ProxyStopMode OnStop { get; set; }

    /// <summary>
    /// How long an accepted connection may take to show whose it is, where that is needed: TLS handshake and first frame together. Default
    /// 40 s, because a silent classic peer says hello after 30 s; more than 0.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(40);

    /// <summary>
    /// Most accepted connections per listener that have not yet shown whose they are; silent ones cost no
    /// thread where the transport can poll them. For a further one, the oldest of the
    /// address that has most is closed. Default 64; 1..1024.
    /// </summary>
    public int MaxPendingConnections { get; set; } = 64;

    /// <summary>
    /// The same, per listener and address a connection comes from; for a further one, that address's oldest is closed. Default 32, as many peers
    /// as a cluster can have behind one address; 1..1024. Once it is known whose it is, a peer has one connection in use: a newer one replaces
    /// it.
    /// </summary>
    public int MaxPendingPerAddress { get; set; } = 32;

    /// <summary>
    /// Most messages of one kind that are logged within a <see cref="LogPeriod"/>, counted per listener or per peer; the next one logged says
    /// how many were left out. Kinds are: connections turned away, connections made and lost, malformed frames, commands that the driver
    /// refused. Default 10; 1..1,000,000.
    /// </summary>
    public int LogBurst { get; set; } = DefaultLogBurst;

    /// <summary>The time that <see cref="LogBurst"/> counts over. Default 10 s; more than 0.</summary>
    public TimeSpan LogPeriod { get; set; } = DefaultLogPeriod;

    /// <summary>One entry per peer node (<c>proxy NAME { … }</c>).</summary>
    public IList<PeerOptions> Peers { get; init; } = [];

    /// <summary>Where the values came from, if from a classic file.</summary>
    internal OptionSource? Source { get; set; }
}
