using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace CustomTransport;

/// <summary>A decorator of the driver: shows every command that the node's proxy takes from it or hands to it. Sender and receiver call on threads of their
/// own, so whatever it writes to has to bear that.</summary>
internal sealed class TracingDevice(IDvkDevice inner, TextWriter output) : DelegatingDvkDevice(inner)
{
    public override DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        var error = base.GetToRemote(out header, payload, timeoutMilliseconds);
        if (error == DvkError.Ok)
        {
            output.WriteLine($"node {LocalNodeId} sends    {header.Command}, endpoint {header.SourceEndpoint} to {header.DestinationEndpoint}, "
                + $"{header.PayloadLength} bytes");
        }

        return error;
    }

    public override DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        var error = base.PutToLocal(in header, payload);
        output.WriteLine($"node {LocalNodeId} receives {header.Command}, endpoint {header.SourceEndpoint} to {header.DestinationEndpoint}: {error.GetName()}");
        return error;
    }
}
