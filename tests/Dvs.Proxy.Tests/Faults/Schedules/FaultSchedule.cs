using System.Net.Sockets;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>What faults a schedule is made of.</summary>
internal sealed record FaultMix
{
    /// <summary>So many connections of every link have faults; those after them are clean, so that every run comes to an end.</summary>
    public int FaultyConnections { get; init; } = 4;

    /// <summary>Largest position of a fault. Positions are spread evenly over the powers of two below.</summary>
    public int LargestPosition { get; init; } = 40_000;

    /// <summary>Longest stall, and time until a connection whose bytes are swallowed is cut, in milliseconds.</summary>
    public int LongestStall { get; init; } = 8;

    /// <summary>Faults that leave the connection alive. Several may happen to a connection.</summary>
    public IReadOnlyList<FaultKind> Passing { get; init; } = [FaultKind.Stall, FaultKind.Split];

    /// <summary>Faults that end it.</summary>
    public IReadOnlyList<FaultKind> Ending { get; init; } = AllEndings;

    /// <summary>All faults that end a connection so that one side at least is told.</summary>
    public static IReadOnlyList<FaultKind> AllEndings { get; } = [FaultKind.Cut, FaultKind.Reset, FaultKind.HalfClose, FaultKind.Swallow];

    /// <summary>Attempts to connect may fail.</summary>
    public bool Refuses { get; init; } = true;

    /// <summary>So many attempts of every node to connect, and so many to accept, may fail with an exception that nobody expects.</summary>
    public int Famines { get; init; }

    /// <summary>So many log messages of a node may fail.</summary>
    public int LogFailures { get; init; }

    /// <summary>So many connections of every link have a bit flipped anywhere, headers included: for transports that notice, such as TLS.</summary>
    public int Flips { get; init; }

    /// <summary>Flips of payload bits in the whole schedule at most, per link; needs <see cref="Layout"/>.</summary>
    public int PayloadFlips { get; init; }

    /// <summary>Layout of the frames, for <see cref="PayloadFlips"/>.</summary>
    public WireLayout? Layout { get; init; }
}

/// <summary>
/// Which faults happen to which connection, from a seed alone: the n-th connection of a link always gets the same, whatever else goes on.
/// Thread-safe.
/// </summary>
internal sealed class FaultSchedule(int seed, FaultMix mix)
{
    public int Seed => seed;

    public FaultLog Log { get; } = new();

    /// <summary>The faults of a direction of the n-th connection of a link.</summary>
    /// <param name="link">Name of link and direction.</param>
    /// <param name="ordinal">Number of the connection, from 0.</param>
    public FaultScript Script(string link, int ordinal) => new(Faults(link, ordinal), Log, mix.Layout);

    /// <summary>Whether one thread may read and write in turn on the n-th connection of a link, where its transport can do that.</summary>
    public bool IsPolled(string link, int ordinal) => Random(link + " polled", ordinal).Next(2) == 0;

    /// <summary>Whether the n-th attempt to connect fails.</summary>
    public bool Refuses(string link, int ordinal)
    {
        var refuses = mix.Refuses && ordinal < mix.FaultyConnections && Random(link + " refuse", ordinal).Next(5) == 0;
        if (refuses)
        {
            Log.Add(FaultKind.Refuse);
        }

        return refuses;
    }

    /// <summary>What the n-th attempt of a node to connect or accept fails with; null: with nothing.</summary>
    public Exception? Famine(string place, int ordinal)
    {
        var random = Random(place + " famine", ordinal);
        if (ordinal >= mix.Famines || random.Next(2) == 0)
        {
            return null;
        }

        Log.Add(FaultKind.Famine);
        return random.Next(5) switch
        {
#pragma warning disable CA2201 // The runtime's own: that is the point.
            0 => new OutOfMemoryException("the schedule says so"),
#pragma warning restore CA2201
            1 => new SocketException((int)SocketError.TooManyOpenSockets),
            2 => new FileLoadException("Could not load file or assembly: too many open files: the schedule says so"),
            3 => new TypeInitializationException("A.Type", new IOException("too many open files")),
            _ => new InvalidOperationException("the schedule says so"),
        };
    }

    /// <summary>Whether the n-th log message of a node fails.</summary>
    public bool FailsToLog(string node, int ordinal)
    {
        var fails = ordinal < mix.LogFailures && Random(node + " log", ordinal).Next(2) == 0;
        if (fails)
        {
            Log.Add(FaultKind.LogFailure);
        }

        return fails;
    }

    /// <summary>The faults themselves, in the order of their positions.</summary>
    public IReadOnlyList<Fault> Faults(string link, int ordinal)
    {
        var faults = new List<Fault>();
        if (ordinal >= mix.FaultyConnections)
        {
            return faults;
        }

        var random = Random(link, ordinal);
        if (mix.Passing.Count > 0)
        {
            for (var count = random.Next(3); count > 0; count--)
            {
                faults.Add(Make(mix.Passing[random.Next(mix.Passing.Count)], random));
            }
        }

        if (ordinal < mix.Flips)
        {
            faults.Add(Make(FaultKind.Flip, random));
        }

        if (ordinal < mix.PayloadFlips)
        {
            faults.Add(Make(FaultKind.FlipPayload, random));
        }

        // Some connections live on: then only the other direction, or nothing more, ends them.
        if (mix.Ending.Count > 0 && random.Next(8) != 0)
        {
            faults.Add(Make(mix.Ending[random.Next(mix.Ending.Count)], random));
        }

        return [.. faults.OrderBy(static fault => fault.Position)];
    }

    private Fault Make(FaultKind kind, Random random)
    {
        var position = random.Next(1 << random.Next(1 + (int)Math.Log2(mix.LargestPosition)));
        return kind switch
        {
            FaultKind.Stall or FaultKind.Swallow => new Fault(kind, position, random.Next(1, mix.LongestStall + 1)),
            FaultKind.Split => new Fault(kind, position, random.Next(1, 2000)),
            FaultKind.Flip => new Fault(kind, position, random.Next(8)),
            _ => new Fault(kind, position),
        };
    }

    // string.GetHashCode differs from process to process.
    private Random Random(string link, int ordinal) =>
        new(link.Aggregate((seed * 31) + (ordinal * 7919), static (hash, letter) => unchecked((hash * 16_777_619) ^ letter)));
}
