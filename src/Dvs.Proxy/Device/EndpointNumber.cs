using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device;

/// <summary>
/// The slot number inside an endpoint. By the driver's definition an endpoint is generation × (tasks + 0x8ace + 1) + number. In fact it hands out generation 0
/// only, where endpoint and number are the same, also for a slot that is used again: a remote bind of generation 1 binds, and returns, the number itself, and
/// elsewhere another generation is <see cref="DvkError.Endpoint"/>.
/// </summary>
public static class EndpointNumber
{
    /// <summary>Slot number of an endpoint of any generation; from -<paramref name="maxTasks"/> on.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="maxTasks">Task slots of the DC, <see cref="DcInfo.MaxTasks"/>.</param>
    public static int FromEndpoint(int endpoint, int maxTasks)
    {
        var size = GenerationSize(maxTasks);
        var shifted = ((long)endpoint + maxTasks) % size;
        return (int)(shifted < 0 ? shifted + size : shifted) - maxTasks;
    }

    /// <summary>The endpoint of a slot in a generation.</summary>
    public static int ToEndpoint(int number, int generation, int maxTasks) => (generation * GenerationSize(maxTasks)) + number;

    /// <summary>Distance between two generations of one slot.</summary>
    public static int GenerationSize(int maxTasks) => maxTasks + WellKnownEndpoint.Self + 1;
}
