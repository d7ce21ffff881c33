using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Processes;

/// <summary>How processes block and are woken. With the node's lock held, but for <see cref="Finish"/>.</summary>
internal static class Waits
{
    /// <summary>
    /// Readies the caller for a sleep; <see cref="DriverState.MustWait"/>, or the reason not to. On anything but <see cref="DriverState.MustWait"/> the caller's
    /// operation was undone.
    /// </summary>
    public static DvkError Start(ProcessSlot caller, WaitKind kind, int timeoutMilliseconds)
    {
        caller.Wait = kind;
        var thread = caller.Thread!;
        if (timeoutMilliseconds == 0)
        {
            Cancel(caller);
            return DvkError.TimedOut;
        }

        if (thread.TakeInterrupt())
        {
            Cancel(caller);
            return DvkError.Interrupted;
        }

        thread.Sleeper.Prepare();
        return DriverState.MustWait;
    }

    /// <summary>Sleeps until the operation begun with <see cref="Start"/> is complete. Without the lock.</summary>
    public static DvkError Finish(DriverState state, ThreadEntry thread, int timeoutMilliseconds)
    {
        var deadline = Environment.TickCount64 + timeoutMilliseconds;
        while (true)
        {
            var reason = thread.Sleeper.Wait(timeoutMilliseconds);
            if (reason == WakeReason.Woken)
            {
                return thread.Result;
            }

            lock (state.Lock)
            {
                if (thread.Sleeper.IsWoken)
                {
                    return thread.Result;
                }

                if (reason == WakeReason.TimedOut || thread.TakeInterrupt())
                {
                    if (thread.Process is { } slot)
                    {
                        Cancel(slot);
                    }

                    return reason == WakeReason.TimedOut ? DvkError.TimedOut : DvkError.Interrupted;
                }

                thread.Sleeper.Prepare();
            }

            timeoutMilliseconds = timeoutMilliseconds < 0 ? -1 : (int)Math.Max(0, deadline - Environment.TickCount64);
        }
    }

    /// <summary>Ends the blocked operation of a local process with a result and wakes it.</summary>
    public static void Complete(ProcessSlot slot, DvkError result)
    {
        if (slot.Wait == WaitKind.None)
        {
            return;
        }

        Cancel(slot);
        if (slot.Thread is { } thread)
        {
            thread.Result = result;
            thread.Sleeper.Wake();
        }
    }

    /// <summary>Hands a message to a process that <see cref="ProcessSlot.Accepts"/> it, and wakes it.</summary>
    public static void Deliver(ProcessSlot destination, int sourceEndpoint, in Message message)
    {
        var thread = destination.Thread!;
        thread.Message = message;
        thread.Message.Source = sourceEndpoint;
        Complete(destination, DvkError.Ok);
    }

    /// <summary>Takes a blocked process out of whatever queues hold its operation.</summary>
    private static void Cancel(ProcessSlot slot)
    {
        CommandDispatcher.Withdraw(slot.Operation);
        slot.QueuedAt?.Remove(slot);
        if (slot.Wait == WaitKind.Copy)
        {
            EndCopy(slot);
        }

        slot.Status &= ~(ProcessStatus.Sending | ProcessStatus.Receiving | ProcessStatus.RemoteOperation);
        slot.Wait = WaitKind.None;
        slot.SendsTo = slot.ReceivesFrom = WellKnownEndpoint.None;
    }

    /// <summary>Marks the local processes of a copy as taking part.</summary>
    public static void BeginCopy(ProcessSlot requester, ProcessSlot? source, ProcessSlot? destination)
    {
        requester.Status |= ProcessStatus.OnCopy;
        if (source is { IsLocal: true })
        {
            requester.CopySource = source;
            source.Status |= ProcessStatus.OnCopy;
        }

        if (destination is { IsLocal: true })
        {
            requester.CopyDestination = destination;
            destination.Status |= ProcessStatus.OnCopy;
        }
    }

    /// <summary>The opposite of <see cref="BeginCopy"/>.</summary>
    public static void EndCopy(ProcessSlot requester)
    {
        requester.Status &= ~ProcessStatus.OnCopy;
        if (requester.CopySource is { IsFree: false } source)
        {
            source.Status &= ~ProcessStatus.OnCopy;
        }

        if (requester.CopyDestination is { IsFree: false } destination)
        {
            destination.Status &= ~ProcessStatus.OnCopy;
        }

        requester.CopySource = requester.CopyDestination = null;
    }
}
