using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation;

/// <summary>What ends with what: processes, proxies and nodes go, and those who wait for them hear of it. With the node's lock held.</summary>
internal sealed class Lifetimes(DriverState state)
{
    /// <summary>A thread is gone: it is neither process nor proxy any more.</summary>
    public void EndThread(ThreadEntry thread)
    {
        if (thread.Process is { } slot)
        {
            Unbind(slot);
        }

        if (thread.SenderOf is { } sending)
        {
            EndSender(sending);
            AskToEnd(sending, sending.Receiver);
        }

        if (thread.ReceiverOf is { } receiving)
        {
            EndReceiver(receiving);
            AskToEnd(receiving, receiving.Sender);
        }

        state.Threads.Remove(thread);
        foreach (var waiter in state.ExitWaiters)
        {
            waiter.Sleeper.Wake();
        }
    }

    /// <summary>The pair has no sender any more.</summary>
    public void EndSender(ProxyPair pair)
    {
        if (pair.Sender is not { } thread)
        {
            return;
        }

        Disconnect(pair, ProxyConnectionChange.SenderDisconnected);
        pair.WakeSender();
        pair.Sender = null;
        thread.SenderOf = null;
        state.Commands.Flush(pair, DvkError.NotConnected);
        FreeIfDeserted(pair);
    }

    /// <summary>The pair has no receiver any more.</summary>
    public void EndReceiver(ProxyPair pair)
    {
        if (pair.Receiver is not { } thread)
        {
            return;
        }

        Disconnect(pair, ProxyConnectionChange.ReceiverDisconnected);
        pair.Receiver = null;
        thread.ReceiverOf = null;
        FreeIfDeserted(pair);
    }

    /// <summary>A connection of a pair is lost: those who wait for an answer over it fail.</summary>
    public void Disconnect(ProxyPair pair, ProxyConnectionChange change)
    {
        if (change == ProxyConnectionChange.SenderDisconnected)
        {
            pair.SenderConnected = false;
            state.Commands.Flush(pair, DvkError.NotConnected);
            pair.WakeSender();
        }
        else
        {
            pair.ReceiverConnected = false;
        }

        FailWaiting(pair.Nodes, DvkError.NotConnected);
    }

    /// <summary>Detaches a node from its pair.</summary>
    public void TakeDown(NodeState node)
    {
        if (node.Pair is not { } pair)
        {
            return;
        }

        FailQueued(pair, node.Id, DvkError.NotConnected);
        FailWaiting(1UL << node.Id, DvkError.NotConnected);
        ForgetCallers(node.Id);
        pair.Nodes &= ~(1UL << node.Id);
        node.Pair = null;
    }

    /// <summary>Frees a slot. Who waits for the process fails; who waits in wait4bind wakes.</summary>
    public void Unbind(ProcessSlot slot)
    {
        var endpoint = slot.Endpoint;
        Waits.Complete(slot, DvkError.NotBind);
        Waits.EndCopy(slot);
        slot.QueuedAt?.Remove(slot);
        FailCallers(slot, endpoint);
        foreach (var other in slot.Container.Slots)
        {
            if (!other.IsFree && !ReferenceEquals(other, slot))
            {
                FailIfWaitingFor(other, slot, endpoint);
            }
        }

        if (slot.Thread is { } thread)
        {
            thread.Process = null;
        }

        slot.Free();
        WakeBindWaiters();
    }

    /// <summary>Lets threads in wait4bind look again.</summary>
    public void WakeBindWaiters()
    {
        foreach (var waiter in state.BindWaiters)
        {
            waiter.Sleeper.Wake();
        }
    }

    private void FailCallers(ProcessSlot slot, int endpoint)
    {
        while (slot.Callers.First is { } caller)
        {
            slot.Callers.Remove(caller);
            if (caller.IsRemote)
            {
                caller.Status = ProcessStatus.Remote;
                caller.SendsTo = caller.ReceivesFrom = WellKnownEndpoint.None;
                state.Commands.AcknowledgeSend(caller, endpoint, DvkError.DestinationDied);
            }
            else
            {
                Waits.Complete(caller, DvkError.DestinationDied);
            }
        }
    }

