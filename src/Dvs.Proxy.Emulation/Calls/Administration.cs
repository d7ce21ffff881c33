using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>dvs_init, dvs_end, dc_init, dc_end, add_node, del_node. Take the lock; throw what is refused.</summary>
internal sealed class Administration(DriverState state)
{
    // The driver's own limits, which no DVS exceeds. Sets of nodes and of DCs are kept in one word.
    private const int MaxIds = 32;
    private const int MostProcesses = 221;
    private const int MostTasks = 35;
    private const int MostSystemProcesses = 64;
    private const int LargestCopyBuffer = 65_536;
    private const int LongestCopy = 1_048_576;

    // Bit 0: IPC works. Bit 8: initialised.
    private const ulong InitialisedFlags = 0x101;
    private const int ProcessSlotSize = 1024;

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

            if (nodeId is < 0 or >= MaxIds)
            {
                throw new DvkException(DvkError.BadNodeId, attempted, $"Node ids are 0..{MaxIds - 1}.");
            }

            CheckLimits(limits, attempted);
            if (nodeId >= limits.MaxNodes)
            {
                throw new DvkException(DvkError.BadNodeId, attempted, $"Node ids are 0..{limits.MaxNodes - 1}.");
            }

            state.Info = limits with
            {
                Name = Names.Cut(limits.Name),
                Version = DvsInfo.ReferenceVersion,
                Flags = InitialisedFlags,
                ProcessSlotSize = ProcessSlotSize,
            };
            state.LocalNodeId = nodeId;
            state.Containers = new Container?[limits.MaxDcs];
            state.EndedContainers = new DcInfo?[limits.MaxDcs];
            state.Nodes = new NodeState[limits.MaxNodes];
            state.Pairs = new DriverPair[limits.MaxNodes];
            for (var id = 0; id < limits.MaxNodes; id++)
            {
                state.Nodes[id] = new NodeState(id);
                state.Pairs[id] = new DriverPair(id);
            }

