using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>What two nodes are set to for one schedule. Follows from the seed.</summary>
internal sealed record ScheduleOptions
{
    private const int SmallWindow = 256 * 1024;

    public required int Seed { get; init; }

    public bool Sequence { get; init; }

    public bool Md5 { get; init; }

    public bool Compress { get; init; }

    public bool Batch { get; init; }

    public DataModel Abi { get; init; }

    /// <summary>Most bytes a sender keeps unacknowledged; small ones stop it again and again.</summary>
    public int WindowBytes { get; init; } = 4 << 20;

    /// <summary>Over real sockets, through relays; else in memory.</summary>
    public bool Tcp { get; init; }

    /// <summary>Commands from each node to the other.</summary>
    public int Commands { get; init; }

    public DeliveryPromise Promise => Sequence ? DeliveryPromise.ExactlyOnce : DeliveryPromise.AtMostOnce;

    /// <summary>The faults: flips only where something promises to notice them.</summary>
    public FaultMix Mix => new()
    {
        PayloadFlips = Sequence && Md5 ? 2 : 0,
        Layout = WireLayout.For(Abi),
    };

    /// <summary>Three schedules in four have sessions, half of those digests, a third of them a small window. One schedule in twelve runs over TCP: sockets and their time-outs cost more.</summary>
    public static ScheduleOptions FromSeed(int seed)
    {
        var random = new Random(seed);
        var sequence = random.Next(4) != 0;
        return new ScheduleOptions
        {
            Seed = seed,
            Sequence = sequence,
            Md5 = sequence && random.Next(2) == 0,
            WindowBytes = random.Next(3) == 0 ? SmallWindow : 4 << 20,
            Compress = random.Next(2) == 0,
            Batch = random.Next(2) == 0,
            Abi = random.Next(3) == 0 ? DataModel.Ilp32 : DataModel.Lp64,
            Tcp = random.Next(12) == 0,
            Commands = 10 + random.Next(150),
        };
    }

    public void Apply(PeerOptions peer)
    {
        peer.Sequence = Sequence;
        peer.Md5 = Md5;
        peer.WindowBytes = WindowBytes;
        peer.Compress = Compress;
        peer.Batch = Batch;
        peer.BackoffMinimum = TimeSpan.FromMilliseconds(1);
        peer.BackoffMaximum = TimeSpan.FromMilliseconds(4);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: sequence {Sequence}, md5 {Md5}, window {WindowBytes}, compress {Compress}, batch {Batch}, abi {Abi}, {(Tcp ? "TCP" : "memory")}, {Commands} commands each way");
}