    private void FailIfWaitingFor(ProcessSlot other, ProcessSlot gone, int endpoint)
    {
        other.Notifications.Clear(gone.Index);
        if (other.IsRemote)
        {
            if ((other.Status & ProcessStatus.Receiving) != 0 && other.ReceivesFrom == endpoint)
            {
                other.Status = ProcessStatus.Remote;
                other.SendsTo = other.ReceivesFrom = WellKnownEndpoint.None;
                state.Commands.AcknowledgeSend(other, endpoint, DvkError.SourceDied);
            }

            return;
        }

        if (other.Wait == WaitKind.Copy)
        {
            ref readonly var copy = ref other.Operation.Header.Copy;
            if (copy.SourceEndpoint == endpoint || copy.DestinationEndpoint == endpoint)
            {
                Waits.Complete(other, copy.SourceEndpoint == endpoint ? DvkError.SourceDied : DvkError.DestinationDied);
            }
        }
        else if ((other.Status & ProcessStatus.Sending) != 0 && other.SendsTo == endpoint)
        {
            Waits.Complete(other, DvkError.DestinationDied);
        }
        else if ((other.Status & ProcessStatus.Receiving) != 0 && other.ReceivesFrom == endpoint)
        {
            Waits.Complete(other, DvkError.SourceDied);
        }
    }

    private void FailQueued(ProxyPair pair, int nodeId, DvkError error)
    {
        for (var command = pair.Queue.First; command is not null;)
        {
            var next = command.Next;
            if (command.Header.DestinationNode == nodeId)
            {
                state.Commands.Remove(pair, command);
                if (command.Owner is { } owner)
                {
                    Waits.Complete(owner, error);
                    next = pair.Queue.First;
                }
            }

            command = next;
        }
    }

    // Requests that a sender proxy took and whose answer is outstanding; those still queued wait on.
    private void FailWaiting(ulong nodes, DvkError error)
    {
        foreach (var container in state.Containers)
        {
            if (container is null)
            {
                continue;
            }

            foreach (var slot in container.Slots)
            {
                if ((slot.Status & ProcessStatus.RemoteOperation) != 0 && slot.Operation.Queue is null
                    && ConcernsAny(slot, nodes))
                {
                    Waits.Complete(slot, error);
                }
            }
        }
    }

    private static bool ConcernsAny(ProcessSlot slot, ulong nodes)
    {
        ref readonly var header = ref slot.Operation.Header;
        if ((nodes & (1UL << header.DestinationNode)) != 0)
        {
            return true;
        }

        // A copy between two other nodes ends with an answer from its destination's node.
        return header.Command == CommandCode.CopyRemoteRequest
            && slot.Container.SlotOf(header.Copy.DestinationEndpoint) is { IsRemote: true } destination
            && (nodes & (1UL << destination.NodeId)) != 0;
    }

    // The node's processes are gone or will be: their messages must not be received after their driver gave up on them.
    private void ForgetCallers(int nodeId)
    {
        foreach (var container in state.Containers)
        {
            if (container is null)
            {
                continue;
            }

            foreach (var slot in container.Slots)
            {
                if (slot.IsRemote && slot.NodeId == nodeId)
                {
                    slot.QueuedAt?.Remove(slot);
                    slot.Status = ProcessStatus.Remote;
                    slot.SendsTo = slot.ReceivesFrom = WellKnownEndpoint.None;
                }
            }
        }
    }

    private void FreeIfDeserted(ProxyPair pair)
    {
        if (pair.Sender is not null || pair.Receiver is not null)
        {
            return;
        }

        foreach (var node in state.Nodes)
        {
            if (ReferenceEquals(node.Pair, pair))
            {
                TakeDown(node);
            }
        }

        state.Commands.Flush(pair, DvkError.NotConnected);
        pair.InUse = false;
        pair.Name = "";
        pair.CommandsSent = pair.CommandsReceived = 0;
    }

    private void AskToEnd(ProxyPair pair, ThreadEntry? thread)
    {
        if (thread is not null)
        {
            state.Terminations.Add(new TerminateRequestedEventArgs(pair.Id, thread.Id));
        }
    }
}
