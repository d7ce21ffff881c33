using System.Globalization;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tool.Operator;

/// <summary>Does what an operator wants on a driver. The same for the kernel's, in the process of the verb, and for an emulated one, in the
/// process of its host. Stateless. Behaviour: EmulatedOperatorTests, KernelOperatorTests.</summary>
internal static class OperatorCalls
{
    /// <summary>Does it, or says why not. Any thread.</summary>
    public static OperatorAnswer Answer(IDvkDevice device, OperatorRequest request)
    {
        try
        {
            return Execute(device, request);
        }
        catch (DvkException refusal) when (refusal is not DvkUnavailableException)
        {
            return new OperatorAnswer
            {
                Failure = new OperatorFailure
                {
                    Code = (int)refusal.Error,
                    Name = refusal.Error.GetName(),
                    Meaning = refusal.Error.GetMeaning(),
                    Attempted = refusal.Attempted,
                    Advice = refusal.Advice,
                    Commands = NextCommands(request, refusal.Error),
                    Message = refusal.OperatorMessage,
                },
            };
        }
    }

    private static OperatorAnswer Execute(IDvkDevice device, OperatorRequest request)
    {
        var number = request.Number;
        var dcId = request.DcId ?? 0;
        switch (request.Verb)
        {
            case OperatorVerb.DvsInit:
                device.InitializeDvs(number ?? 0, request.Dvs ?? new DvsInfo());
                return DriverReader.ReadDvs(device) with { Done = Invariant($"This machine is node {number ?? 0} now.") };
            case OperatorVerb.DvsInfo:
                return DriverReader.ReadDvs(device);
            case OperatorVerb.DvsEnd:
                device.EndDvs();
                return new OperatorAnswer { Done = "This machine is no node any more." };
            case OperatorVerb.DcInit:
                device.StartDc(CreateDc(device.GetDvsInfo(), dcId, request.Dc));
                return DriverReader.ReadDc(device, dcId) with { Done = Invariant($"DC {dcId} runs on this node now.") };
            case OperatorVerb.DcInfo:
                return request.DcId is null ? DriverReader.ReadRunningDcs(device) : DriverReader.ReadDc(device, dcId);
            case OperatorVerb.DcEnd:
                device.EndDc(dcId);
                return new OperatorAnswer { Done = Invariant($"DC {dcId} does not run on this node any more.") };
            case OperatorVerb.NodeAdd:
                device.AddNode(dcId, number ?? 0);
                return DriverReader.ReadDc(device, dcId) with { Done = Invariant($"DC {dcId} extends to node {number ?? 0} now.") };
            case OperatorVerb.NodeDel:
                device.RemoveNode(dcId, number ?? 0);
                return DriverReader.ReadDc(device, dcId) with { Done = Invariant($"DC {dcId} does not extend to node {number ?? 0} any more.") };
            case OperatorVerb.NodeInfo:
                return DriverReader.ReadNodes(device, number);
            case OperatorVerb.ProxyInfo:
                return DriverReader.ReadProxies(device, number);
            case OperatorVerb.ProxyUnbind:
                device.UnbindProxies(number ?? 0);
                return new OperatorAnswer
                {
                    Done = string.Create(CultureInfo.InvariantCulture,
                    $"Proxy pair {number ?? 0} is unbound; its proxy serves its other peers on, and this one after a restart.")
                };
            case OperatorVerb.ProcInfo:
                return DriverReader.ReadProcesses(device, dcId, number);
            default:
                throw new DvkException(DvkError.Invalid, $"do {request.Verb}");
        }
    }

    private static DcInfo CreateDc(DvsInfo dvs, int dcId, DcLimits? wished) => new()
    {
        DcId = dcId,
        Name = wished?.Name ?? Invariant($"DC{dcId}"),
        MaxProcesses = wished?.Processes ?? dvs.MaxProcesses,
        MaxTasks = wished?.Tasks ?? dvs.MaxTasks,
        MaxSystemProcesses = wished?.SystemProcesses ?? dvs.MaxSystemProcesses,
        MaxNodes = wished?.Nodes ?? dvs.MaxNodes,
        WarnEndpoint = wished?.WarnEndpoint ?? WellKnownEndpoint.None,
        WarnMessageType = wished?.WarnMessageType ?? 0,
    };

    // What an author of the field notes would have needed: not only that the order was wrong, but the right one, to copy.
    private static string[] NextCommands(OperatorRequest request, DvkError error) => (request.Verb, error) switch
    {
        (OperatorVerb.NodeAdd, DvkError.NodeFree) =>
        [
            Invariant($"dvs-proxy run --config FILE --device DEVICE     (FILE has a section: proxy node{request.Number} {{ proxyid {request.Number}; ... }};)"),
            Invariant($"dvs-proxy node info {request.Number} --device DEVICE            (must not say \"free\")"),
            Invariant($"dvs-proxy node add {request.Number} --dc {request.DcId ?? 0} --device DEVICE"),
        ],
        (_, DvkError.DvsNotInitialised) => ["dvs-proxy dvs init NODE --device DEVICE"],
        (_, DvkError.DcNotRunning) => [Invariant($"dvs-proxy dc init {request.DcId ?? 0} --device DEVICE")],
        _ => [],
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
