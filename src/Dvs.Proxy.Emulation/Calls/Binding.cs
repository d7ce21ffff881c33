using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>bind, unbind, wakeup, getep, and memory for the bound. Take the lock.</summary>
internal sealed class Binding(DriverState state)
{
    public DvkError Bind(in BindRequest request, out int endpoint)
    {
        endpoint = WellKnownEndpoint.None;
        lock (state.Lock)
        {
            var error = state.FindContainer(request.DcId, out var container);
            if (error != DvkError.Ok)
            {
                return error;
            }

            if (container.SlotOf(request.Endpoint) is not { } slot)
            {
                return DvkError.BadDcId;
            }

            if (slot is { IsFree: false, Thread: { } owner })
            {
                state.Threads.ForgetIfDead(owner);
            }

            error = request.Kind switch
            {
                BindKind.Self => BindThread(container, slot, request, state.Threads.RegisterCurrent(), ProcessMiscFlags.None),
                BindKind.Local => BindOther(container, slot, request, ProcessMiscFlags.None),
                BindKind.Remote => BindRemote(container, slot, request),
                BindKind.Backup => BindOther(container, slot, request, ProcessMiscFlags.Backup),
                BindKind.Replica => BindOther(container, slot, request, ProcessMiscFlags.Replica),
                BindKind.UserMode => BindOther(container, slot, request, ProcessMiscFlags.UserMode),
                _ => DvkError.BindType,
            };
            if (error == DvkError.Ok)
            {
                endpoint = slot.Endpoint;
                if (slot.IsLocal)
                {
                    // Who waits for a remote process to be bound is not woken by it: so does the driver.
                    state.Lifetimes.WakeBindWaiters();
                }
            }

            return error;
        }
    }

    public DvkError Unbind(int dcId, int endpoint)
    {
        lock (state.Lock)
        {
            var error = FindBound(dcId, endpoint, out var slot);
            if (error == DvkError.Ok)
            {
                state.Lifetimes.Unbind(slot);
            }

            return error;
        }
    }

    public DvkError WakeUp(int dcId, int endpoint)
    {
        lock (state.Lock)
        {
            var error = FindBound(dcId, endpoint, out var slot);
            if (error == DvkError.Ok)
            {
                Waits.Complete(slot, DvkError.WokenUp);
            }

            return error;
        }
    }

    public DvkError GetEndpoint(int processId, out int endpoint)
    {
        endpoint = WellKnownEndpoint.None;
        lock (state.Lock)
        {
            if (state.Info is null)
            {
                return DvkError.DvsNotInitialised;
            }

            if (!LinuxThreads.IsAlive(processId))
            {
                return DvkError.BadRange;
            }

            if (state.FindOwnOrMain() is null || state.Threads.Find(processId)?.Process is not { } slot)
            {
                return DvkError.NotBind;
            }

            endpoint = slot.Endpoint;
            return DvkError.Ok;
        }
    }

    public DvkBuffer AllocateBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        lock (state.Lock)
        {
            DvkException.ThrowIfFailed(state.FindCaller(out var caller), $"allocate a buffer of {length} bytes");
            return new EmulatedBuffer(length, state.Lock, caller.Thread!.Memory);
        }
    }

    // A process id of 0 names the main thread of the caller's process.
    private DvkError BindOther(Container container, ProcessSlot slot, in BindRequest request, ProcessMiscFlags kind)
    {
        var id = request.ProcessId == 0 ? Environment.ProcessId : request.ProcessId;
        return state.Threads.RegisterAlive(id) is { } thread ? BindThread(container, slot, request, thread, kind) : DvkError.BadPid;
    }

    // A backup stands for a process of another node; all others are of this one. The driver knows a thread's name by itself.
    private DvkError BindThread(Container container, ProcessSlot slot, in BindRequest request, ThreadEntry thread, ProcessMiscFlags kind)
    {
        var isBackup = kind == ProcessMiscFlags.Backup;
        var nodeId = isBackup ? request.NodeId : state.LocalNodeId;
        if (state.FindNode(nodeId) is null || (!isBackup && request.NodeId != -1 && request.NodeId != nodeId))
        {
            return DvkError.BadNodeId;
        }

        if (!container.HasNode(nodeId))
        {
            return DvkError.NodeNotInDc;
        }

        if (!slot.IsFree || thread.Process is not null)
        {
            return DvkError.SlotUsed;
        }

        if (thread.IsProxy)
        {
            return DvkError.ProxyRunning;
        }

        if (thread.Id == Environment.ProcessId && !isBackup)
        {
            kind |= ProcessMiscFlags.GroupLeader;
        }

        slot.Occupy(nodeId, isBackup ? ProcessStatus.Remote : ProcessStatus.Runnable, kind, thread, LinuxThreads.NameOf(thread.Id));
        if (!isBackup)
        {
            thread.Process = slot;
        }

        return DvkError.Ok;
    }

    private DvkError FindBound(int dcId, int endpoint, out ProcessSlot slot)
    {
        slot = null!;
        var error = state.FindContainer(dcId, out var container);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (container.SlotOf(endpoint) is not { } found)
        {
            return DvkError.Endpoint;
        }

        slot = found;
        return slot.IsFree ? DvkError.NotBind
            : slot.Endpoint != endpoint ? DvkError.Endpoint
            : DvkError.Ok;
    }

    private DvkError BindRemote(Container container, ProcessSlot slot, in BindRequest request)
    {
        if (state.FindNode(request.NodeId) is not { IsLocal: false })
        {
            return DvkError.BadNodeId;
        }

        if (!container.HasNode(request.NodeId))
        {
            return DvkError.NodeNotInDc;
        }

        if (!slot.IsFree)
        {
            return DvkError.SlotUsed;
        }

        slot.Occupy(request.NodeId, ProcessStatus.Remote, ProcessMiscFlags.None, null, Names.Cut(request.Name));
        return DvkError.Ok;
    }
}
