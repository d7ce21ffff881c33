using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Device.Kernel;

/// <summary>
/// Calls that the driver answers and then keeps a lock for, or never returns from, do not reach it: they are answered here, as the driver would.
/// </summary>
public sealed partial class KernelDvkDevice
{
    // Which negative results of a call that returns an endpoint are endpoints of tasks; known once the DVS is initialised.
    private int TaskCount
    {
        get
        {
            if (_taskCount == DvkResult.HighestTaskErrno)
            {
                _ = TryGetDvsInfo(out _);
            }

            return _taskCount;
        }
    }

    /// <summary>
    /// Keeps a receive or a notification from the driver that would leave the caller's descriptor locked. What the caller is, is known from its bind, or
    /// asked once: the rest is comparing numbers.
    /// </summary>
    private DvkError CheckPartner(string call, int endpoint)
    {
        var process = CallerThread.Current.Process;
        if (process is null || process.Driver != _options.Path)
        {
            var failure = TryLearnProcess(out process);
            if (failure != DvkError.Ok)
            {
                return failure;
            }
        }

        var error = process!.CheckPartner(endpoint);
        if (error is DvkError.Endpoint or DvkError.Range && _logger is { } logger)
        {
            LogPartnerRefused(logger, call, endpoint, process.Endpoint, error.Describe());
        }

        return error;
    }

    /// <summary>What a call of a process came to. After "not bound" nothing that is known of the caller holds.</summary>
    private static DvkError ToError(int raw)
    {
        if (raw == (int)DvkError.NotBind)
        {
            CallerThread.Current.Process = null;
        }

        return DvkResult.ToError(raw);
    }

    /// <summary>The one question about an unbind from which the driver is sure to return is whether it has happened.</summary>
    private unsafe DvkError CheckUnbindWait(int endpoint, out int boundEndpoint)
    {
        var arguments = new WaitForBindArguments<nint> { Kind = (int)WaitForBindKind.Unbind, Endpoint = endpoint };
        var error = DvkResult.ToEndpoint(_handle.Call(DvkIoctl.WaitForBind, &arguments), endpoint, out boundEndpoint);
        if (error is not (DvkError.Again or DvkError.TimedOut))
        {
            return error;
        }

        if (_logger is { } logger)
        {
            LogUnbindWaitRefused(logger, endpoint, DvkError.Locked.Describe());
        }

        return DvkError.Locked;
    }

    /// <summary>Whether the thread to be bound is a process already: the driver would take it, and hang when the thread ends.</summary>
    private bool IsBoundAlready(in BindRequest request)
    {
        // A local bind by somebody else the driver refuses by itself.
        var held = request.Kind switch
        {
            BindKind.Self => FindOwnProcess(),
            BindKind.Backup or BindKind.Replica or BindKind.UserMode => FindProcess(request.ProcessId == 0 ? Environment.ProcessId : request.ProcessId),
            _ => null,
        };
        if (held is not null && _logger is { } logger)
        {
            LogBindRefused(logger, request.Endpoint, request.DcId, DvkError.SlotUsed.Describe(), held.Endpoint, held.DcId);
        }

        return held is not null;
    }

    private void OnBound(in BindRequest request, int endpoint)
    {
        if (request.Kind == BindKind.Self && TryGetDcInfo(request.DcId, out var dc) == DvkError.Ok)
        {
            CallerThread.Current.Process = new BoundProcess(_options.Path, request.DcId, endpoint, dc);
        }
        else
        {
            // Whichever thread it was, it may have stood for its process's main thread until now.
            CallerThread.ForgetProcesses(_options.Path);
        }
    }

    // wait4bind for oneself, without waiting, also answers for a thread that stands for its process's main thread; getep does not.
    private unsafe DvkError TryLearnProcess(out BoundProcess? process)
    {
        process = null;
        var arguments = new WaitForBindArguments<nint> { Kind = (int)WaitForBindKind.Bind, Endpoint = WellKnownEndpoint.Self };
        var error = DvkResult.ToUnknownEndpoint(_handle.Call(DvkIoctl.WaitForBind, &arguments), TaskCount, out var endpoint);
        if (error != DvkError.Ok)
        {
            return error == DvkError.TimedOut ? DvkError.NotBind : error;
        }

        var caller = CallerThread.Current;
        process = FindProcess(caller.Id, endpoint) ?? FindProcess(Environment.ProcessId, endpoint)
            ?? new BoundProcess(_options.Path, -1, endpoint, LargestDc());
        caller.Process = process;
        return DvkError.Ok;
    }

    // Asked by the thread's own id: a thread that only stands for its process's main thread may still become a process itself.
    private BoundProcess? FindOwnProcess()
    {
        var threadId = CallerThread.Current.Id;
        return GetEndpoint(threadId, out var endpoint) == DvkError.Ok ? FindProcess(threadId, endpoint) : null;
    }

    /// <summary>The process that a thread is by the driver's records; only looks at one slot of each DC where the endpoint is known.</summary>
    private BoundProcess? FindProcess(int threadId, int? endpoint = null)
    {
        var dcCount = TryGetDvsInfo(out var dvs) == DvkError.Ok ? dvs!.MaxDcs : 0;
        for (var dcId = 0; dcId < dcCount; dcId++)
        {
            if (TryGetDcInfo(dcId, out var dc) != DvkError.Ok || !dc.IsRunning)
            {
                continue;
            }

            for (var number = endpoint ?? -dc.MaxTasks; number <= (endpoint ?? (dc.MaxProcesses - 1)); number++)
            {
                if (TryGetProcess(dcId, number, out var id, out var status) == DvkError.Ok
                    && id == threadId && (status & (ProcessStatus.SlotFree | ProcessStatus.Remote)) == 0)
                {
                    return new BoundProcess(_options.Path, dcId, number, dc);
                }
            }
        }

        return null;
    }

    private DcInfo LargestDc() => TryGetDvsInfo(out var dvs) == DvkError.Ok
        ? new DcInfo { MaxProcesses = dvs!.MaxProcesses, MaxTasks = dvs.MaxTasks, MaxSystemProcesses = dvs.MaxSystemProcesses }
        : new DcInfo();

    [LoggerMessage(EventId = 1202, EventName = "PartnerRefused", Level = LogLevel.Warning,
        Message = "{Call} of endpoint {Endpoint} by endpoint {Caller} was answered {Error}. It did not reach the driver, which would "
        + "keep the caller locked: after a receive or notify with oneself or an endpoint out of range no later call of the thread returns.")]
    private static partial void LogPartnerRefused(ILogger logger, string call, int endpoint, int caller, string error);

    [LoggerMessage(EventId = 1203, EventName = "UnbindWaitRefused", Level = LogLevel.Warning,
        Message = "wait4bind with a time-out for the unbind of endpoint {Endpoint} was answered {Error}. It did not reach the driver, "
        + "from which neither it nor the unbind would return: ask with time-out 0 from time to time.")]
    private static partial void LogUnbindWaitRefused(ILogger logger, int endpoint, string error);

    [LoggerMessage(EventId = 1204, EventName = "SecondBindRefused", Level = LogLevel.Warning,
        Message = "bind of endpoint {Endpoint} of DC {DcId} was answered {Error}. It did not reach the driver: the thread is endpoint "
        + "{HeldEndpoint} of DC {HeldDcId} already, and with two the driver hangs when the thread ends. Unbind that one first, or bind "
        + "another thread.")]
    private static partial void LogBindRefused(ILogger logger, int endpoint, int dcId, string error, int heldEndpoint, int heldDcId);
}
