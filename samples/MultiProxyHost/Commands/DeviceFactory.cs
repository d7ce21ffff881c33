using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation;

namespace Dvs.MultiProxyHost.Commands;

/// <summary>The driver that <c>--device</c> names: the one place that knows which there are.</summary>
internal static class DeviceFactory
{
    /// <summary>The word for the driver in this process.</summary>
    public const string Emulated = "emulated";

    public static bool IsEmulated(string name) => name.Equals(Emulated, StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens the driver.</summary>
    /// <param name="name"><see cref="Emulated"/>, or the path of the kernel driver's device.</param>
    /// <param name="nodeId">Id of the node for the emulated driver; the kernel driver has its own.</param>
    /// <exception cref="HostException">The driver cannot be had.</exception>
    /// <exception cref="DvkException">The driver refused.</exception>
    public static IDvkDevice Open(string name, int? nodeId)
    {
        if (!IsEmulated(name))
        {
            return OpenKernelDevice(name);
        }

        return EmulatedDvk.StartNode(nodeId ?? throw new HostException(
            "The emulated driver needs the id of this node: write it into the node section of the configuration (nodeid), or give --node."));
    }

    private static IDvkDevice OpenKernelDevice(string path) =>
        throw new HostException($"{path}: this build cannot talk to the kernel driver. Use --device {Emulated}.");
}
