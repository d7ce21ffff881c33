using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Protocol.Control;

namespace Dvs.Proxy.Pairing.Control;

/// <summary>
/// Carries out a peer's remote bind requests (RMTBIND): waits until the DC includes the peer's node, binds, answers. The wait is bounded,
/// and so is the number of requests in progress, which this owns; the receiver thread never waits. Behaviour: RemoteBinderTests.
/// </summary>
internal sealed class RemoteBinder(PairContext context)
{
    /// <summary>Requests that may come at once: the processes of a node that has just started.</summary>
    internal const int Burst = 256;

    /// <summary>Requests per second that are carried out after that.</summary>
    internal const int PerSecond = 50;

    /// <summary>Requests that may wait for their node at the same time.</summary>
    internal const int MaxInProgress = 64;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly TokenBucket _rate = new(context.Environment.Time, Burst, PerSecond);
    private int _inProgress;

    /// <summary>Takes a request on; returns at once. EDVSAGAIN to one that comes too soon after others: ask again later. Receiver thread
    /// only.</summary>
    public void Bind(RemoteBindRequest request, Action<RemoteBindRequest, DvkError> answer, CancellationToken stopping)
    {
        if (request.NodeId != context.Peer.NodeId)
        {
            // A peer speaks for its own processes only.
            answer(request, DvkError.BadNodeId);
            return;
        }

        var mayTry = _rate.TryTake();
        if (Interlocked.Increment(ref _inProgress) > MaxInProgress || !mayTry)
        {
            Interlocked.Decrement(ref _inProgress);
            Volatile.Write(ref context.ReceiverCounters.RefusedBinds, context.ReceiverCounters.RefusedBinds + 1);
            answer(request, DvkError.Again);
            return;
        }

        _ = Task.Run(() => BindAsync(request, answer, stopping), CancellationToken.None);
    }

    private async Task BindAsync(RemoteBindRequest request, Action<RemoteBindRequest, DvkError> answer, CancellationToken stopping)
    {
        try
        {
            var result = await WaitForNodeAsync(request.DcId, stopping).ConfigureAwait(false);
            if (result == DvkError.Ok)
            {
                result = Bind(request);
            }

            answer(request, result);
        }
        catch (OperationCanceledException)
        {
            // The proxy stops: nobody waits for the answer.
        }
#pragma warning disable CA1031 // A task that nobody waits for: the peer hears of a failure, the log of its reason.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ProxyLog.UnexpectedFault(context.Logger, "a remote bind for the peer", exception);
            FaultBarrier.Run(context.Logger, "answering a remote bind", () => answer(request, DvkError.Generic));
        }
        finally
        {
            Interlocked.Decrement(ref _inProgress);
        }
    }

    // Asked again for a process that is known here as the peer's already, the answer is yes: a node that starts anew announces its processes anew. With
    // another name it is another process, at the place of one that is gone.
    private DvkError Bind(RemoteBindRequest request)
    {
        var bind = BindRequest.Remote(request.DcId, request.Endpoint, request.NodeId, request.Name);
        var result = context.Device.TryBind(in bind, out _);
        if (result != DvkError.SlotUsed || Find(request) is not { } known)
        {
            return result < DvkError.Ok ? result : DvkError.Ok;
        }

        if (known.Name == request.Name)
        {
            return DvkError.Ok;
        }

        result = context.Device.TryUnbind(request.DcId, request.Endpoint, timeoutMilliseconds: 0);
        return result == DvkError.Ok ? context.Device.TryBind(in bind, out _) : result;
    }

    // What holds the endpoint, where that is a process of the peer's node.
    private ProcessInfo? Find(RemoteBindRequest request)
    {
        try
        {
            var number = EndpointNumber.FromEndpoint(request.Endpoint, context.Environment.Limits.MaxTasks);
            var process = context.Device.GetProcessInfo(request.DcId, number);
            return (process.Status & ProcessStatus.Remote) != 0 && process.NodeId == request.NodeId && process.Endpoint == request.Endpoint ? process : null;
        }
        catch (DvkException)
        {
            return null;
        }
    }

    private async Task<DvkError> WaitForNodeAsync(int dcId, CancellationToken stopping)
    {
        var started = context.Environment.Time.GetTimestamp();
        while (true)
        {
            var result = LookForNode(dcId);
            if (result is not (DvkError.NodeNotInDc or DvkError.DcNotRunning)
                || context.Environment.Time.GetElapsedTime(started) >= MaxWait)
            {
                return result;
            }

            await Task.Delay(PollInterval, context.Environment.Time, stopping).ConfigureAwait(false);
        }
    }

    private DvkError LookForNode(int dcId)
    {
        try
        {
            var dc = context.Device.GetDcInfo(dcId);
            return !dc.IsRunning ? DvkError.DcNotRunning
                : (dc.Nodes & (1UL << context.Peer.NodeId)) != 0 ? DvkError.Ok
                : DvkError.NodeNotInDc;
        }
        catch (DvkException exception)
        {
            return exception.Error;
        }
    }
}
