using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Messages;
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
                error = caller.Thread!.IsStuck
                    ? Waits.StartStuck(caller, ref timeoutMilliseconds)
                    : BeginSend(caller, kind, endpoint, message, timeoutMilliseconds);
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

    public DvkError Receive(int endpoint, bool takesNotifications, out Message message, int timeoutMilliseconds)
    {
        ThreadEntry thread;
        lock (state.Lock)
        {
            message = default;
            var error = state.FindCaller(out var caller);
            if (error == DvkError.Ok)
            {
                error = caller.Thread!.IsStuck
                    ? Waits.StartStuck(caller, ref timeoutMilliseconds)
                    : BeginReceive(caller, endpoint, takesNotifications, out message, timeoutMilliseconds);
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

    /// <summary>The last message of a process whose thread has ended: it waits for the answer. With the lock held.</summary>
    public static void Warn(ProcessSlot ended, ProcessSlot warned, int type, DataModel model)
    {
        Message message = default;
        message.Type = type;
        new MessageM1(0, -1, 0, 0, 0, 0).Write(ref message, model);
        if (warned.Accepts(ended.Endpoint))
        {
            Waits.Deliver(warned, ended.Endpoint, message);
        }
        else
        {
            Waits.QueueAt(warned, ended, WaitKind.SendReceive, message);
        }
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
        if (destination.Accepts(caller.Endpoint))
        {
            caller.LocalSent++;
            Waits.Deliver(destination, caller.Endpoint, message);
            return DvkError.Ok;
        }

        Waits.QueueAt(destination, caller, WaitKind.Send, message);
        return Waits.Start(caller, WaitKind.Send, timeoutMilliseconds);
    }

    private static DvkError BeginLocalSendReceive(ProcessSlot caller, ProcessSlot destination, in Message message, int timeoutMilliseconds)
    {
        if (timeoutMilliseconds == 0)
        {
            // No reply can be there at once; a request without its requester would only confuse the destination.
            return DvkError.Again;
        }

        AwaitReply(caller, destination.Endpoint);
        if (!destination.Accepts(caller.Endpoint))
        {
            Waits.QueueAt(destination, caller, WaitKind.SendReceive, message);
            return Waits.Start(caller, WaitKind.SendReceive, timeoutMilliseconds);
        }

        // Its wait is set up before the message goes, so that an interrupt leaves nothing half done.
        var wait = Waits.Start(caller, WaitKind.SendReceive, timeoutMilliseconds);
        if (wait == DriverState.MustWait)
        {
            Waits.Deliver(destination, caller.Endpoint, message);
        }

        return wait;
    }

    // A reply goes out whether it was asked for or not: the peer's driver decides.
    private DvkError BeginRemoteSend(
        ProcessSlot caller, WaitKind kind, ProcessSlot destination, in Message message, int timeoutMilliseconds)
    {
        var error = state.Commands.FindRoute(caller.Container, destination.NodeId, out var pair);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (timeoutMilliseconds == 0)
        {
            return DvkError.Again;
        }

        var command = kind switch
        {
            WaitKind.SendReceive => CommandCode.SendReceiveMessage,
            WaitKind.Reply => CommandCode.ReplyMessage,
            _ => CommandCode.SendMessage,
        };
        state.Commands.Prepare(caller, command, destination.Endpoint, destination.NodeId);
        caller.Operation.Header.Message = message;
        caller.Operation.Header.Message.Source = caller.Endpoint;
        caller.Status |= ProcessStatus.Sending;
        caller.SendsTo = caller.ReceivesFrom = destination.Endpoint;
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

    private DvkError BeginReceive(ProcessSlot caller, int endpoint, bool takesNotifications, out Message message, int timeoutMilliseconds)
    {
        message = default;
        var error = ProcessLookup.CheckSource(caller, endpoint);
        if (error != DvkError.Ok)
        {
            ProcessLookup.MarkIfStuck(state, caller, error);
            return error;
        }

        if (takesNotifications && Notifications.TryTake(state, caller, endpoint, out message))
        {
            return DvkError.Ok;
        }

        if (caller.Callers.Find(endpoint) is { } sender)
        {
            TakeMessage(caller, sender, out message);
            return DvkError.Ok;
        }

        caller.Status |= ProcessStatus.Receiving;
        caller.ReceivesFrom = endpoint;
        return Waits.Start(caller, WaitKind.Receive, timeoutMilliseconds);
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
    }

    private static void AwaitReply(ProcessSlot caller, int endpoint)
    {
        caller.Status |= ProcessStatus.Receiving;
        caller.MiscFlags |= ProcessMiscFlags.SendReceive;
        caller.ReceivesFrom = endpoint;
    }
}
