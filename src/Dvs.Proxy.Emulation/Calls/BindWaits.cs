using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>wait4bind. Takes the lock.</summary>
internal sealed class BindWaits(DriverState state)
{
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
            var error = BeginWait(thread, kind, endpoint, ref timeoutMilliseconds, ref boundEndpoint);
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

    // Ok: it is so already. MustWait: the thread is among the waiters, its sleep prepared.
    private DvkError BeginWait(ThreadEntry thread, WaitForBindKind kind, int endpoint, ref int timeoutMilliseconds, ref int boundEndpoint)
    {
        if (kind is not (WaitForBindKind.Bind or WaitForBindKind.Unbind))
        {
            return DvkError.BadCall;
        }

        thread.BindWaitKind = kind;
        thread.BindWaitEndpoint = endpoint;
        thread.BindWaitContainer = null;
        if (endpoint != WellKnownEndpoint.Self)
        {
            if (state.FindOwnOrMain() is not { } caller)
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

        if (timeoutMilliseconds == 0)
        {
            return kind == WaitForBindKind.Unbind ? DvkError.Again : DvkError.TimedOut;
        }

        if (kind == WaitForBindKind.Unbind && timeoutMilliseconds > 0)
        {
            // The kernel driver never returns from a limited wait for an unbind, and neither does the unbind.
            if (!state.Options.StrictlyAsReal)
            {
                return DvkError.Locked;
            }

            timeoutMilliseconds = Timeout.Infinite;
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

    private bool IsMet(ThreadEntry thread, ref int boundEndpoint)
    {
        var slot = thread.BindWaitEndpoint == WellKnownEndpoint.Self
            ? thread.Process ?? state.FindOwnOrMain()
            : thread.BindWaitContainer!.SlotOf(thread.BindWaitEndpoint);
        var isBound = slot is { IsFree: false };
        if (isBound != (thread.BindWaitKind == WaitForBindKind.Bind))
        {
            return false;
        }

        // The driver names the endpoint that is bound, and none where the wait was for its end.
        boundEndpoint = isBound ? slot!.Endpoint : 0;
        return true;
    }
}
