using Dvs.Proxy.Device;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>The kernel device does what every driver does: proven on the native stand-in, in the process that <see cref="KernelStandInRunTests"/> starts.</summary>
[OnStandIn]
public sealed class KernelDvkContractTests : DvkDeviceContract
{
    protected override IDvkDevice CreateNode(int nodeId) => StandInNode.Create(nodeId);
}
