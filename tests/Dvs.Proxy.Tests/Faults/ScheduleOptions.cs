using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>What two nodes are set to for one schedule. Follows from the seed.</summary>
internal sealed record ScheduleOptions
{
    public required int Seed { get; init; }

    public bool Sequence { get; init; }

    public bool Md5 { get; init; }

    public bool Compress { get; init; }

    public bool Batch { get; init; }

    public DataModel Abi { get; init; }

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

    /// <summary>One schedule in twelve runs over TCP: sockets and their time-outs cost more.</summary>
    public static ScheduleOptions FromSeed(int seed)
    {
        var random = new Random(seed);
        return new ScheduleOptions
        {
            Seed = seed,
            Compress = random.Next(2) == 0,
            Batch = random.Next(2) == 0,
            Abi = random.Next(3) == 0 ? DataModel.Ilp32 : DataModel.Lp64,
            Tcp = random.Next(12) == 0,
            Commands = 10 + random.Next(150),
        };
    }

    public void Apply(PeerOptions peer)
    {
        peer.Compress = Compress;
        peer.Batch = Batch;
        peer.BackoffMinimum = TimeSpan.FromMilliseconds(1);
        peer.BackoffMaximum = TimeSpan.FromMilliseconds(4);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: sequence {Sequence}, md5 {Md5}, compress {Compress}, batch {Batch}, abi {Abi}, {(Tcp ? "TCP" : "memory")}, {Commands} commands each way");
}
