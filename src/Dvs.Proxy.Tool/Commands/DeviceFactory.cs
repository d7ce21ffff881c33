using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Emulation;

namespace Dvs.Proxy.Tool.Commands;

/// <summary>The driver that <c>--device</c> names: the one place that knows which there are.</summary>
internal static class DeviceFactory
{
    /// <summary>The word for the driver in this process.</summary>
    public const string Emulated = "emulated";

    public static bool IsEmulated(string name) => name.Equals(Emulated, StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens the driver.</summary>
    /// <param name="name"><see cref="Emulated"/>, or the path of the kernel driver's device.</param>
    /// <param name="nodeId">Id of the node for the emulated driver; the kernel driver has its own.</param>
    /// <param name="fixes">What the driver is known to have mended; null for none of the kernel's, and all of the emulated one's.</param>
    /// <exception cref="HostException">There is no such driver.</exception>
    /// <exception cref="DvkUnavailableException">The driver is there, but cannot be used; the message says why and what to do.</exception>
    /// <exception cref="DvkException">The driver refused.</exception>
    public static IDvkDevice Open(string name, int? nodeId, DvkFixes? fixes = null)
    {
        if (!IsEmulated(name))
        {
            return OpenKernelDevice(new KernelDvkDeviceOptions { Path = name, Fixes = fixes ?? DvkFixes.None });
        }

        return EmulatedDvk.StartNode(
            nodeId ?? throw new HostException(
                "The emulated driver needs the id of this node: write it into the node section of the configuration (nodeid), or give --node."),
            options: new EmulatedDvkOptions { Fixes = fixes ?? DvkFixes.All });
    }

    private static KernelDvkDevice OpenKernelDevice(KernelDvkDeviceOptions options)
    {
        try
        {
            return KernelDvkDevice.Open(options);
        }
        catch (DvkUnavailableException unavailable) when (unavailable.Reason is DvkUnavailableReason.NotLoaded or DvkUnavailableReason.UnsupportedPlatform)
        {
            throw new HostException(
                $"{unavailable.Message}{Environment.NewLine}Without the module: 'run --config FILE --device {Emulated}' has a driver "
                    + $"inside its own process, and the operator verbs reach it with --device {Emulated}.",
                unavailable);
        }
    }
}
