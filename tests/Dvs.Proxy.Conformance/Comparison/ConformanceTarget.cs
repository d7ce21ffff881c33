
namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>What is compared with the recording.</summary>
[Flags]
internal enum ConformanceTarget
{
    None = 0,

    /// <summary>The in-process driver as it is by default.</summary>
    Emulation = 1,

    /// <summary>The in-process driver with <c>StrictlyAsReal</c>, compared with the driver as published.</summary>
    StrictEmulation = 2,

    /// <summary><c>KernelDvkDevice</c> on the native stand-in for the driver.</summary>
    StandIn = 4,

    /// <summary><c>KernelDvkDevice</c> on the kernel module.</summary>
    Module = 8,

    /// <summary>Both that speak through <c>KernelDvkDevice</c>.</summary>
    Kernel = StandIn | Module,
}
