using System.Collections.Concurrent;
using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>Stands in front of another driver and writes down what the proxy hands over to it, and what it answers.</summary>
internal sealed class RecordingDevice(IDvkProxyCalls inner) : DelegatingDvkProxyCalls(inner)
{
    private readonly DvkFixes? _fixes;

    public ConcurrentQueue<(CommandHeader Header, byte[] Payload, DvkError Result)> Put { get; } = new();

    /// <summary>What is said in place of the other driver's own.</summary>
    public DvkFixes ClaimedFixes
    {
        init => _fixes = value;
    }

    /// <summary>Hands out COPYIN_RQST as published drivers do: with the destination node's id in place of the endpoint.</summary>
    public bool NamesNodeAsDestination { get; init; }

    public override DvkFixes Fixes => _fixes ?? base.Fixes;

    public override DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        var error = base.GetToRemote(out header, payload, timeoutMilliseconds);
        if (NamesNodeAsDestination && header.Command == CommandCode.CopyInRequest)
        {
            header.DestinationEndpoint = header.DestinationNode;
        }

        return error;
    }

    public override DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        var result = base.PutToLocal(in header, payload);
        Put.Enqueue((header, payload.ToArray(), result));
        return result;
    }
}
