using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>Drivers of the native stand-in. Every name is a driver, and so a node, of its own.</summary>
internal static class StandInNode
{
    private static int _count;

    /// <summary>A name no other test uses.</summary>
    internal static string NewName() => $"t{Interlocked.Increment(ref _count)}";

    /// <summary>Opens a driver of the stand-in; see tests/native/README.md for the options.</summary>
    internal static KernelDvkDevice Open(string name, string options = "", ILogger? logger = null, bool throwOnWrongThread = false) =>
        KernelDvkDevice.Open(new KernelDvkDeviceOptions
        {
            Path = $"/dev/dvk@{name}{(options.Length == 0 ? "" : ",")}{options}",
            ViewsPath = $"/proc/dvs@{name}",
            Logger = logger,
            ThrowOnWrongThread = throwOnWrongThread,
        });

    /// <summary>A new driver that is node <paramref name="nodeId"/>.</summary>
    internal static KernelDvkDevice Create(int nodeId, string options = "", ILogger? logger = null, bool throwOnWrongThread = false)
    {
        var device = Open(NewName(), options, logger, throwOnWrongThread);
        device.InitializeDvs(nodeId, new DvsInfo());
        return device;
    }
}
