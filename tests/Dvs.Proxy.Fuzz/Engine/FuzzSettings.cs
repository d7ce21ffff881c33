namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>How to run.</summary>
public sealed record FuzzSettings
{
    /// <summary>Longest input that is made, in bytes.</summary>
    public const int MaxInputLength = 160 * 1024;

    /// <summary>Same seed, same inputs.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Number of the first input.</summary>
    public long FirstIndex { get; init; }

    /// <summary>How many inputs.</summary>
    public long Inputs { get; init; } = 100_000;

    /// <summary>Ends the run early.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Threads, each with a target of its own.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>What the managed heap may grow to above what it was at the start, in bytes: sampled all the time.</summary>
    public long MaxHeapGrowth { get; init; } = 256L << 20;

    /// <summary>What the process may take, in bytes: sampled all the time.</summary>
    public long MaxWorkingSet { get; init; } = 1L << 30;

    /// <summary>What one input may take. Judged on the best of three, because the machine is shared.</summary>
    public TimeSpan MaxInputTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What one input may take before it is held for an endless loop.</summary>
    public TimeSpan HangTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>File that says after a crash of the process which inputs were at work; null for none.</summary>
    public string? JournalPath { get; init; }

    /// <summary>Told once in a while how far the run is: inputs done and time passed.</summary>
    public Action<long, TimeSpan>? Progress { get; init; }
}
