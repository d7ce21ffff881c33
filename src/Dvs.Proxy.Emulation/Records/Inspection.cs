using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Records;

/// <summary>getdvsinfo, getdcinfo, getnodeinfo, getprocinfo, getproxyinfo. Take the lock.</summary>
internal sealed class Inspection(DriverState state)
{
    public DvsInfo GetDvsInfo()
    {
        lock (state.Lock)
        {
            return state.Require("read the DVS info");
        }
    }

    public DcInfo GetDcInfo(int dcId)
    {
        lock (state.Lock)
        {
            var error = state.FindContainer(dcId, out var container);
            if (error == DvkError.DcNotRunning)
            {
                return state.EndedContainers[dcId] ?? NeverStarted(dcId);
            }

            DvkException.ThrowIfFailed(error, $"read the info of DC {dcId}");
            return container.Info with { Nodes = container.Nodes };
        }
    }

    public NodeInfo GetNodeInfo(int nodeId)
    {
        var attempted = $"read the info of node {nodeId}";
        lock (state.Lock)
        {
            state.Require(attempted);
            return Describe(state.FindNode(nodeId)
                ?? throw new DvkException(DvkError.BadNodeId, attempted, $"Node ids are 0..{state.Nodes.Length - 1}."));
        }
    }

    public ProcessInfo GetProcessInfo(int dcId, int number)
    {
        var attempted = $"read the info of process {number} of DC {dcId}";
        lock (state.Lock)
        {
            DvkException.ThrowIfFailed(state.FindContainer(dcId, out var container), attempted);
            return Describe(container.SlotAt(number)
                ?? throw new DvkException(
                    DvkError.BadProcess, attempted, $"Process numbers are {-container.Info.MaxTasks}..{container.Info.MaxProcesses - 1}."));
        }
    }

    public DvkError GetProcessId(int dcId, int number, out int processId)
    {
        processId = -1;
        lock (state.Lock)
        {
            var error = state.FindContainer(dcId, out var container);
            if (error != DvkError.Ok)
            {
                return error;
            }

            if (container.SlotAt(number) is not { } slot)
            {
                return DvkError.BadProcess;
            }

            processId = slot.ThreadId;
            return slot.IsFree ? DvkError.NotBind : DvkError.Ok;
        }
    }

    public ProxyInfo GetProxyInfo(int proxyId)
    {
        var attempted = $"read the info of proxy pair {proxyId}";
        lock (state.Lock)
        {
            state.Require(attempted);
            if ((uint)proxyId >= (uint)state.Pairs.Length)
            {
                throw new DvkException(DvkError.ProxyId, attempted, $"Pair ids are 0..{state.Pairs.Length - 1}.");
            }

            var pair = state.Pairs[proxyId];
            return pair.InUse
                ? new ProxyInfo(proxyId, DescribeSender(pair), DescribeReceiver(pair))
                : throw DvkAdvice.Refusal(DvkCall.GetProxyInfo, DvkError.ProxyFree, attempted, proxyId: proxyId);
        }
    }

    /// <summary>With the lock held.</summary>
    public NodeInfo Describe(NodeState node)
    {
        var dcs = 0UL;
        foreach (var container in state.Containers)
        {
            if (container is not null && container.HasNode(node.Id))
            {
                dcs |= 1UL << container.Id;
            }
        }

        return new NodeInfo
        {
            NodeId = node.Id,
            Flags = node.Flags,
            ProxyId = node.Pair?.Id ?? -1,
            Dcs = dcs,
            LastSent = node.LastSent,
            LastReceived = node.LastReceived,
            CommandsSent = node.CommandsSent,
            CommandsReceived = node.CommandsReceived,
            Name = node.Name,
        };
    }

    /// <summary>With the lock held.</summary>
    public static ProcessInfo Describe(ProcessSlot slot) => new()
    {
        Number = slot.Number,
        Endpoint = slot.Endpoint,
        DcId = slot.Container.Id,
        Status = slot.Status,
        LinuxProcessId = slot.ThreadId,
        VirtualProcessId = slot.ThreadId,
        NodeId = slot.NodeId,
        NodeMap = slot.IsFree ? 0 : 1UL << slot.NodeId,
        MiscFlags = slot.MiscFlags,
        ReceivesFrom = slot.ReceivesFrom,
        SendsTo = slot.SendsTo,
        ProxyId = slot.Operation.Queue?.PairId ?? WellKnownEndpoint.None,
        LocalSent = slot.LocalSent,
        RemoteSent = slot.RemoteSent,
        LocalCopies = slot.LocalCopies,
        RemoteCopies = slot.RemoteCopies,
        Name = slot.Name,
    };

    /// <summary>The sender of a pair. With the lock held.</summary>
    public ProcessInfo DescribeSender(DriverPair pair) => DescribeHalf(
        pair,
        pair.Sender!,
        pair.SenderName,
        pair.SenderConnected,
        receivesFrom: pair.SenderHasSlept ? WellKnownEndpoint.Any : WellKnownEndpoint.None,
        remoteSent: pair.CommandsSent);

    /// <summary>The receiver of a pair. With the lock held.</summary>
    public ProcessInfo DescribeReceiver(DriverPair pair) => DescribeHalf(
        pair, pair.Receiver!, pair.ReceiverName, pair.ReceiverConnected, localSent: pair.CommandsReceived);

    private ProcessInfo DescribeHalf(
        DriverPair pair,
        ThreadEntry thread,
        string name,
        bool isConnected,
        int receivesFrom = WellKnownEndpoint.None,
        ulong localSent = 0,
        ulong remoteSent = 0) => new()
        {
            Number = pair.Id,
            LinuxProcessId = thread.Id,
            NodeId = state.LocalNodeId,
            NodeMap = pair.Nodes,
            MiscFlags = isConnected ? ProcessMiscFlags.Proxy | ProcessMiscFlags.Connected : ProcessMiscFlags.Proxy,
            ReceivesFrom = receivesFrom,
            LocalSent = localSent,
            RemoteSent = remoteSent,
            Name = name,
        };

    private static DcInfo NeverStarted(int dcId) => new()
    {
        DcId = dcId,
        Flags = DcFlags.Free,
        MaxProcesses = 0,
        MaxTasks = 0,
        MaxSystemProcesses = 0,
        MaxNodes = 0,
        WarnEndpoint = 0,
    };
}
