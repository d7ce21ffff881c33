namespace Dvs.Proxy.Conformance.Actors;

/// <summary>
/// How long a step is waited for. The recording says whether its call comes back. Where it does not, the thread need only be seen asleep in the driver for a
/// moment; where it does, it is waited for much longer than any call of the script takes, and given up only when it sleeps all that time, so that a loaded
/// machine makes no difference.
/// </summary>
internal sealed record Patience
{
    /// <summary>A thread that is expected to block has done so after one sleep of this length.</summary>
    public TimeSpan UnbrokenSleep { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Or after sleeping for so long in slices, or in a way that no signal ends: a short sleep of that kind is the disk's.</summary>
    public TimeSpan Blocks { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A thread of which nothing is known is given up after sleeping for so long.</summary>
    public TimeSpan Unknown { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A thread that is expected back is given up after sleeping for so long.</summary>
    public TimeSpan Returns { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>No step takes longer.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a thread is looked at.</summary>
    public TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(2);
}
