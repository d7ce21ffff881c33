using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>From an endpoint to the process, with the errors of the calls. With the node's lock held.</summary>
internal static class ProcessLookup
{
    // The task that stands for the machine itself: nobody can be bound there, and nothing is sent to it.
    private const int Hardware = -1;

    /// <summary>Where a message of <paramref name="caller"/> goes. A user process may make requests, and nothing else.</summary>
    public static DvkError FindDestination(ProcessSlot caller, int endpoint, bool isRequest, out ProcessSlot destination)
    {
        destination = null!;
        if (!isRequest && !caller.IsSystem)
        {
            return DvkError.BadCall;
        }

        if (endpoint == caller.Endpoint)
        {
            return isRequest ? DvkError.Endpoint : DvkError.BadDestination;
        }

        if (endpoint == Hardware)
        {
            return DvkError.BadDestination;
        }

        if (caller.Container.SlotOf(endpoint) is not { } slot)
        {
            return DvkError.Range;
        }

        if (slot.Endpoint != endpoint)
        {
            return DvkError.Endpoint;
        }

        if (slot.IsFree)
        {
            return isRequest ? DvkError.DeadSourceDestination : DvkError.DestinationDied;
        }

        destination = slot;
        return (slot.Status & ProcessStatus.Migrating) != 0 ? DvkError.Migrating : DvkError.Ok;
    }

    /// <summary>Whether one can receive from there.</summary>
    public static DvkError CheckSource(ProcessSlot caller, int endpoint)
    {
        if (!caller.IsSystem)
        {
            return DvkError.BadCall;
        }

        if (endpoint == WellKnownEndpoint.Any)
        {
            return DvkError.Ok;
        }

        if (IsSelf(caller, endpoint))
        {
            return DvkError.Endpoint;
        }

        if (caller.Container.SlotOf(endpoint) is not { } slot)
        {
            return DvkError.Range;
        }

        if (slot.Endpoint != endpoint)
        {
            return DvkError.Endpoint;
        }

        return slot.IsFree ? DvkError.SourceDied : DvkError.Ok;
    }

    /// <summary>
    /// After a receive or a notification from or to oneself or out of range the kernel driver keeps the caller's descriptor locked: the thread does
    /// not return from its next call.
    /// </summary>
    public static void MarkIfStuck(DriverState state, ProcessSlot caller, DvkError error)
    {
        if (state.Options.StrictlyAsReal && error is DvkError.Endpoint or DvkError.Range)
        {
            caller.Thread!.IsStuck = true;
        }
    }

    /// <summary>Whether an endpoint names the caller.</summary>
    public static bool IsSelf(ProcessSlot caller, int endpoint) => endpoint == WellKnownEndpoint.Self || endpoint == caller.Endpoint;

    /// <summary>
    /// The processes of a copy, by the driver's order of checks. A magic endpoint but SELF, or the same process twice, is no pair for a copy.
    /// </summary>
    public static DvkError FindParticipants(
        ProcessSlot requester, ref CopyDescriptor copy, out ProcessSlot source, out ProcessSlot destination)
    {
        source = destination = null!;
        copy.RequesterEndpoint = requester.Endpoint;
        copy.SourceEndpoint = copy.SourceEndpoint == WellKnownEndpoint.Self ? requester.Endpoint : copy.SourceEndpoint;
        copy.DestinationEndpoint = copy.DestinationEndpoint == WellKnownEndpoint.Self ? requester.Endpoint : copy.DestinationEndpoint;
        if (copy.SourceEndpoint == copy.DestinationEndpoint || IsMagic(copy.SourceEndpoint) || IsMagic(copy.DestinationEndpoint))
        {
            return DvkError.Endpoint;
        }

        if (!requester.IsSystem)
        {
            return DvkError.BadCall;
        }

        if (copy.SourceEndpoint == Hardware || copy.DestinationEndpoint == Hardware)
        {
            return DvkError.BadDestination;
        }

        var error = FindParticipant(requester.Container, copy.SourceEndpoint, DvkError.SourceDied, out source);
        return error == DvkError.Ok
            ? FindParticipant(requester.Container, copy.DestinationEndpoint, DvkError.DestinationDied, out destination)
            : error;
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

        if (slot.Endpoint != endpoint)
        {
            return DvkError.Endpoint;
        }

        return slot.IsFree ? ifFree : DvkError.Ok;
    }

    private static bool IsMagic(int endpoint) => endpoint is WellKnownEndpoint.Any or WellKnownEndpoint.None;
}
