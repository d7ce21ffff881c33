using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>bind, unbind, wait4bind, getep, and memory for the bound. Take the lock.</summary>
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
                return DvkError.Range;
            }

            if (slot is { IsFree: false, Thread: { } owner })
            {
                state.Threads.ForgetIfDead(owner);
            }

            error = request.Kind switch
            {
                BindKind.Self => BindLocal(container, slot, request, state.Threads.RegisterCurrent()),
                BindKind.Local or BindKind.UserMode => state.Threads.RegisterAlive(request.ProcessId) is { } thread
                    ? BindLocal(container, slot, request, thread)
                    : DvkError.BadPid,
                BindKind.Remote => BindRemote(container, slot, request),
                _ => DvkError.BindType,
            };
            if (error == DvkError.Ok)
            {
                endpoint = request.Endpoint;
                state.Lifetimes.WakeBindWaiters();
            }

            return error;
        }
    }

    public DvkError Unbind(int dcId, int endpoint)
    {
        lock (state.Lock)
        {
            var error = state.FindContainer(dcId, out var container);
            if (error != DvkError.Ok)
            {
                return error;
            }

            if (container.SlotOf(endpoint) is not { } slot)
            {
                return DvkError.Range;
            }

            if (slot.IsFree)
            {
                return DvkError.NotBind;
            }

            if (slot.Endpoint != endpoint)
            {
                return DvkError.Endpoint;
            }

            state.Lifetimes.Unbind(slot);
            return DvkError.Ok;
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

            if (processId <= 0)
            {
                return DvkError.BadPid;
            }

            if (state.Threads.Find(processId)?.Process is not { } slot)
            {
                return DvkError.NotBind;
            }

            endpoint = slot.Endpoint;
            return DvkError.Ok;
        }
    }

    public DvkError WaitForBind(WaitForBindKind kind, int endpoint, int timeoutMilliseconds, out int boundEndpoint)
    {
        boundEndpoint = WellKnownEndpoint.None;
        ThreadEntry thread;
        lock (state.Lock)
        {
            if (state.Info is null)
            {
                return DvkError.DvsNotInitialised;
            }

            thread = state.Threads.RegisterCurrent();
            var error = BeginWait(thread, kind, endpoint, ref boundEndpoint);
            if (error != DriverState.MustWait)
            {
                return error;
            }
        }

        try
        {
            return AwaitBind(thread, timeoutMilliseconds, ref boundEndpoint);
        }
        finally
        {
            lock (state.Lock)
            {
                state.BindWaiters.Remove(thread);
            }
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

    private DvkError BindLocal(Container container, ProcessSlot slot, in BindRequest request, ThreadEntry thread)
    {
        if (request.NodeId != -1 && request.NodeId != state.LocalNodeId)
        {
            return DvkError.BadNodeId;
        }

        if (!container.HasNode(state.LocalNodeId))
        {
            return DvkError.NodeNotInDc;
        }

        if (!slot.IsFree)
        {
            return DvkError.SlotUsed;
        }

        if (thread.Process is not null)
        {
            return DvkError.ProcessRunning;
        }

        if (thread.IsProxy)
        {
            return DvkError.ProxyRunning;
        }

        var name = string.IsNullOrEmpty(request.Name) ? Names.OfThisProcess : Names.Cut(request.Name);
        slot.Occupy(request.Endpoint, state.LocalNodeId, ProcessStatus.Runnable, thread, name);
        thread.Process = slot;
        return DvkError.Ok;
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

        slot.Occupy(request.Endpoint, request.NodeId, ProcessStatus.Remote, null, Names.Cut(request.Name));
        return DvkError.Ok;
    }

    // Ok: it is so already. MustWait: the thread is among the waiters, its sleep prepared.
    private DvkError BeginWait(ThreadEntry thread, WaitForBindKind kind, int endpoint, ref int boundEndpoint)
    {
        thread.BindWaitKind = kind;
        thread.BindWaitEndpoint = endpoint;
        thread.BindWaitContainer = null;
        if (endpoint != WellKnownEndpoint.Self)
        {
            if (thread.Process is not { } caller)
            {
                return DvkError.NotBind;
            }

            if (caller.Container.SlotOf(endpoint) is null)
            {
                return DvkError.Range;
            }

            thread.BindWaitContainer = caller.Container;
        }

        if (IsMet(thread, ref boundEndpoint))
        {
            return DvkError.Ok;
        }

        thread.Sleeper.Prepare();
        state.BindWaiters.Add(thread);
        return DriverState.MustWait;
    }

    private DvkError AwaitBind(ThreadEntry thread, int timeoutMilliseconds, ref int boundEndpoint)
    {
        var deadline = timeoutMilliseconds < 0 ? long.MaxValue : Environment.TickCount64 + timeoutMilliseconds;
        while (true)
        {
            var remaining = deadline == long.MaxValue ? -1 : (int)Math.Max(0, deadline - Environment.TickCount64);
            lock (state.Lock)
            {
                if (thread.TakeInterrupt())
                {
                    return DvkError.Interrupted;
                }
            }

            var reason = thread.Sleeper.Wait(remaining);
            lock (state.Lock)
            {
                if (state.Info is null)
                {
                    return DvkError.DvsNotInitialised;
                }

                if (IsMet(thread, ref boundEndpoint))
                {
                    return DvkError.Ok;
                }

                if (reason == WakeReason.TimedOut)
                {
                    return DvkError.TimedOut;
                }

                thread.Sleeper.Prepare();
            }
        }
    }

    private static bool IsMet(ThreadEntry thread, ref int boundEndpoint)
    {
        var slot = thread.BindWaitEndpoint == WellKnownEndpoint.Self
            ? thread.Process
            : thread.BindWaitContainer!.SlotOf(thread.BindWaitEndpoint);
        var isBound = slot is { IsFree: false }
            && (thread.BindWaitEndpoint == WellKnownEndpoint.Self || slot.Endpoint == thread.BindWaitEndpoint);
        if (isBound != (thread.BindWaitKind == WaitForBindKind.Bind))
        {
            return false;
        }

        boundEndpoint = isBound ? slot!.Endpoint : thread.BindWaitEndpoint;
        return true;
    }
}
