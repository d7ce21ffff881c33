using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Traffic;

/// <summary>Answers a client until that tells it to end.</summary>
internal sealed class TrafficServer(IDvkDevice device, TrafficArguments arguments, TextWriter output)
{
    private const int NotificationBit = 0x1000;

    /// <summary>Serves on the calling thread.</summary>
    /// <returns>Exit code: 0 when the client ended it, 1 when the driver did or nobody called.</returns>
    public int Run()
    {
        arguments.Bind(device);
        using var buffer = device.AllocateBuffer(TrafficArguments.MaxBytes);
        output.WriteLine($"endpoint {arguments.Endpoint} serves");
        for (var count = 1; ; count++)
        {
            var error = device.Receive(WellKnownEndpoint.Any, out var message, 2 * arguments.TimeoutMilliseconds);
            if (error != DvkError.Ok)
            {
                output.WriteLine($"receive: {error.Describe()}, after {count - 1} messages");
                return 1;
            }

            if ((message.Type & NotificationBit) != 0 || message.Type == (int)TrafficKind.Send)
            {
                continue;
            }

            error = device.Reply(message.Source, Answer(message, buffer, count), arguments.TimeoutMilliseconds);
            if (error != DvkError.Ok)
            {
                output.WriteLine($"reply to {message.Source}: {error.Describe()}");
            }

            if (message.Type == (int)TrafficKind.End)
            {
                output.WriteLine($"ended after {count} messages");
                return 0;
            }
        }
    }

    private Message Answer(in Message message, DvkBuffer buffer, int count)
    {
        var type = message.Type | TrafficMessage.Reply;
        var length = Math.Clamp(TrafficMessage.Second(message), 0, TrafficArguments.MaxBytes);
        switch ((TrafficKind)message.Type)
        {
            case TrafficKind.Pull:
                var pulled = Copy(message.Source, TrafficMessage.Address(message), WellKnownEndpoint.Self, buffer.Address, length);
                return TrafficMessage.Make(type, (int)pulled, TrafficMessage.Checksum(buffer.Span[..length]));
            case TrafficKind.Push:
                TrafficMessage.Fill(buffer.Span[..length], TrafficMessage.First(message));
                var pushed = Copy(WellKnownEndpoint.Self, buffer.Address, message.Source, TrafficMessage.Address(message), length);
                return TrafficMessage.Make(type, (int)pushed, TrafficMessage.Checksum(buffer.Span[..length]));
            case TrafficKind.End:
                return TrafficMessage.Make(type, count, 0);
            default:
                return TrafficMessage.Make(type, TrafficMessage.First(message), TrafficMessage.Second(message));
        }
    }

    private DvkError Copy(int source, ulong sourceAddress, int destination, ulong destinationAddress, int length) => device.Copy(new CopyDescriptor
    {
        SourceEndpoint = source,
        SourceAddress = sourceAddress,
        DestinationEndpoint = destination,
        DestinationAddress = destinationAddress,
        Length = length,
    });
}
