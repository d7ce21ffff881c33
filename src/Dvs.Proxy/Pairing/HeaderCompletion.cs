using System.Runtime.CompilerServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Fills in what an older driver leaves out of a fetched header: the pid of the source process and the time. A driver that fills them costs
/// two comparisons.
/// </summary>
internal readonly struct HeaderCompletion(IDvkProxyCalls device, TimeProvider time, int maxTasks, bool sendPid)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(ref CommandHeader header)
    {
        if (header.ProcessId == 0 || header.Timestamp.IsEmpty)
        {
            ApplySlow(ref header);
        }
    }

    private void ApplySlow(ref CommandHeader header)
    {
        var olderDriver = header.Timestamp.IsEmpty;
        if (olderDriver)
        {
            header.Timestamp = Timestamp.Now(time);
        }

        // A driver that stamps the time gives requests their pid itself and leaves it out of acknowledgements on purpose.
        if (!sendPid || header.ProcessId != 0 || (!olderDriver && header.Command.IsAcknowledgement()))
        {
            return;
        }

        var number = EndpointNumber.FromEndpoint(header.SourceEndpoint, maxTasks);
        if (device.GetProcessId(header.DcId, number, out var processId) == DvkError.Ok && processId > 0)
        {
            header.ProcessId = processId;
        }
    }
}
