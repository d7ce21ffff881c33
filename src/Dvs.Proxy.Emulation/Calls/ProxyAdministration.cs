using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>proxies_bind, proxies_unbind, node_up, node_down, proxy_conn. Take the lock.</summary>
internal sealed class ProxyAdministration(DriverState state)
{
    private const int ExitCheckMilliseconds = 200;

    public void Bind(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload)
    {
        var attempted = $"bind proxy pair {proxyId} ({name}) to threads {senderThreadId} and {receiverThreadId}";
        lock (state.Lock)
        {
            var pair = FindPair(proxyId, attempted);
            if (pair.InUse && !IsDead(pair))
            {
                throw DvkAdvice.Refusal(DvkCall.BindProxies, DvkError.ResourceBusy, attempted, new DvkSubject(ProxyId: proxyId));
            }

            if (maxPayload > state.Info!.MaxCopyBuffer)
            {
                throw new DvkException(DvkError.TooBig, attempted, $"The largest payload of this DVS is {state.Info.MaxCopyBuffer} bytes.");
            }

            if (maxPayload <= 0)
            {
                throw new DvkException(DvkError.Invalid, attempted, "The largest payload must be at least 1 byte.");
            }

            if (senderThreadId == receiverThreadId)
            {
                throw new DvkException(DvkError.BadPid, attempted, "Sender and receiver must be two threads.");
            }

            var sender = FindThread(senderThreadId, attempted);
            var receiver = FindThread(receiverThreadId, attempted);
            pair.InUse = true;
            pair.Name = Names.Cut(name);
            pair.MaxPayload = maxPayload;
            pair.SenderConnected = pair.ReceiverConnected = false;
            pair.CommandsSent = pair.CommandsReceived = 0;
            pair.Sender = sender;
            pair.Receiver = receiver;
            sender.SenderOf = pair;
            receiver.ReceiverOf = pair;
            sender.ProxyShutDown = receiver.ProxyShutDown = false;
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
                throw DvkAdvice.Refusal(DvkCall.UnbindProxies, DvkError.NoProxy, attempted, new DvkSubject(ProxyId: proxyId));
            }

            receiver = pair.Receiver;
            if (pair.Sender is { } sender)
            {
                sender.ProxyShutDown = true;
            }

            if (receiver is not null)
            {
                receiver.ProxyShutDown = true;
                state.Terminations.Add(new TerminateRequestedEventArgs(proxyId, receiver.Id));
            }

            state.Lifetimes.EndSender(pair);
            caller = state.Threads.RegisterCurrent();
        }

        state.RaiseTerminations();
        if (receiver is not null && receiver != caller)
        {
            AwaitExit(caller, receiver);
        }
    }

    public void NodeUp(string name, int nodeId, int proxyId)
    {
        var attempted = $"bring node {nodeId} ({name}) up on proxy pair {proxyId}";
        lock (state.Lock)
        {
            var pair = FindPair(proxyId, attempted);
            var node = FindRemoteNode(nodeId, attempted);
            if (!pair.InUse)
            {
                throw DvkAdvice.Refusal(DvkCall.NodeUp, DvkError.NoProxy, attempted, new DvkSubject(NodeId: nodeId, ProxyId: proxyId));
            }

            if (node.Pair is not null)
            {
                throw new DvkException(DvkError.NodeBusy, attempted, $"Proxy pair {node.Pair.Id} serves the node.");
            }

            node.Name = Names.Cut(name);
            node.Pair = pair;
            node.CommandsSent = node.CommandsReceived = 0;
            pair.Nodes |= 1UL << nodeId;
        }
    }

    public void NodeDown(int nodeId)
    {
        var attempted = $"take node {nodeId} down";
        lock (state.Lock)
        {
            state.Require(attempted);
            var node = FindRemoteNode(nodeId, attempted);
            if (node.Pair is null)
            {
                throw DvkAdvice.Refusal(DvkCall.NodeDown, DvkError.NodeFree, attempted, new DvkSubject(NodeId: nodeId));
            }

            state.Lifetimes.TakeDown(node);
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
            var isSender = change is ProxyConnectionChange.SenderConnected or ProxyConnectionChange.SenderDisconnected;
            if (isSender ? pair.Sender is null : pair.Receiver is null)
            {
                return DvkError.NoProxy;
            }

            switch (change)
            {
                case ProxyConnectionChange.SenderConnected:
                    pair.SenderConnected = true;
                    return DvkError.Ok;
                case ProxyConnectionChange.ReceiverConnected:
                    pair.ReceiverConnected = true;
                    return DvkError.Ok;
                case ProxyConnectionChange.SenderDisconnected or ProxyConnectionChange.ReceiverDisconnected:
                    state.Lifetimes.Disconnect(pair, change);
                    return DvkError.Ok;
                default:
                    return DvkError.Invalid;
            }
        }
    }

    private ProxyPair FindPair(int proxyId, string attempted)
    {
        state.Require(attempted);
        return (uint)proxyId < (uint)state.Pairs.Length
            ? state.Pairs[proxyId]
            : throw new DvkException(DvkError.ProxyId, attempted, $"Pair ids are 0..{state.Pairs.Length - 1}.");
    }

    private NodeState FindRemoteNode(int nodeId, string attempted) => state.FindNode(nodeId) is { IsLocal: false } node
        ? node
        : throw new DvkException(DvkError.BadNodeId, attempted, $"It must be a remote node, 0..{state.Nodes.Length - 1}.");

    // A pair whose threads died without a word is free, and so is what they left.
    private bool IsDead(ProxyPair pair)
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
        if (thread.IsProxy || thread.Process is not null)
        {
            throw new DvkException(
                thread.IsProxy ? DvkError.ProxyRunning : DvkError.ProcessRunning, attempted, $"Thread {id} is bound already.");
        }

        return thread;
    }

    private void AwaitExit(ThreadEntry caller, ThreadEntry receiver)
    {
        lock (state.Lock)
        {
            state.ExitWaiters.Add(caller);
        }

        try
        {
            while (true)
            {
                lock (state.Lock)
                {
                    if (receiver.ReceiverOf is null || state.Threads.ForgetIfDead(receiver) || caller.TakeInterrupt())
                    {
                        return;
                    }

                    caller.Sleeper.Prepare();
                }

                caller.Sleeper.Wait(ExitCheckMilliseconds);
            }
        }
        finally
        {
            lock (state.Lock)
            {
                state.ExitWaiters.Remove(caller);
            }
        }
    }
}
