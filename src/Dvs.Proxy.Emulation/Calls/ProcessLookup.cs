using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>From an endpoint to the process, with the errors of the calls. With the node's lock held.</summary>
internal static class ProcessLookup
{
    /// <summary>Where a message of <paramref name="caller"/> goes.</summary>
    public static DvkError FindDestination(ProcessSlot caller, int endpoint, bool isRequest, out ProcessSlot destination)
    {
        destination = null!;
        if (endpoint is WellKnownEndpoint.Any or WellKnownEndpoint.None or WellKnownEndpoint.Self || endpoint == caller.Endpoint)
        {
            return DvkError.BadDestination;
        }

        if (caller.Container.SlotOf(endpoint) is not { } slot)
        {
            return DvkError.Range;
        }

        if (slot.IsFree)
        {
            return isRequest ? DvkError.DeadSourceDestination : DvkError.DestinationDied;
        }

        if (slot.Endpoint != endpoint)
        {
            return DvkError.Endpoint;
        }

        if (!caller.IsSystem && !slot.IsSystem)
        {
            return DvkError.TrapDenied;
        }

        destination = slot;
        return (slot.Status & ProcessStatus.Migrating) != 0 ? DvkError.Migrating : DvkError.Ok;
    }

    /// <summary>Whether one can receive from there.</summary>
    public static DvkError CheckSource(ProcessSlot caller, int endpoint)
    {
        if (endpoint == WellKnownEndpoint.Any)
        {
            return DvkError.Ok;
        }

        if (endpoint is WellKnownEndpoint.None or WellKnownEndpoint.Self || endpoint == caller.Endpoint)
        {
            return DvkError.BadSourceDestination;
        }

        if (caller.Container.SlotOf(endpoint) is not { } slot)
        {
            return DvkError.Range;
        }

        if (slot.IsFree)
        {
            return DvkError.SourceDied;
        }

        return slot.Endpoint == endpoint ? DvkError.Ok : DvkError.Endpoint;
    }

    /// <summary>A process that takes part in a copy.</summary>
    /// <param name="container">The DC.</param>
    /// <param name="endpoint">Its endpoint.</param>
    /// <param name="ifFree">The error where nobody is bound.</param>
    /// <param name="slot">The process.</param>
    public static DvkError FindParticipant(Container container, int endpoint, DvkError ifFree, out ProcessSlot slot)
    {
        slot = container.SlotOf(endpoint)!;
        if (slot is null)
        {
            return DvkError.Range;
        }

        if (slot.IsFree)
        {
            return ifFree;
        }

        return slot.Endpoint == endpoint ? DvkError.Ok : DvkError.Endpoint;
    }
}
