using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>What a simulated schedule may do; all of it drawn from the seed.</summary>
internal sealed record SimulationOptions
{
    public required DataModel Model { get; init; }

    public required bool Compress { get; init; }

    public required int MaxBatchCommands { get; init; }

    public required FrameDigestKind Digest { get; init; }

    public required bool AtLeastOnce { get; init; }

    public required ulong FirstSequence { get; init; }

    public required bool ReceiverRestarts { get; init; }

    public required bool SenderRestarts { get; init; }

    /// <summary>One in so many flushes damages a payload; 0 for none.</summary>
    public required int DamageEvery { get; init; }

    /// <summary>One in so many steps cuts the connection.</summary>
    public required int CutEvery { get; init; }

    /// <summary>One in so many steps restarts a process, of those that may.</summary>
    public required int RestartEvery { get; init; }

    /// <summary>One in so many steps a stranger speaks in the sender's name.</summary>
    public required int StrangerEvery { get; init; }

    public bool Restarts => ReceiverRestarts || SenderRestarts;

    public static SimulationOptions Draw(Random random, bool restarts)
    {
        var model = random.Next(2) == 0 ? DataModel.Lp64 : DataModel.Ilp32;
        var digest = (FrameDigestKind)random.Next(3);
        var which = restarts ? random.Next(1, 4) : 0;
        return new SimulationOptions
        {
            Model = model,
            Compress = random.Next(2) == 0,
            MaxBatchCommands = random.Next(3) switch { 0 => 0, 1 => 3, _ => 20 },
            Digest = digest,
            AtLeastOnce = random.Next(2) == 0,

            // Near the end of 32 bits, so that they wrap within a schedule.
            FirstSequence = random.Next(2) == 0 ? 1 : uint.MaxValue - (ulong)random.Next(50),
            ReceiverRestarts = (which & 1) != 0,
            SenderRestarts = (which & 2) != 0,
            DamageEvery = digest != FrameDigestKind.None ? random.Next(4) : 0,
            CutEvery = random.Next(3) switch { 0 => 15, 1 => 80, _ => 400 },
            RestartEvery = random.Next(2) == 0 ? 100 : 700,
            StrangerEvery = random.Next(3) switch { 0 => 30, 1 => 200, _ => 5_000 },
        };
    }
}
