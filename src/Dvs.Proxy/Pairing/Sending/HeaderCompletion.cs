using System.Runtime.CompilerServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// Puts a fetched header right: fills in what an older driver leaves out, the pid of the source process and the time, and repairs what
/// every published one gets wrong (<see cref="CopyInRequest"/>). A header that is right costs three comparisons.
/// </summary>
internal readonly struct HeaderCompletion(IDvkProxyCalls device, TimeProvider time, int maxTasks, bool fillInProcessId)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(ref CommandHeader header)
    {
        if (CopyInRequest.NeedsRepair(in header))
        {
            CopyInRequest.Repair(ref header);
        }

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
        if (!fillInProcessId || header.ProcessId != 0 || (!olderDriver && header.Command.IsAcknowledgement()))
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
