using System.Diagnostics;

namespace Dvs.Proxy.Conformance.Actors;

/// <summary>Waits for the calls of actors, by <see cref="Patience"/>.</summary>
internal sealed class ActorWait(Patience patience)
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    /// <summary>Waits until the task is done, or its actor sleeps in the driver.</summary>
    /// <returns>Whether the task is done.</returns>
    public bool WaitFor(Task task, Actor actor, Expectation expectation)
    {
        if (!actor.IsLost)
        {
            // Between calls an actor sleeps too, but not in the driver.
            ThreadActivity Look() => actor.IsInCall ? ThreadActivity.Read(actor.Id) : ThreadActivity.Running;
            switch (expectation)
            {
                case Expectation.Blocks:
                    Wait(task, Look, patience.UnbrokenSleep, patience.Blocks);
                    break;
                case Expectation.Returns:
                    Wait(task, Look, patience.Returns, patience.Returns);
                    break;
                default:
                    Wait(task, Look, patience.Unknown, patience.Unknown);
                    break;
            }
        }

        return task.IsCompleted;
    }

    /// <summary>Waits until a thread that made its last call is gone, or sleeps in the driver on its way out.</summary>
    public void WaitForExit(Actor actor) => Wait(Never, () => ThreadActivity.Read(actor.Id), patience.UnbrokenSleep, patience.Blocks);

    /// <summary>Waits until an actor that was woken has gone as far as it can.</summary>
    public void Settle(Actor actor)
    {
        var start = Stopwatch.GetTimestamp();
        while (actor.IsInCall && Stopwatch.GetElapsedTime(start) < patience.Limit && ThreadActivity.Read(actor.Id).IsRunning)
        {
            Thread.Sleep(patience.Interval);
        }
    }

    /// <summary>Waits until the task is done, the thread gone, or asleep for long enough.</summary>
    /// <param name="task">The task.</param>
    /// <param name="look">Looks at the thread.</param>
    /// <param name="unbroken">Length of one sleep that is enough.</param>
    /// <param name="idle">How long nothing but sleep is enough. A driver may let its callers sleep in slices; now and then a thread is seen between two.</param>
    private void Wait(Task task, Func<ThreadActivity> look, TimeSpan unbroken, TimeSpan idle)
    {
        var start = Stopwatch.GetTimestamp();
        var (asleepSince, idleSince, last) = (start, start, ThreadActivity.Running);
        while (!task.Wait(patience.Interval) && Stopwatch.GetElapsedTime(start) < patience.Limit)
        {
            var activity = look();
            if (activity.IsGone)
            {
                return;
            }

            if (!activity.IsAsleep || activity != last)
            {
                asleepSince = Stopwatch.GetTimestamp();
            }

            if (activity.IsRunning && last.IsRunning)
            {
                idleSince = Stopwatch.GetTimestamp();
            }

            if (Stopwatch.GetElapsedTime(asleepSince) >= unbroken || Stopwatch.GetElapsedTime(idleSince) >= idle)
            {
                return;
            }

            last = activity;
        }
    }
}
