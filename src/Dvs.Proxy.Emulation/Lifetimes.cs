using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Calls;
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
            thread.Process = null;
            EndProcess(slot);
        }

        // Of a pair bound anew since, or bound over by a later bind of the same thread, the thread may still be a half.
        foreach (var pair in state.Pairs)
        {
            EndHalf(pair, thread);
        }

        state.Threads.Remove(thread);
        WakeEndWaiters();
    }

    /// <summary>Frees a pair from outside: what its threads' ends would do.</summary>
    public void EndPair(DriverPair pair)
    {
        Disconnect(pair, ProxyConnectionChange.SenderDisconnected);
        Disconnect(pair, ProxyConnectionChange.ReceiverDisconnected);
        pair.Free();
        pair.Sender?.Leave(pair);
        pair.Receiver?.Leave(pair);
    }

    /// <summary>
    /// A connection of a pair is lost. With the sender's, those fail whose command was not fetched yet; with the receiver's, those who wait for the
    /// peer: for an acknowledgement, a reply, or in receive.
    /// </summary>
    public void Disconnect(DriverPair pair, ProxyConnectionChange change)
    {
        if (change == ProxyConnectionChange.SenderDisconnected)
        {
            pair.SenderConnected = false;
            MarkNodes(pair, NodeFlags.SenderConnected, isSet: false);
            state.Commands.Flush(pair, DvkError.NotConnected);
            pair.WakeSender();
        }
        else
        {
            pair.ReceiverConnected = false;
            MarkNodes(pair, NodeFlags.ReceiverConnected, isSet: false);
            FailWaiting(pair.Nodes, DvkError.NotConnected);
        }
    }

    /// <summary>Shows a connection in the state of the nodes that the pair serves.</summary>
    public void MarkNodes(DriverPair pair, NodeFlags flag, bool isSet)
    {
        foreach (var node in state.Nodes)
        {
            if ((pair.Nodes & (1UL << node.Id)) != 0)
            {
                node.Flags = isSet ? node.Flags | flag : node.Flags & ~flag;
            }
        }
    }

    /// <summary>A node goes down: those who wait for it fail. It stays attached to its pair and in its DCs.</summary>
    public void TakeDown(NodeState node)
    {
        if (node.IsLocal || node.Pair is not { } pair)
        {
            return;
        }

        node.Flags = NodeFlags.Attached;
        FailQueued(pair, node.Id, DvkError.NotConnected);
        FailWaiting(1UL << node.Id, DvkError.NotConnected);
    }

    /// <summary>Frees a slot. Who waits for the process fails; who waits in wait4bind wakes.</summary>
    public void Unbind(ProcessSlot slot)
    {
        var endpoint = slot.Endpoint;
        slot.OnLastAnswer = null;
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
        WakeEndWaiters();
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
                Waits.Complete(caller, FailureOf(caller, DvkError.DestinationDied));
            }
        }
    }

    // The driver has a number of its own for a request.
    private static DvkError FailureOf(ProcessSlot waiting, DvkError error) =>
        waiting.Wait == WaitKind.SendReceive ? DvkError.DeadSourceDestination : error;

    private void FailIfWaitingFor(ProcessSlot other, ProcessSlot gone, int endpoint)
    {
        other.Notifications.Clear(gone.Index);
        if (other.IsRemote)
        {
            if ((other.Status & ProcessStatus.Receiving) != 0 && other.ReceivesFrom == endpoint)
            {
                other.Status = ProcessStatus.Remote;
                other.SendsTo = other.ReceivesFrom = WellKnownEndpoint.None;
                state.Commands.AcknowledgeSend(other, endpoint, DvkError.DeadSourceDestination);
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
            Waits.Complete(other, FailureOf(other, DvkError.DestinationDied));
        }
        else if ((other.Status & ProcessStatus.Receiving) != 0 && other.ReceivesFrom == endpoint)
        {
            Waits.Complete(other, FailureOf(other, DvkError.SourceDied));
        }
    }

    private void FailQueued(DriverPair pair, int nodeId, DvkError error)
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

    // Requests that a sender proxy took and whose answer is outstanding (those still queued wait on), and who receives from a process there.
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
                if (slot.AwaitsAnswer ? ConcernsAny(slot, nodes) : ReceivesFromAny(slot, nodes))
                {
                    Waits.Complete(slot, error);
                }
            }
        }
    }

    private static bool ReceivesFromAny(ProcessSlot slot, ulong nodes) => slot.Wait == WaitKind.Receive
        && slot.Container.SlotOf(slot.ReceivesFrom) is { IsRemote: true } source
        && (nodes & (1UL << source.NodeId)) != 0;

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

    // The thread of a process is gone. Where the DC has somebody to warn, the process lingers until he has answered.
    private void EndProcess(ProcessSlot slot)
    {
        var container = slot.Container;
        if (container.SlotOf(container.Info.WarnEndpoint) is not { IsLocal: true } warned || ReferenceEquals(warned, slot))
        {
            Unbind(slot);
            return;
        }

        Waits.Complete(slot, DvkError.NotBind);
        Waits.EndCopy(slot);
        slot.LoseThread();
        slot.MiscFlags = ProcessMiscFlags.Ending;
        slot.Wait = WaitKind.SendReceive;
        slot.Status = ProcessStatus.Receiving;
        slot.ReceivesFrom = warned.Endpoint;
        slot.OnLastAnswer = Unbind;
        MessageCalls.Warn(slot, warned, container.Info.WarnMessageType, state.Options.DataModel);
    }

    // The first of a pair's threads to end frees the pair; the other one is asked to follow, and is no half of it any more when it does.
    private void EndHalf(DriverPair pair, ThreadEntry thread)
    {
        var isSender = ReferenceEquals(pair.Sender, thread);
        if (pair.InUse && (isSender || ReferenceEquals(pair.Receiver, thread)))
        {
            var other = isSender ? pair.Receiver : pair.Sender;
            Disconnect(pair, isSender ? ProxyConnectionChange.SenderDisconnected : ProxyConnectionChange.ReceiverDisconnected);
            pair.Free();
            if (other is not null && !ReferenceEquals(other, thread))
            {
                state.Terminations.Add(new TerminateRequestedEventArgs(other.Id, proxyId: pair.Id));
            }
        }

        thread.Leave(pair);
    }

    /// <summary>Lets threads look again that wait for others to end.</summary>
    public void WakeEndWaiters()
    {
        foreach (var waiter in state.EndWaiters)
        {
            waiter.Sleeper.Wake();
        }
    }
}
