using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>proxies_bind, proxies_unbind, node_up, node_down, proxy_conn. Take the lock.</summary>
internal sealed class ProxyAdministration(DriverState state)
{
    public void Bind(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload)
    {
        var attempted = $"bind proxy pair {proxyId} ({name}) to threads {senderThreadId} and {receiverThreadId}";
        lock (state.Lock)
        {
            state.Require(attempted);
            if ((uint)proxyId >= (uint)state.Pairs.Length)
            {
                throw DvkAdvice.Refusal(DvkCall.BindProxies, DvkError.BadNodeId, attempted, proxyId: proxyId);
            }

            var pair = state.Pairs[proxyId];
            var sender = FindThread(senderThreadId, attempted);
            var receiver = FindThread(receiverThreadId, attempted);
            if (pair.InUse && !IsDead(pair))
            {
                throw DvkAdvice.Refusal(DvkCall.BindProxies, DvkError.ResourceBusy, attempted, proxyId: proxyId);
            }

            name = Names.Cut(name);
            if (Array.Exists(state.Pairs, other => other.InUse && other.Name == name))
            {
                throw new DvkException(DvkError.ResourceBusy, attempted, $"Another pair is called '{name}'.");
            }

            if (maxPayload > state.Info!.MaxCopyBuffer)
            {
                throw new DvkException(DvkError.TooBig, attempted, $"The largest payload of this DVS is {state.Info.MaxCopyBuffer} bytes.");
            }

            if (maxPayload < 0)
            {
                throw new DvkException(DvkError.Invalid, attempted, "The largest payload must not be negative.");
            }

            pair.Bind(name, sender, receiver, maxPayload);
        }
    }

    public void Unbind(int proxyId)
    {
        var attempted = $"unbind proxy pair {proxyId}";
        ThreadEntry? receiver;
        ThreadEntry caller;
        lock (state.Lock)
        {
            var pair = FindPair(proxyId, attempted);
            if (!pair.InUse)
            {
                throw DvkAdvice.Refusal(DvkCall.UnbindProxies, DvkError.ProxyFree, attempted, proxyId: proxyId);
            }

            receiver = pair.Receiver;
            state.Lifetimes.EndPair(pair);
            if (pair.Sender is { } sender)
            {
                sender.ProxyShutDown = true;
            }

            if (receiver is not null)
            {
                receiver.ProxyShutDown = true;
                state.Terminations.Add(new TerminateRequestedEventArgs(receiver.Id, proxyId: proxyId));
            }

            caller = state.Threads.RegisterCurrent();
        }

        state.RaiseTerminations();
        if (receiver is not null && receiver != caller)
        {
            EndWait.Until(state, caller, attempted, () => state.Threads.Find(receiver.Id) != receiver || state.Threads.ForgetIfDead(receiver));
        }
    }

    public void NodeUp(string name, int nodeId, int proxyId)
    {
        var attempted = $"bring node {nodeId} ({name}) up on proxy pair {proxyId}";
        lock (state.Lock)
        {
            var pair = FindPair(proxyId, attempted);
            var node = FindNode(nodeId, attempted);
            if (!pair.InUse)
            {
                throw DvkAdvice.Refusal(DvkCall.NodeUp, DvkError.ProxyFree, attempted, nodeId: nodeId, proxyId: proxyId);
            }

            pair.Nodes |= 1UL << nodeId;
            node.Attach(pair, Names.Cut(name));
        }
    }

    public void NodeDown(int nodeId)
    {
        var attempted = $"take node {nodeId} down";
        lock (state.Lock)
        {
            state.Require(attempted);
            if (nodeId < 0)
            {
                // The driver takes the number for an address first.
                throw new DvkException(DvkError.Fault, attempted, $"Node ids are 0..{state.Nodes.Length - 1}.");
            }

            state.Lifetimes.TakeDown(FindNode(nodeId, attempted));
        }
    }

    public DvkError SetConnection(int proxyId, ProxyConnectionChange change)
    {
        lock (state.Lock)
        {
            if (state.Info is null)
            {
                return DvkError.DvsNotInitialised;
            }

            if ((uint)proxyId >= (uint)state.Pairs.Length)
            {
                return DvkError.ProxyId;
            }

            var pair = state.Pairs[proxyId];
            if (!pair.InUse)
            {
                return DvkError.ProxyFree;
            }

            switch (change)
            {
                case ProxyConnectionChange.SenderConnected:
                    pair.SenderConnected = true;
                    state.Lifetimes.MarkNodes(pair, NodeFlags.SenderConnected, isSet: true);
                    return DvkError.Ok;
                case ProxyConnectionChange.ReceiverConnected:
                    pair.ReceiverConnected = true;
                    state.Lifetimes.MarkNodes(pair, NodeFlags.ReceiverConnected, isSet: true);
                    return DvkError.Ok;
                case ProxyConnectionChange.SenderDisconnected or ProxyConnectionChange.ReceiverDisconnected:
                    state.Lifetimes.Disconnect(pair, change);
                    return DvkError.Ok;
                default:
                    return DvkError.BadValue;
            }
        }
    }

    private DriverPair FindPair(int proxyId, string attempted)
    {
        state.Require(attempted);
        return (uint)proxyId < (uint)state.Pairs.Length
            ? state.Pairs[proxyId]
            : throw new DvkException(DvkError.ProxyId, attempted, $"Pair ids are 0..{state.Pairs.Length - 1}.");
    }

    private NodeState FindNode(int nodeId, string attempted) => state.FindNode(nodeId)
        ?? throw new DvkException(DvkError.BadNodeId, attempted, $"Node ids are 0..{state.Nodes.Length - 1}.");

    // A pair whose threads died without a word is free, and so is what they left.
    private bool IsDead(DriverPair pair)
    {
        if (pair.Sender is { } sender)
        {
            state.Threads.ForgetIfDead(sender);
        }

        if (pair.Receiver is { } receiver)
        {
            state.Threads.ForgetIfDead(receiver);
        }

        return !pair.InUse;
    }

    private ThreadEntry FindThread(int id, string attempted)
    {
        var thread = state.Threads.RegisterAlive(id)
            ?? throw new DvkException(DvkError.BadPid, attempted, $"No thread {id} lives in this process.");
        return thread.Process is null
            ? thread
            : throw new DvkException(DvkError.ProcessRunning, attempted, $"Thread {id} is a process.");
    }
}