            state.Nodes[nodeId].BecomeLocal();
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
                state.Lifetimes.EndPair(pair);
            }

            state.Info = null;
            state.LocalNodeId = -1;
            state.Lifetimes.WakeBindWaiters();
            state.Lifetimes.WakeEndWaiters();
        }
    }

    public void StartDc(DcInfo dc)
    {
        ArgumentNullException.ThrowIfNull(dc);
        var attempted = $"start DC {dc.DcId}";
        lock (state.Lock)
        {
            var info = state.Require(attempted);
            Check(nameof(dc.DcId), dc.DcId, 0, info.MaxDcs - 1, attempted);
            if (state.Containers[dc.DcId] is not null)
            {
                throw DvkAdvice.Refusal(DvkCall.StartDc, DvkError.ResourceBusy, attempted, dcId: dc.DcId);
            }

            CheckDc(dc, info, attempted);
            var name = Names.Cut(dc.Name);
            if (Array.Exists(state.Containers, other => other?.Info.Name == name && name.Length > 0))
            {
                throw new DvkException(DvkError.ResourceBusy, attempted, $"Another running DC is called '{name}'.");
            }

            state.Containers[dc.DcId] = new Container(dc with
            {
                Nodes = 1UL << state.LocalNodeId,
                Flags = DcFlags.Running,
                Name = name,
                ProcessId = LinuxThreads.CurrentId,
            });
        }
    }

    /// <summary>
    /// Ends a DC once none of its local processes is bound any more: asks them to end, as the kernel driver does with SIGTERM, and waits for them.
    /// </summary>
    public void EndDc(int dcId)
    {
        var attempted = $"end DC {dcId}";
        Container container;
        ThreadEntry caller;
        lock (state.Lock)
        {
            if (dcId < 0)
            {
                // The driver takes the number for an address first.
                state.Require(attempted);
                throw new DvkException(DvkError.Fault, attempted, $"DC ids are 0..{state.Containers.Length - 1}.");
            }

            DvkException.ThrowIfFailed(state.FindContainer(dcId, out container), attempted);
            caller = state.Threads.RegisterCurrent();
            if (caller.Process?.Container == container)
            {
                throw new DvkException(DvkError.Locked, attempted, "The calling thread is a process of it, and would wait for itself.");
            }

            foreach (var slot in container.Slots)
            {
                if (slot is { IsLocal: true, Thread: { } thread })
                {
                    state.Terminations.Add(new TerminateRequestedEventArgs(thread.Id, dcId));
                }
            }
        }

        state.RaiseTerminations();
        EndWait.Until(state, caller, attempted, () => !ReferenceEquals(state.Containers.ElementAtOrDefault(dcId), container) || EndIfDeserted(container));
    }

    public void AddNode(int dcId, int nodeId)
    {
        var attempted = $"add node {nodeId} to DC {dcId}";
        lock (state.Lock)
        {
            var (container, node) = FindRemote(dcId, nodeId, attempted);
            if (node.Pair is null)
            {
                throw DvkAdvice.Refusal(DvkCall.AddNode, DvkError.NodeFree, attempted, nodeId: nodeId, dcId: dcId);
            }

            if (container.HasNode(nodeId))
            {
                throw DvkAdvice.Refusal(DvkCall.AddNode, DvkError.NodeInDc, attempted, nodeId: nodeId, dcId: dcId);
            }

            if (System.Numerics.BitOperations.PopCount(container.Nodes) >= container.Info.MaxNodes)
            {
                throw DvkAdvice.Refusal(DvkCall.AddNode, DvkError.ResourceBusy, attempted, nodeId: nodeId, dcId: dcId);
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
                throw DvkAdvice.Refusal(DvkCall.RemoveNode, DvkError.NodeInDc, attempted, nodeId: nodeId, dcId: dcId);
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
        state.EndedContainers[container.Id] = container.Info with { Flags = DcFlags.Free, Nodes = 0 };
    }

    private bool EndIfDeserted(Container container)
    {
        foreach (var slot in container.Slots)
        {
            if (slot is { IsLocal: true, Thread: { } thread })
            {
                state.Threads.ForgetIfDead(thread);
            }

            if (slot.IsLocal)
            {
                return false;
            }
        }

        End(container, DvkError.DcNotRunning);
        return true;
    }

    private static void CheckLimits(DvsInfo limits, string attempted)
    {
        Check(nameof(limits.MaxDcs), limits.MaxDcs, 1, MaxIds, attempted);
        Check(nameof(limits.MaxNodes), limits.MaxNodes, 1, MaxIds, attempted);
        Check(nameof(limits.MaxProcesses), limits.MaxProcesses, 1, MostProcesses, attempted);
        Check(nameof(limits.MaxTasks), limits.MaxTasks, 0, MostTasks, attempted);
        Check(nameof(limits.MaxSystemProcesses), limits.MaxSystemProcesses, limits.MaxTasks + 1, MostSystemProcesses, attempted);
        if (limits.MaxCopyBuffer is < 0 or > LargestCopyBuffer || limits.MaxCopyLength > LongestCopy || limits.MaxCopyLength < limits.MaxCopyBuffer)
        {
            throw new DvkException(
                DvkError.BadValue,
                attempted,
                $"{nameof(limits.MaxCopyBuffer)} is {limits.MaxCopyBuffer} and {nameof(limits.MaxCopyLength)} {limits.MaxCopyLength}; they must be at most "
                + $"{LargestCopyBuffer} and {LongestCopy}, and the first no more than the second.");
        }
    }

    private static void CheckDc(DcInfo dc, DvsInfo info, string attempted)
    {
        Check(nameof(dc.MaxProcesses), dc.MaxProcesses, 1, info.MaxProcesses, attempted);
        Check(nameof(dc.MaxTasks), dc.MaxTasks, 0, info.MaxTasks, attempted);
        Check(nameof(dc.MaxSystemProcesses), dc.MaxSystemProcesses, dc.MaxTasks + 1, info.MaxSystemProcesses, attempted);
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
