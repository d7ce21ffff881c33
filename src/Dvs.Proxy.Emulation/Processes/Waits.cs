using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Processes;

/// <summary>How processes block and are woken. With the node's lock held, but for <see cref="Finish"/>.</summary>
internal static class Waits
{
    /// <summary>
    /// Readies the caller for a sleep; <see cref="DriverState.MustWait"/>, or the reason not to. On anything but
    /// <see cref="DriverState.MustWait"/> the caller's operation was undone.
    /// </summary>
    public static DvkError Start(ProcessSlot caller, WaitKind kind, int timeoutMilliseconds)
    {
        caller.Wait = kind;
        var thread = caller.Thread!;
        if (timeoutMilliseconds == 0)
        {
            Cancel(caller);
            return DvkError.Again;
        }

        if (thread.TakeInterrupt())
        {
            Cancel(caller);
            return DvkError.Interrupted;
        }

        thread.Sleeper.Prepare();
        return DriverState.MustWait;
    }

    /// <summary>Readies the caller for a sleep that nothing but an interrupt or its own end ends.</summary>
    public static DvkError StartStuck(ProcessSlot caller, ref int timeoutMilliseconds)
    {
        timeoutMilliseconds = Timeout.Infinite;
        return Start(caller, WaitKind.Stuck, timeoutMilliseconds);
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

        Count(slot, result);
        Cancel(slot);
        if (result == DvkError.NotConnected)
        {
            slot.ReceivesFrom = WellKnownEndpoint.None;
        }

        if (slot.Thread is { } thread)
        {
            thread.Result = result;
            thread.Sleeper.Wake();
        }
        else if (slot.OnLastAnswer is { } end)
        {
            end(slot);
        }
    }

    /// <summary>Hands a message to a process that <see cref="ProcessSlot.Accepts"/> it, and wakes it.</summary>
    public static void Deliver(ProcessSlot destination, int sourceEndpoint, in Message message)
    {
        if (destination.Thread is { } thread)
        {
            thread.Message = message;
            thread.Message.Source = sourceEndpoint;
        }

        Complete(destination, DvkError.Ok);
    }

    /// <summary>A process, local or remote, waits with its message until <paramref name="destination"/> receives it.</summary>
    public static void QueueAt(ProcessSlot destination, ProcessSlot source, WaitKind kind, in Message message)
    {
        source.Outgoing = kind;
        source.OutgoingMessage = message;
        source.Status |= ProcessStatus.Sending;
        source.SendsTo = destination.Endpoint;
        destination.Callers.Add(source);
    }

    // The driver counts what went well: a message when it was received or acknowledged, a request when it was answered. A notification to
    // another node counts when it is fetched, and when its notifier goes on.
    private static void Count(ProcessSlot slot, DvkError result)
    {
        if (result != DvkError.Ok || slot.Wait is WaitKind.Receive or WaitKind.Copy or WaitKind.Stuck)
        {
            return;
        }

        if (slot.AwaitsPeer)
        {
            slot.RemoteSent += slot.Wait == WaitKind.Notify ? 2UL : 1;
        }
        else
        {
            slot.LocalSent++;
        }
    }

    /// <summary>Takes a blocked process out of whatever queues hold its operation.</summary>
    private static void Cancel(ProcessSlot slot)
    {
        // The driver leaves the partner of a message to another node in p_getfrom.
        var keepsPartner = slot.AwaitsPeer && slot.Wait is WaitKind.Send or WaitKind.Reply or WaitKind.Notify;
        CommandDispatcher.Withdraw(slot.Operation);
        slot.QueuedAt?.Remove(slot);
        if (slot.Wait == WaitKind.Copy)
        {
            EndCopy(slot);
        }

        slot.Status &= ~(ProcessStatus.Sending | ProcessStatus.Receiving | ProcessStatus.RemoteOperation);
        slot.MiscFlags &= ~ProcessMiscFlags.SendReceive;
        slot.Wait = WaitKind.None;
        slot.AwaitsPeer = false;
        slot.SendsTo = WellKnownEndpoint.None;
        if (!keepsPartner)
        {
            slot.ReceivesFrom = WellKnownEndpoint.None;
        }
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

    /// <summary>
    /// A copy that a third process asked for is done. The kernel driver ends the receive of its source, which is to receive again
    /// (EDVSUSR2USR); for the callers of a library that is done for them, so here it shows only <see cref="EmulatedDvkOptions.StrictlyAsReal"/>.
    /// </summary>
    public static void EndThirdPartyCopy(DriverState state, ProcessSlot source)
    {
        if (state.Options.StrictlyAsReal && source.Wait == WaitKind.Receive)
        {
            Complete(source, DvkError.UserToUser);
        }
    }
}
