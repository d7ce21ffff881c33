using System.Runtime.InteropServices;

namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>
/// What stands in for the block of a command that has none. The C proxies always hand over a valid address, so the driver always gets one.
/// </summary>
internal static unsafe class EmptyBlock
{
    private const int Length = 64;

    /// <summary>Address of zeroed memory that is never freed.</summary>
    internal static nint Address { get; } = (nint)NativeMemory.AllocZeroed(Length);
}
