using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>dvs_init, dvs_end, dc_init, dc_end, add_node, del_node. Take the lock; throw what is refused.</summary>
internal sealed class Administration(DriverState state)
{
    // The driver keeps sets of nodes and of DCs in one word, and shows 32 columns of it.
    private const int MaxIds = 32;

    public void InitializeDvs(int nodeId, DvsInfo limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var attempted = $"initialise the DVS as node {nodeId}";
        lock (state.Lock)
        {
            if (state.Info is not null)
            {
                throw DvkAdvice.Refusal(DvkCall.InitializeDvs, DvkError.DvsBusy, attempted);
            }

            CheckLimits(limits, attempted);
            if (nodeId < 0 || nodeId >= limits.MaxNodes)
            {
                throw new DvkException(DvkError.BadNodeId, attempted, $"Node ids are 0..{limits.MaxNodes - 1}.");
            }

            state.Info = limits with { Name = Names.Cut(limits.Name) };
            state.LocalNodeId = nodeId;
            state.Containers = new Container?[limits.MaxDcs];
            state.Nodes = new NodeState[limits.MaxNodes];
            state.Pairs = new ProxyPair[limits.MaxNodes];
            for (var id = 0; id < limits.MaxNodes; id++)
            {
                state.Nodes[id] = new NodeState(id);
                state.Pairs[id] = new ProxyPair(id);
            }

            state.Nodes[nodeId].IsLocal = true;
            state.Nodes[nodeId].Name = Names.Cut($"node{nodeId}");
        }
    }

    public void EndDvs(bool force = false)
    {
        lock (state.Lock)
        {
            if (state.Info is null)
            {
                if (force)
                {
                    return;
                }

                throw DvkAdvice.Refusal(DvkCall.EndDvs, DvkError.DvsNotInitialised, "end the DVS");
            }

            foreach (var container in state.Containers)
            {
                if (container is not null)
                {
                    End(container, DvkError.DvsNotInitialised);
                }
            }

            foreach (var pair in state.Pairs)
            {
                state.Lifetimes.EndSender(pair);
                state.Lifetimes.EndReceiver(pair);
            }

            state.Info = null;
            state.LocalNodeId = -1;
            state.Lifetimes.WakeBindWaiters();
        }
    }

    public void StartDc(DcInfo dc)
    {
        ArgumentNullException.ThrowIfNull(dc);
        var attempted = $"start DC {dc.DcId}";
        lock (state.Lock)
        {
            var info = state.Require(attempted);
            if ((uint)dc.DcId >= (uint)info.MaxDcs)
            {
                throw new DvkException(DvkError.BadDcId, attempted, $"DC ids are 0..{info.MaxDcs - 1}.");
            }

            if (state.Containers[dc.DcId] is not null)
            {
                throw DvkAdvice.Refusal(DvkCall.StartDc, DvkError.DcRunning, attempted, new DvkSubject(DcId: dc.DcId));
            }

            CheckDc(dc, info, attempted);
            state.Containers[dc.DcId] = new Container(dc with
            {
                Nodes = 1UL << state.LocalNodeId,
                Flags = DcFlags.Running,
                Name = Names.Cut(dc.Name.Length == 0 ? $"DC{dc.DcId}" : dc.Name),
            });
        }
    }

    public void EndDc(int dcId)
    {
        lock (state.Lock)
        {
            var error = state.FindContainer(dcId, out var container);
            DvkException.ThrowIfFailed(error, $"end DC {dcId}");
            End(container, DvkError.DcNotRunning);
        }
    }

