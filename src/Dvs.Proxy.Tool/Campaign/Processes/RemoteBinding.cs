using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>Makes processes of another node known to this node's driver.</summary>
internal static class RemoteBinding
{
    /// <summary>Binds, unless just that binding is there already: from an earlier workload, or by autobind.</summary>
    /// <exception cref="DvkException">The driver refused.</exception>
    public static void Ensure(IDvkDevice device, int endpoint, int nodeId)
    {
        var request = BindRequest.Remote(Endpoints.Dc, endpoint, nodeId, $"remote{endpoint}");
        var result = device.TryBind(in request, out _);
        if (result == DvkError.SlotUsed && IsBoundTo(device, endpoint, nodeId))
        {
            return;
        }

        DvkException.ThrowIfFailed(result, $"bind endpoint {endpoint} of DC {Endpoints.Dc} to node {nodeId}");
    }

    private static bool IsBoundTo(IDvkDevice device, int endpoint, int nodeId)
    {
        var process = device.GetProcessInfo(Endpoints.Dc, endpoint);
        return process.NodeId == nodeId && (process.Status & ProcessStatus.Remote) != 0;
    }
}
