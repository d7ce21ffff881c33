using System.Diagnostics;

namespace Dvs.Proxy.Conformance.Running;

/// <summary>Waits for the calls of actors, by <see cref="Patience"/>.</summary>
internal sealed class ActorWait(Patience patience)
{
    /// <summary>Waits until the task is done, or the actor sleeps in the driver.</summary>
    /// <returns>Whether the task is done.</returns>
    public bool WaitFor(Task task, Actor actor, bool isExpectedBack)
    {
        if (actor.IsLost)
        {
            return task.IsCompleted;
        }

        var start = Stopwatch.GetTimestamp();
        var (since, last) = (start, default(ThreadState));
        while (!task.IsCompleted && Stopwatch.GetElapsedTime(start) < patience.Limit)
        {
            // In the driver only: between calls it sleeps too.
            var state = actor.IsInCall ? ThreadState.Read(actor.Id) : default;
            if (!IsSameSleep(state, last, isExpectedBack) || !actor.IsInCall)
            {
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(since) >= Needed(state, isExpectedBack))
            {
                break;
            }

            last = state;
            WaitShortly(task);
        }

        return task.IsCompleted;
    }

    /// <summary>Waits until a thread that made its last call is gone, or sleeps in the driver on its way out.</summary>
    public void WaitForExit(Actor actor)
    {
        var start = Stopwatch.GetTimestamp();
        var (since, last) = (start, default(ThreadState));
        while (Stopwatch.GetElapsedTime(start) < patience.Limit && ThreadState.Read(actor.Id) is { IsGone: false } state)
        {
            if (!IsSameSleep(state, last, isExpectedBack: false))
            {
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(since) >= Needed(state, isExpectedBack: false))
            {
                return;
            }

            last = state;
            Thread.Sleep(patience.Interval);
        }
    }

    /// <summary>Waits until an actor that was woken has gone as far as it can.</summary>
    public void Settle(Actor actor)
    {
        var start = Stopwatch.GetTimestamp();
        while (actor.IsInCall && Stopwatch.GetElapsedTime(start) < patience.Limit && ThreadState.Read(actor.Id) is { IsAsleep: false, IsStuck: false, IsGone: false })
        {
            Thread.Sleep(patience.Interval);
        }
    }

    // A thread that is expected back may wait in slices; it is enough that it is never seen running.
    private static bool IsSameSleep(ThreadState state, ThreadState last, bool isExpectedBack) =>
        (state.IsAsleep || state.IsStuck) && state.State == last.State && (isExpectedBack || state.Switches == last.Switches);

    private TimeSpan Needed(ThreadState state, bool isExpectedBack) => isExpectedBack
        ? patience.AsleepUnexpectedly
        : state.IsStuck ? patience.StuckWhenExpected : patience.AsleepWhenExpected;

    private void WaitShortly(Task task) => Task.WaitAny([task], patience.Interval);
}
