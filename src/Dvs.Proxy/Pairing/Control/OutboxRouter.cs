using Dvs.Proxy.Device;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Control;

/// <summary>Brings a command that the proxy itself has to send to the sender of the right pair. Filled once, before the pairs start; then
/// thread-safe. Behaviour: ThirdPartyCopyTests, DamagedFrameTests.</summary>
internal sealed class OutboxRouter(IDvkProxyCalls device, int maxTasks)
{
    private readonly Dictionary<int, Outbox> _outboxes = [];

    /// <summary>Makes a pair's outbox known.</summary>
    public void Add(int nodeId, Outbox outbox) => _outboxes.Add(nodeId, outbox);

    /// <summary>Sends a command to the node its destination endpoint lives on, which it fills in. Returns false if there is no way to
    /// it.</summary>
    public bool TryPost(ref CommandHeader command)
    {
        try
        {
            var number = EndpointNumber.FromEndpoint(command.DestinationEndpoint, maxTasks);
            command.DestinationNode = device.GetProcessInfo(command.DcId, number).NodeId;
        }
        catch (DvkException)
        {
            return false;
        }

        return _outboxes.TryGetValue(command.DestinationNode, out var outbox) && outbox.TryPost(in command);
    }
}
