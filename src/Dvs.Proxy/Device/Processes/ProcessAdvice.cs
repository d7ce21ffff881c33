using System.Globalization;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Processes;

/// <summary>
/// What to do about a message or a copy that the driver refused a process. Where the other process lives makes the difference, so the driver is asked; for
/// the making of exceptions only. Behaviour: ProcessAdviceTests.
/// </summary>
internal readonly struct ProcessAdvice(IDvkDevice device, DvkProcess process)
{
    /// <summary>Full sentences, or null where there is nothing to say.</summary>
    public string? ForMessage(DvkError error, int endpoint) => endpoint == WellKnownEndpoint.Any
        ? DvkAdvice.For(DvkCall.Message, error, dcId: process.DcId)
        : About(error, endpoint) ?? DvkAdvice.For(DvkCall.Message, error, dcId: process.DcId);

    /// <summary>The same, for a copy, in which three take part.</summary>
    public string? ForCopy(DvkError error, int sourceEndpoint, int destinationEndpoint)
    {
        var culprit = error switch
        {
            DvkError.SourceDied => sourceEndpoint,
            DvkError.DestinationDied => destinationEndpoint,
            _ => sourceEndpoint == process.Endpoint || sourceEndpoint == WellKnownEndpoint.Self ? destinationEndpoint : sourceEndpoint,
        };
        return error is DvkError.Fault
            ? "A copy reads and writes memory that its owner keeps for copies: an address from DvkBuffer.Address of a buffer that is not disposed of, and no "
                + "more bytes than it has."
            : About(error, culprit) ?? DvkAdvice.For(DvkCall.Copy, error, dcId: process.DcId);
    }

    private string? About(DvkError error, int endpoint) => error switch
    {
        DvkError.DeadSourceDestination or DvkError.DestinationDied or DvkError.SourceDied or DvkError.TrapDenied => NobodyThere(endpoint),
        DvkError.NotBind or DvkError.NoNode or DvkError.Endpoint when Find(endpoint) is { } known && IsRemote(known) => UnknownThere(known.NodeId),
        DvkError.NotBind => Text($"No process is bound to this thread any more: '{process.Name}' was unbound, or its DC or the DVS has ended."),
        DvkError.TimedOut when Find(endpoint) is { } known && IsRemote(known) => Text(
            $"Nothing came from node {known.NodeId} in time: see whether process {endpoint} receives there ('proc info'), and the log of that node's proxy."),
        _ => null,
    };

    private string? NobodyThere(int endpoint)
    {
        if (Find(endpoint) is not { } other)
        {
            return null;
        }

        return IsRemote(other)
            ? Text(
                $"Process {endpoint} is known here as one of node {other.NodeId}, where nobody is bound to it, or is any more: start it there.")
            : (other.Status & ProcessStatus.SlotFree) == 0 ? null
            : Text(
                $"Nobody is bound to endpoint {endpoint} of DC {process.DcId} on this node. Start that process first. If it lives on another node, make it ")
                + Text($"known here: device.BindRemote(dcId: {process.DcId}, endpoint: {endpoint}, nodeId: …, name: \"…\"), or ")
                + "await proxy.AnnounceAsync(…) with the proxy of its own node.";
    }

    private string UnknownThere(int nodeId)
    {
        var text = Text(
            $"Node {nodeId} does not know process {process.Endpoint} of DC {process.DcId} as one of this node. Make it known there: await ")
            + Text($"proxy.AnnounceAsync({process.DcId}, {process.Endpoint}, \"{process.Name}\") with this node's proxy, or ")
            + Text($"device.BindRemote(…) on node {nodeId}.");
        return FirstUser() is { } first
            ? text + (process.Endpoint > first
                ? Text($" With AutoBind ('autobind') in node {nodeId}'s options for this node its proxy does so by itself.")
                : Text($" AutoBind does not help: it serves user processes, endpoints above {first}, only."))
            : text;
    }

    private int? FirstUser()
    {
        try
        {
            return device.GetDcInfo(process.DcId).FirstUserProcess;
        }
        catch (DvkException)
        {
            return null;
        }
    }

    private ProcessInfo? Find(int endpoint)
    {
        try
        {
            return device.GetProcessInfo(process.DcId, endpoint);
        }
        catch (DvkException)
        {
            return null;
        }
    }

    private static bool IsRemote(ProcessInfo process) => (process.Status & ProcessStatus.SlotFree) == 0 && (process.Status & ProcessStatus.Remote) != 0;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
