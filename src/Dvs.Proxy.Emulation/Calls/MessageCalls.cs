using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>send, receive, rcvrqst, sendrec and reply.</summary>
internal sealed class MessageCalls(DriverState state)
{
    public DvkError Send(WaitKind kind, int endpoint, ref Message message, int timeoutMilliseconds)
    {
        ThreadEntry thread;
        lock (state.Lock)
        {
            var error = state.FindCaller(out var caller);
            if (error == DvkError.Ok)
            {
                error = BeginSend(caller, kind, endpoint, message, timeoutMilliseconds);
            }

            if (error != DriverState.MustWait)
            {
                return error;
            }

            thread = caller.Thread!;
        }

        var result = Waits.Finish(state, thread, timeoutMilliseconds);
        if (kind == WaitKind.SendReceive && result == DvkError.Ok)
        {
            message = thread.Message;
        }

        return result;
    }

    public DvkError Receive(int endpoint, bool requestsOnly, out Message message, int timeoutMilliseconds)
    {
        ThreadEntry thread;
        lock (state.Lock)
        {
            message = default;
            var error = state.FindCaller(out var caller);
            if (error == DvkError.Ok)
            {
                error = BeginReceive(caller, endpoint, requestsOnly, out message, timeoutMilliseconds);
            }

            if (error != DriverState.MustWait)
            {
                return error;
            }

            thread = caller.Thread!;
        }

        var result = Waits.Finish(state, thread, timeoutMilliseconds);
        if (result == DvkError.Ok)
        {
            message = thread.Message;
        }

        return result;
    }

    private DvkError BeginSend(ProcessSlot caller, WaitKind kind, int endpoint, in Message message, int timeoutMilliseconds)
    {
        var error = ProcessLookup.FindDestination(caller, endpoint, kind == WaitKind.SendReceive, out var destination);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (destination.IsRemote)
        {
            return BeginRemoteSend(caller, kind, destination, message, timeoutMilliseconds);
        }

        return kind switch
        {
            WaitKind.Reply => Reply(caller, destination, message),
            WaitKind.SendReceive => BeginLocalSendReceive(caller, destination, message, timeoutMilliseconds),
            _ => BeginLocalSend(caller, destination, message, timeoutMilliseconds),
        };
    }

    private static DvkError Reply(ProcessSlot caller, ProcessSlot destination, in Message message)
    {
        if (!destination.AwaitsReplyOf(caller.Endpoint))
        {
            return DvkError.ProcessStatus;
        }

        caller.LocalSent++;
        Waits.Deliver(destination, caller.Endpoint, message);
        return DvkError.Ok;
    }

    private static DvkError BeginLocalSend(ProcessSlot caller, ProcessSlot destination, in Message message, int timeoutMilliseconds)
    {
        if (destination.Accepts(caller.Endpoint, isRequest: false))
        {
            caller.LocalSent++;
            Waits.Deliver(destination, caller.Endpoint, message);
            return DvkError.Ok;
        }

        if (WouldDeadlock(caller, destination))
        {
            return DvkError.Locked;
        }

        QueueAt(destination, caller, WaitKind.Send, message);
        return Waits.Start(caller, WaitKind.Send, timeoutMilliseconds);
    }

    private static DvkError BeginLocalSendReceive(ProcessSlot caller, ProcessSlot destination, in Message message, int timeoutMilliseconds)
    {
        if (timeoutMilliseconds == 0)
        {
            // No reply can be there at once; a request without its requester would only confuse the destination.
            return DvkError.TimedOut;
        }

        if (destination.Accepts(caller.Endpoint, isRequest: true))
        {
            // Its wait is set up before the message goes, so that an interrupt leaves nothing half done.
            AwaitReply(caller, destination.Endpoint);
            var wait = Waits.Start(caller, WaitKind.SendReceive, timeoutMilliseconds);
            if (wait == DriverState.MustWait)
            {
                caller.LocalSent++;
                Waits.Deliver(destination, caller.Endpoint, message);
            }

            return wait;
        }

        if (WouldDeadlock(caller, destination))
        {
            return DvkError.Locked;
        }

        QueueAt(destination, caller, WaitKind.SendReceive, message);
        AwaitReply(caller, destination.Endpoint);
        return Waits.Start(caller, WaitKind.SendReceive, timeoutMilliseconds);
    }

