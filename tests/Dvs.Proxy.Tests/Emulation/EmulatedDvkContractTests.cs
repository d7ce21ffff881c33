using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Tests.Device.Contract;

namespace Dvs.Proxy.Tests.Emulation;

/// <summary>The emulated driver does what every driver does.</summary>
public sealed class EmulatedDvkContractTests : DvkDeviceContract
{
    protected override IDvkDevice CreateNode(int nodeId) => EmulatedDvk.StartNode(nodeId);
}
