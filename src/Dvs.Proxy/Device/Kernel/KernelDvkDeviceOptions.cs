using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Device.Kernel;

/// <summary>How <see cref="KernelDvkDevice.Open(KernelDvkDeviceOptions)"/> finds and watches the kernel driver.</summary>
public sealed record KernelDvkDeviceOptions
{
    /// <summary>Path of the device. Default <c>/dev/dvk</c>.</summary>
    public string Path { get; init; } = KernelDvkDevice.DefaultPath;

    /// <summary>Folder of the driver's text views. Default <c>/proc/dvs</c>.</summary>
    public string ViewsPath { get; init; } = "/proc/dvs";

    /// <summary>Faults of the published driver that this one is known not to have. Default none of them: nothing in the driver tells.</summary>
    public DvkFixes Fixes { get; init; }

    /// <summary>
    /// Where calls from the wrong thread are reported, and those that are kept from the driver because it would not survive them (at most 10 of a kind in
    /// 10 s). What it throws is no outcome of a call, and goes nowhere. Null reports them nowhere.
    /// </summary>
    public ILogger? Logger { get; init; }

    /// <summary>
    /// Throw <see cref="InvalidOperationException"/> when a thread fetches or delivers commands that is not the one bound for it, besides
    /// logging it. Off by default: the call then returns the driver's error. Switch it on while developing.
    /// </summary>
    public bool ThrowOnWrongThread { get; init; }
}