    private DvkError BeginRemoteSend(
        ProcessSlot caller, WaitKind kind, ProcessSlot destination, in Message message, int timeoutMilliseconds)
    {
        if (kind == WaitKind.Reply && !destination.AwaitsReplyOf(caller.Endpoint))
        {
            return DvkError.ProcessStatus;
        }

        var error = state.Commands.FindRoute(caller.Container, destination.NodeId, out var pair);
        if (error != DvkError.Ok)
        {
            return error;
        }

        var command = kind switch
        {
            WaitKind.SendReceive => CommandCode.SendReceiveMessage,
            WaitKind.Reply => CommandCode.ReplyMessage,
            _ => CommandCode.SendMessage,
        };
        if (timeoutMilliseconds == 0)
        {
            return DvkError.TimedOut;
        }

        state.Commands.Prepare(caller, command, destination.Endpoint, destination.NodeId);
        caller.Operation.Header.Message = message;
        caller.Operation.Header.Message.Source = caller.Endpoint;
        caller.Status |= ProcessStatus.Sending;
        caller.SendsTo = destination.Endpoint;
        if (kind == WaitKind.SendReceive)
        {
            AwaitReply(caller, destination.Endpoint);
        }

        var wait = Waits.Start(caller, kind, timeoutMilliseconds);
        if (wait == DriverState.MustWait)
        {
            if (destination.AwaitsReplyOf(caller.Endpoint))
            {
                // Whatever we send it now ends its sendrec.
                destination.Status = ProcessStatus.Remote;
                destination.ReceivesFrom = WellKnownEndpoint.None;
            }

            CommandDispatcher.EnqueueRequest(pair, caller);
        }

        return wait;
    }

    private DvkError BeginReceive(ProcessSlot caller, int endpoint, bool requestsOnly, out Message message, int timeoutMilliseconds)
    {
        message = default;
        var error = ProcessLookup.CheckSource(caller, endpoint);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (!requestsOnly && Notifications.TryTake(state, caller, endpoint, out message))
        {
            return DvkError.Ok;
        }

        if (caller.Callers.Find(endpoint, requestsOnly) is { } sender)
        {
            TakeMessage(caller, sender, out message);
            return DvkError.Ok;
        }

        caller.Status |= ProcessStatus.Receiving;
        caller.ReceivesFrom = endpoint;
        return Waits.Start(caller, requestsOnly ? WaitKind.ReceiveRequest : WaitKind.Receive, timeoutMilliseconds);
    }

    // The sender's message is received; a sendrec goes on to wait for the reply, a send is over.
    private void TakeMessage(ProcessSlot caller, ProcessSlot sender, out Message message)
    {
        message = sender.OutgoingMessage;
        message.Source = sender.Endpoint;
        caller.Callers.Remove(sender);
        sender.Status &= ~ProcessStatus.Sending;
        sender.SendsTo = WellKnownEndpoint.None;
        if (sender.Outgoing == WaitKind.SendReceive)
        {
            sender.Status |= ProcessStatus.Receiving;
            sender.ReceivesFrom = caller.Endpoint;
        }
        else if (sender.IsRemote)
        {
            state.Commands.AcknowledgeSend(sender, caller.Endpoint, DvkError.Ok);
        }
        else
        {
            Waits.Complete(sender, DvkError.Ok);
        }

        if (sender.IsLocal)
        {
            sender.LocalSent++;
        }
    }

    private static void QueueAt(ProcessSlot destination, ProcessSlot caller, WaitKind kind, in Message message)
    {
        caller.Outgoing = kind;
        caller.OutgoingMessage = message;
        caller.Status |= ProcessStatus.Sending;
        caller.SendsTo = destination.Endpoint;
        destination.Callers.Add(caller);
    }

    private static void AwaitReply(ProcessSlot caller, int endpoint)
    {
        caller.Status |= ProcessStatus.Receiving;
        caller.ReceivesFrom = endpoint;
    }

    // Follows who waits to send to whom among the local processes; a ring that comes back to the caller would never dissolve.
    private static bool WouldDeadlock(ProcessSlot caller, ProcessSlot destination)
    {
        var slot = destination;
        for (var steps = caller.Container.SlotCount; steps > 0; steps--)
        {
            if (!slot.IsLocal || (slot.Status & ProcessStatus.Sending) == 0 || slot.Container.SlotOf(slot.SendsTo) is not { } next)
            {
                return false;
            }

            if (ReferenceEquals(next, caller))
            {
                return true;
            }

            slot = next;
        }

        return false;
    }
}
