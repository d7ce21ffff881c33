using Dvs.Proxy.Device;

namespace Dvs.Proxy.Tests.Device;

/// <summary>The kernel device does what every driver does: proven on the native stand-in, in the process that <see cref="KernelStandInRunTests"/> starts.</summary>
[OnStandIn]
public sealed class KernelDvkContractTests : DvkDeviceContract
{
    protected override IDvkDevice CreateNode(int nodeId) => StandInNode.Create(nodeId);
}
