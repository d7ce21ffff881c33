using System.Buffers.Binary;
using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>notify, and the pending bits it leaves.</summary>
internal sealed class Notifications(DriverState state)
{
    private const int TypeBase = 0x1000;

    public DvkError Notify(int sourceNumber, int endpoint, int value)
    {
        ThreadEntry thread;
        lock (state.Lock)
        {
            var error = state.FindCaller(out var caller);
            if (error == DvkError.Ok)
            {
                error = Begin(caller, sourceNumber, endpoint, value);
            }

            if (error != DriverState.MustWait)
            {
                return error;
            }

            thread = caller.Thread!;
        }

        return Waits.Finish(state, thread, Timeout.Infinite);
    }

    /// <summary>Hands over a notification or leaves it pending. With the lock held.</summary>
    public static void Post(DriverState state, ProcessSlot source, ProcessSlot destination, int value)
    {
        if (value is >= 0 and < 32)
        {
            destination.UpdateBits |= 1U << value;
        }

        if (destination.Accepts(source.Endpoint, isRequest: false))
        {
            Build(state, source, destination, out var message);
            Waits.Deliver(destination, source.Endpoint, message);
        }
        else
        {
            destination.Notifications.Set(source.Index);
        }
    }

    /// <summary>Takes a pending notification that <paramref name="endpoint"/> (or ANY) admits. With the lock held.</summary>
    public static bool TryTake(DriverState state, ProcessSlot destination, int endpoint, out Message message)
    {
        message = default;
        var container = destination.Container;
        var index = endpoint == WellKnownEndpoint.Any ? destination.Notifications.First : container.SlotOf(endpoint)?.Index ?? -1;
        if (index < 0 || !destination.Notifications.Clear(index))
        {
            return false;
        }

        Build(state, container.Slots[index], destination, out message);
        return true;
    }

    // M9: i1 the notifier's number, l1 the update bits that came so far, t1 when it was built.
    private static void Build(DriverState state, ProcessSlot source, ProcessSlot destination, out Message message)
    {
        message = default;
        message.Source = source.Endpoint;
        message.Type = TypeBase + source.Number;
        var body = message.Body.Bytes;
        var now = Timestamp.Now(state.Options.TimeProvider);
        BinaryPrimitives.WriteInt32LittleEndian(body, source.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], destination.UpdateBits);
        if (state.Options.DataModel == DataModel.Lp64)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body[8..], now.Seconds);
            BinaryPrimitives.WriteInt64LittleEndian(body[16..], now.Nanoseconds);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(body[8..], (int)now.Seconds);
            BinaryPrimitives.WriteInt32LittleEndian(body[12..], (int)now.Nanoseconds);
        }

        destination.UpdateBits = 0;
    }

    private DvkError Begin(ProcessSlot caller, int sourceNumber, int endpoint, int value)
    {
        var source = caller;
        if (sourceNumber != WellKnownEndpoint.Self && sourceNumber != caller.Number)
        {
            if (caller.Container.SlotAt(sourceNumber) is not { IsLocal: true } other)
            {
                return DvkError.BadProcess;
            }

            if (!caller.IsSystem)
            {
                return DvkError.CallDenied;
            }

            source = other;
        }

        if (value is < -1 or > 31)
        {
            return DvkError.Range;
        }

        var error = ProcessLookup.FindDestination(source, endpoint, isRequest: false, out var destination);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (!destination.IsRemote)
        {
            source.LocalSent++;
            Post(state, source, destination, value);
            return DvkError.Ok;
        }

        error = state.Commands.FindRoute(caller.Container, destination.NodeId, out var pair);
        return error == DvkError.Ok ? BeginRemote(caller, source, destination, pair, value) : error;
    }

    private DvkError BeginRemote(ProcessSlot caller, ProcessSlot source, ProcessSlot destination, ProxyPair pair, int value)
    {
        state.Commands.Prepare(caller, CommandCode.NotifyMessage, destination.Endpoint, destination.NodeId);
        ref var header = ref caller.Operation.Header;
        header.SourceEndpoint = source.Endpoint;
        header.ResultCode = value;
        header.Message.Source = source.Endpoint;
        header.Message.Type = TypeBase + source.Number;
        caller.Status |= ProcessStatus.Sending;
        caller.SendsTo = destination.Endpoint;
        var wait = Waits.Start(caller, WaitKind.Notify, Timeout.Infinite);
        if (wait == DriverState.MustWait)
        {
            CommandDispatcher.EnqueueRequest(pair, caller);
        }

        return wait;
    }
}
