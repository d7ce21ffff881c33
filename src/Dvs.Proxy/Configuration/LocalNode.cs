using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Configuration;

/// <summary>What the driver says of this node.</summary>
/// <param name="Limits">Its limits.</param>
/// <param name="NodeId">Its node id; negative while it has none.</param>
internal sealed record LocalNode(DvsInfo Limits, int NodeId);
