namespace Dvs.Proxy.Conformance.Running;

/// <summary>
/// How long a step is waited for. The recording says whether its call comes back. Where it does not, the thread need only be seen asleep in the driver for a
/// moment; where it does, it is waited for much longer than any call of the script takes, and given up only when it sleeps all that time, so that a loaded
/// machine makes no difference.
/// </summary>
internal sealed record Patience
{
    /// <summary>A thread that sleeps without a break for so long is blocked, where that is expected.</summary>
    public TimeSpan AsleepWhenExpected { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>The same for a sleep that no signal ends: it may be the disk.</summary>
    public TimeSpan StuckWhenExpected { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A thread that sleeps for so long is blocked, though it was expected back.</summary>
    public TimeSpan AsleepUnexpectedly { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>No step takes longer.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a thread is looked at.</summary>
    public TimeSpan Interval { get; } = TimeSpan.FromMilliseconds(2);
}
