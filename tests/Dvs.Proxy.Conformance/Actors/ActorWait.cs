using System.Diagnostics;

namespace Dvs.Proxy.Conformance.Actors;

/// <summary>Waits for the calls of actors, by <see cref="Patience"/>.</summary>
internal sealed class ActorWait(Patience patience)
{
    /// <summary>Waits until the task is done, or its actor sleeps in the driver.</summary>
    /// <returns>Whether the task is done.</returns>
    public bool WaitFor(Task task, Actor actor, Expectation expectation)
    {
        if (!actor.IsLost)
        {
            if (expectation == Expectation.Returns)
            {
                WaitUntilIdle(task, actor);
            }
            else
            {
                WaitUntilAsleep(task, actor, expectation == Expectation.Blocks ? patience.Blocks : patience.Unknown);
            }
        }

        return task.IsCompleted;
    }

    /// <summary>Waits until a thread that made its last call is gone, or sleeps in the driver on its way out.</summary>
    public void WaitForExit(Actor actor)
    {
        var exit = new TaskCompletionSource();
        WaitUntilAsleep(exit.Task, actor, patience.Blocks, isEnding: true);
    }

    /// <summary>Waits until an actor that was woken has gone as far as it can.</summary>
    public void Settle(Actor actor)
    {
        var start = Stopwatch.GetTimestamp();
        while (actor.IsInCall && Stopwatch.GetElapsedTime(start) < patience.Limit && ThreadActivity.Read(actor.Id).IsRunning)
        {
            Thread.Sleep(patience.Interval);
        }
    }

    // One sleep without a break: the thread has not left a processor meanwhile.
    private void WaitUntilAsleep(Task task, Actor actor, TimeSpan needed, bool isEnding = false)
    {
        var start = Stopwatch.GetTimestamp();
        var (since, last) = (start, default(ThreadActivity));
        while (!task.Wait(patience.Interval) && Stopwatch.GetElapsedTime(start) < patience.Limit)
        {
            // In the driver only: between calls it sleeps too.
            var state = isEnding || actor.IsInCall ? ThreadActivity.Read(actor.Id) : default;
            if (isEnding && state.IsGone)
            {
                return;
            }

            if (state.IsRunning || state.IsGone || state != last)
            {
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(since) >= (state.IsUninterruptible ? patience.Uninterruptible : needed))
            {
                return;
            }

            last = state;
        }
    }

    // Nothing but sleep: a driver may let its callers sleep in slices, and now and then one is seen between two. A thread that only lacks a processor runs.
    private void WaitUntilIdle(Task task, Actor actor)
    {
        var start = Stopwatch.GetTimestamp();
        var (since, wasRunning) = (start, false);
        while (!task.Wait(patience.Interval) && Stopwatch.GetElapsedTime(start) < patience.Limit)
        {
            var isRunning = !actor.IsInCall || ThreadActivity.Read(actor.Id).IsRunning;
            if (isRunning && wasRunning)
            {
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(since) >= patience.Returns)
            {
                return;
            }

            wasRunning = isRunning;
        }
    }
}
