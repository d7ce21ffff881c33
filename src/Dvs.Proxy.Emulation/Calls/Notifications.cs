using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Messages;
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

    /// <summary>
    /// Takes a notification from a peer: as it came to a process that waits for it, else its mark. Its source is the number in its type. With
    /// the lock held.
    /// </summary>
    public static DvkError Post(in Message message, ProcessSlot source, ProcessSlot destination)
    {
        if (source.Container.SlotAt(message.Type - TypeBase) is not { IsSystem: true } notifier)
        {
            return DvkError.Privileges;
        }

        if (destination.Accepts(source.Endpoint))
        {
            Waits.Deliver(destination, source.Endpoint, message);
        }
        else
        {
            destination.Notifications.Set(notifier.Index);
        }

        return DvkError.Ok;
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

        Build(state, container.Slots[index], out message);
        return true;
    }

    // M9 with nothing in it but t1, when it was built.
    private static void Build(DriverState state, ProcessSlot source, out Message message)
    {
        message = default;
        message.Source = source.Endpoint;
        message.Type = TypeBase + source.Number;
        new MessageM9(0, 0, Timestamp.Now(state.Options.TimeProvider)).Write(ref message, state.Options.DataModel);
    }

    private DvkError Begin(ProcessSlot caller, int sourceNumber, int endpoint, int value)
    {
        var error = CheckDestination(caller, endpoint, out var destination);
        if (error != DvkError.Ok)
        {
            ProcessLookup.MarkIfStuck(state, caller, error);
            return error;
        }

        var source = caller;
        if (sourceNumber != WellKnownEndpoint.Self)
        {
            if (caller.Container.SlotAt(sourceNumber) is not { IsLocal: true } other)
            {
                return DvkError.BadProcess;
            }

            source = other;
        }

        if (destination.IsRemote)
        {
            error = state.Commands.FindRoute(caller.Container, destination.NodeId, out var pair);
            return error == DvkError.Ok ? BeginRemote(caller, source, destination, pair, value) : error;
        }

        source.LocalSent++;
        if (destination.Accepts(source.Endpoint))
        {
            Build(state, source, out var message);
            Waits.Deliver(destination, source.Endpoint, message);
        }
        else
        {
            destination.Notifications.Set(source.Index);
        }

        return DvkError.Ok;
    }

    private static DvkError CheckDestination(ProcessSlot caller, int endpoint, out ProcessSlot destination)
    {
        destination = null!;
        if (!caller.IsSystem)
        {
            return DvkError.BadCall;
        }

        if (ProcessLookup.IsSelf(caller, endpoint))
        {
            return DvkError.Endpoint;
        }

        var error = ProcessLookup.FindDestination(caller, endpoint, isRequest: false, out destination);
        return error == DvkError.DestinationDied ? DvkError.TrapDenied : error;
    }

    private DvkError BeginRemote(ProcessSlot caller, ProcessSlot source, ProcessSlot destination, DriverPair pair, int value)
    {
        state.Commands.Prepare(caller, CommandCode.NotifyMessage, destination.Endpoint, destination.NodeId);
        ref var header = ref caller.Operation.Header;
        header.SourceEndpoint = source.Endpoint;
        header.ResultCode = value;
        header.Message.Source = source.Endpoint;
        header.Message.Type = TypeBase + source.Number;
        caller.Status |= ProcessStatus.Sending;
        caller.SendsTo = caller.ReceivesFrom = destination.Endpoint;
        var wait = Waits.Start(caller, WaitKind.Notify, Timeout.Infinite);
        if (wait == DriverState.MustWait)
        {
            CommandDispatcher.EnqueueRequest(pair, caller);
        }

        return wait;
    }
}
