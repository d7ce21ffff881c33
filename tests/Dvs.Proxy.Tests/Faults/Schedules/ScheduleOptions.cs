using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>What two nodes are set to for one schedule. Follows from the seed.</summary>
internal sealed record ScheduleOptions
{
    private const int SmallWindow = 256 * 1024;

    public required int Seed { get; init; }

    public bool UseSession { get; init; }

    public FrameDigestKind FrameDigest { get; init; }

    public PayloadCompression Compress { get; init; }

    public bool Batch { get; init; }

    public DataModel DataModel { get; init; }

    /// <summary>Most bytes a sender keeps unacknowledged; small ones stop it again and again.</summary>
    public int WindowBytes { get; init; } = 4 << 20;

    /// <summary>Over real sockets, through relays; else in memory.</summary>
    public bool Tcp { get; init; }

    /// <summary>Over Unix-domain sockets; else in memory.</summary>
    public bool Unix { get; init; }

    /// <summary>TLS between the nodes: then bits flip anywhere, because TLS notices.</summary>
    public bool Tls { get; init; }

    /// <summary>Node 0 is restarted so often, under load.</summary>
    public int Restarts { get; init; }

    /// <summary>The restarts are stops in order.</summary>
    public bool PlannedStops { get; init; }

    /// <summary>So often a node is parked under load, and resumed.</summary>
    public int Parks { get; init; }

    /// <summary>Bits flip anywhere, headers and handshakes included: a digest notices.</summary>
    public bool FlipsAnywhere { get; init; }

    /// <summary>Both nodes have a secret, and seal every frame with it.</summary>
    public bool Secret { get; init; }

    /// <summary>Directions go deaf: nothing passes, and nobody is told.</summary>
    public bool Deafness { get; init; }

    /// <summary>Somebody else connects to both nodes all the time.</summary>
    public bool Intruders { get; init; }

    /// <summary>The logs throw for a while.</summary>
    public bool LogFailures { get; init; }

    /// <summary>Connecting and accepting fails in ways that nobody expects.</summary>
    public bool Famine { get; init; }

    /// <summary>What is of unknown fate after a restart is sent again.</summary>
    public bool AtLeastOnce { get; init; }

    /// <summary>Commands from each node to the other.</summary>
    public int Commands { get; init; }

    public DeliveryPromise Promise => UseSession ? DeliveryPromise.ExactlyOnce : DeliveryPromise.AtMostOnce;

    /// <summary>The faults: flips only where something promises to notice them.</summary>
    public FaultMix Mix => new()
    {
        FaultyConnections = Tls ? 3 : 4,
        Ending = Deafness ? [.. FaultMix.AllEndings, FaultKind.Deafen] : FaultMix.AllEndings,

        // A frame that arrives damaged three times is given up: two are the most that leave the promise whole.
        PayloadFlips = HasDigest && !Tls && !FlipsAnywhere ? 2 : 0,
        Flips = Tls ? 3 : FlipsAnywhere ? 2 : 0,
        Layout = Tls || FlipsAnywhere ? null : WireLayout.For(DataModel),
        Famines = Famine ? 3 : 0,
        LogFailures = LogFailures ? 40 : 0,
    };

    private bool HasDigest => UseSession && (FrameDigest != FrameDigestKind.None || Secret);

    // Bytes that never come, because a length was damaged or a direction went deaf, are waited for until the silence is too long.
    private bool NeedsShortSilence => Tls || FlipsAnywhere || Deafness;

    /// <summary>
    /// Three schedules in four have sessions, half of those digests, a quarter a secret, a third a small window, one in six of these restarts of a side, half of them
    /// stops in order; in one of eight without restarts a node is parked and resumed. One schedule in four runs over TCP, and one in four of the others over
    /// Unix-domain sockets: sockets and their time-outs cost more. There a sender reads its own acknowledgements; in memory, for every other connection. One in sixteen runs over
    /// TLS: handshakes cost most of all. In one of eight with digests bits flip anywhere; one in sixteen has directions that go deaf, one in sixteen famines, one in
    /// four a log that throws, one in four with sessions strangers and recorded connections.
    /// </summary>
    public static ScheduleOptions FromSeed(int seed)
    {
        var random = new Random(seed);
        var sequence = random.Next(4) != 0;
        var options = new ScheduleOptions
        {
            Seed = seed,
            UseSession = sequence,
            FrameDigest = sequence ? (FrameDigestKind)random.Next(3) : FrameDigestKind.None,
            WindowBytes = random.Next(3) == 0 ? SmallWindow : 4 << 20,
            Compress = (PayloadCompression)random.Next(3),
            Batch = random.Next(2) == 0,
            DataModel = random.Next(3) == 0 ? DataModel.Ilp32 : DataModel.Lp64,
            Tcp = random.Next(4) == 0,
            Commands = 10 + random.Next(150),
            Tls = random.Next(16) == 0,
            Secret = sequence && random.Next(4) == 0,
            Deafness = random.Next(16) == 0,
            Famine = random.Next(16) == 0,
            LogFailures = random.Next(4) == 0,
            Intruders = sequence && random.Next(4) == 0,
        };
        options = options with { Unix = !options.Tcp && OperatingSystem.IsLinux() && random.Next(4) == 0 };
        options = options with { FlipsAnywhere = options.HasDigest && !options.Tls && random.Next(8) == 0 };
        return sequence && !options.Tcp && !options.Unix && random.Next(6) == 0
            ? options with { Restarts = 1 + random.Next(2), AtLeastOnce = random.Next(3) == 0, PlannedStops = random.Next(2) == 0, Intruders = false }
            : options with { Parks = random.Next(8) == 0 && !options.Deafness && !options.Famine ? 1 + random.Next(2) : 0 };
    }

    public void Apply(PeerOptions peer)
    {
        peer.UseSession = UseSession;
        peer.FrameDigest = FrameDigest;
        peer.WindowBytes = WindowBytes;
        peer.Compress = Compress;
        peer.Batch = Batch;
        peer.AtLeastOnce = AtLeastOnce;
        peer.SecretFile = Secret ? ScheduleSecret.File : null;
        if (Tls)
        {
            peer.Tls = SchedulePki.Options(1 - peer.ProxyId);
        }

        if (NeedsShortSilence)
        {
            peer.HelloPeriod = TimeSpan.FromMilliseconds(100);
            peer.IdleTimeout = TimeSpan.FromMilliseconds(500);
            peer.ConnectTimeout = TimeSpan.FromSeconds(2);
        }

        peer.BackoffMinimum = TimeSpan.FromMilliseconds(1);
        peer.BackoffMaximum = TimeSpan.FromMilliseconds(4);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: sequence {UseSession}, digest {FrameDigest}, window {WindowBytes}, compress {Compress}, batch {Batch}, abi {DataModel}, {(Tcp ? "TCP" : Unix ? "Unix-domain sockets" : "memory")}{(Tls ? " with TLS" : "")}{(Secret ? " with a secret" : "")}, "
        + $"{(PlannedStops ? "stops" : "restarts")} {Restarts}{(AtLeastOnce ? " at least once" : "")}{(Parks > 0 ? $", parked {Parks} times" : "")}{(FlipsAnywhere ? ", flips anywhere" : "")}{(Deafness ? ", deafness" : "")}"
        + $"{(Famine ? ", famine" : "")}{(LogFailures ? ", log failures" : "")}{(Intruders ? ", intruders" : "")}, {Commands} commands each way");

    /// <summary>Whether a handshake must not take long, because something in it may never come.</summary>
    public bool NeedsShortHandshake => NeedsShortSilence || Intruders;
}
