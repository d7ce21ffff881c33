using Dvs.Proxy.Device;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Control;

/// <summary>Brings a command that the proxy itself has to send to the sender of the right pair. Filled once, before the pairs start.</summary>
internal sealed class OutboxRouter(IDvkProxyCalls device, int maxTasks)
{
    private readonly Dictionary<int, Outbox> _outboxes = [];

    /// <summary>Makes a pair's outbox known.</summary>
    public void Add(int nodeId, Outbox outbox) => _outboxes.Add(nodeId, outbox);

    /// <summary>Sends a command to the node its destination endpoint lives on, which it fills in. False: there is no way to it.</summary>
    public bool TryPost(ref CommandHeader command)
    {
        try
        {
            command.DestinationNode = device.GetProcessInfo(command.DcId, EndpointNumber.FromEndpoint(command.DestinationEndpoint, maxTasks)).NodeId;
        }
        catch (DvkException)
        {
            return false;
        }

        return _outboxes.TryGetValue(command.DestinationNode, out var outbox) && outbox.TryPost(in command);
    }
}
