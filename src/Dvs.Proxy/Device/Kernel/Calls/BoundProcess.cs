using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>
/// The process of a DC that a thread stands for: what has to be known before a call that the driver does not survive, without asking the driver each
/// time. It never changes; where it may no longer hold it is forgotten, and learned again when needed.
/// </summary>
/// <param name="Driver">Path of the device: a thread may be a process of each of several drivers.</param>
/// <param name="DcId">Its DC; -1 where the driver's records do not tell.</param>
/// <param name="Endpoint">Its endpoint.</param>
/// <param name="Limits">Limits of the DC.</param>
internal sealed record BoundProcess(string Driver, int DcId, int Endpoint, DcInfo Limits)
{
    private readonly int _lowest = -Limits.MaxTasks;
    private readonly int _highest = Limits.MaxProcesses - 1;
    private readonly bool _isUser = Endpoint >= Limits.FirstUserProcess;

    /// <summary>
    /// The driver's answer to receive from, or notify of, this endpoint where it would keep the caller's descriptor locked; <see cref="DvkError.Ok"/> where
    /// the call may be made.
    /// </summary>
    internal DvkError CheckPartner(int endpoint)
    {
        if (endpoint >= _lowest && endpoint <= _highest && endpoint != Endpoint)
        {
            return DvkError.Ok;
        }

        return _isUser ? DvkError.BadCall
            : endpoint == Endpoint || endpoint == WellKnownEndpoint.Self || IsOfGeneration(endpoint) ? DvkError.Endpoint
            : DvkError.Range;
    }

    // The driver takes the number out of such an endpoint, and finds another one in the slot.
    private bool IsOfGeneration(int endpoint) =>
        endpoint > _highest && EndpointNumber.FromEndpoint(endpoint, Limits.MaxTasks) is var number && number <= _highest;
}