    public void AddNode(int dcId, int nodeId)
    {
        var attempted = $"add node {nodeId} to DC {dcId}";
        lock (state.Lock)
        {
            var (container, node) = FindRemote(dcId, nodeId, attempted);
            if (node.Pair is null)
            {
                throw DvkAdvice.Refusal(DvkCall.AddNode, DvkError.NodeFree, attempted, new DvkSubject(NodeId: nodeId, DcId: dcId));
            }

            if (container.HasNode(nodeId))
            {
                throw DvkAdvice.Refusal(DvkCall.AddNode, DvkError.NodeInDc, attempted, new DvkSubject(NodeId: nodeId, DcId: dcId));
            }

            if (System.Numerics.BitOperations.PopCount(container.Nodes) >= container.Info.MaxNodes)
            {
                throw DvkAdvice.Refusal(DvkCall.AddNode, DvkError.ResourceBusy, attempted, new DvkSubject(NodeId: nodeId, DcId: dcId));
            }

            container.Nodes |= 1UL << nodeId;
            state.Lifetimes.WakeBindWaiters();
        }
    }

    public void RemoveNode(int dcId, int nodeId)
    {
        var attempted = $"take node {nodeId} out of DC {dcId}";
        lock (state.Lock)
        {
            var (container, _) = FindRemote(dcId, nodeId, attempted);
            if (!container.HasNode(nodeId))
            {
                throw DvkAdvice.Refusal(DvkCall.RemoveNode, DvkError.NodeNotInDc, attempted, new DvkSubject(NodeId: nodeId, DcId: dcId));
            }

            container.Nodes &= ~(1UL << nodeId);
        }
    }

    private (Container Container, NodeState Node) FindRemote(int dcId, int nodeId, string attempted)
    {
        DvkException.ThrowIfFailed(state.FindContainer(dcId, out var container), attempted);
        if (state.FindNode(nodeId) is not { IsLocal: false } node)
        {
            throw new DvkException(DvkError.BadNodeId, attempted, nodeId == state.LocalNodeId
                ? "That is the local node: every DC that runs here has it."
                : $"Node ids are 0..{state.Nodes.Length - 1}.");
        }

        return (container, node);
    }

    private void End(Container container, DvkError error)
    {
        foreach (var slot in container.Slots)
        {
            if (slot.IsLocal)
            {
                Waits.Complete(slot, error);
            }
        }

        foreach (var slot in container.Slots)
        {
            if (!slot.IsFree)
            {
                state.Lifetimes.Unbind(slot);
            }
        }

        state.Containers[container.Id] = null;
    }

    private static void CheckLimits(DvsInfo limits, string attempted)
    {
        Check(nameof(limits.MaxDcs), limits.MaxDcs, 1, MaxIds, attempted);
        Check(nameof(limits.MaxNodes), limits.MaxNodes, 1, MaxIds, attempted);
        Check(nameof(limits.MaxProcesses), limits.MaxProcesses, 1, 8192, attempted);
        // Beyond that a task's endpoint could not be told from an error number.
        Check(nameof(limits.MaxTasks), limits.MaxTasks, 0, 299, attempted);
        Check(nameof(limits.MaxSystemProcesses), limits.MaxSystemProcesses, 0, limits.MaxTasks + limits.MaxProcesses, attempted);
        Check(nameof(limits.MaxCopyBuffer), limits.MaxCopyBuffer, 1, 1 << 30, attempted);
        Check(nameof(limits.MaxCopyLength), limits.MaxCopyLength, 0, 1 << 30, attempted);
    }

    private static void CheckDc(DcInfo dc, DvsInfo info, string attempted)
    {
        Check(nameof(dc.MaxProcesses), dc.MaxProcesses, 1, info.MaxProcesses, attempted);
        Check(nameof(dc.MaxTasks), dc.MaxTasks, 0, info.MaxTasks, attempted);
        Check(nameof(dc.MaxSystemProcesses), dc.MaxSystemProcesses, 0, info.MaxSystemProcesses, attempted);
        Check(nameof(dc.MaxNodes), dc.MaxNodes, 1, info.MaxNodes, attempted);
    }

    private static void Check(string what, int value, int least, int most, string attempted)
    {
        if (value < least || value > most)
        {
            throw new DvkException(DvkError.BadRange, attempted, $"{what} is {value}; it must lie within {least}..{most}.");
        }
    }
}
