namespace Dvs.Proxy.Tests.Exploration.Scheduling;

/// <summary>A thread under the scheduler.</summary>
internal sealed class ControlledThread(int index, Thread real)
{
    public int Index => index;

    public Thread Real => real;

    /// <summary>Lets it run.</summary>
    public SemaphoreSlim Go { get; } = new(0);

    public string? Name { get; set; }

    /// <summary>Its last synchronization point.</summary>
    public string At { get; set; } = "its start";

    public bool IsStarted { get; set; }

    public bool IsDone { get; set; }

    /// <summary>What it waits for; null while it waits for nothing.</summary>
    public Func<bool>? IsReady { get; set; }

    /// <summary>When its wait runs out, in ms; -1 for never.</summary>
    public long Deadline { get; set; } = -1;

    /// <summary>Its last wait ran out.</summary>
    public bool IsTimedOut { get; set; }

    public bool CanRun => IsStarted && !IsDone && (IsReady is null || IsReady());
}

/// <summary>A timer under the scheduler.</summary>
internal sealed class ControlledTimer(Action callback, long deadline) : ITimer
{
    public Action Callback => callback;

    public long Deadline => deadline;

    public bool IsDisposed { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

    public void Dispose() => IsDisposed = true;

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}

/// <summary>The scheduler's virtual time.</summary>
internal sealed class ControlledTime : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Scheduler.Active.Now * TimeSpan.TicksPerMillisecond;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(60).AddMilliseconds(Scheduler.Active.Now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        Scheduler.Active.AddTimer(() => callback(state), (long)dueTime.TotalMilliseconds);
}
