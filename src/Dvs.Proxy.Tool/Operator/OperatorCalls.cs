using System.Globalization;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tool.Operator;

/// <summary>Does what an operator wants on a driver. The same for the kernel's, in the process of the verb, and for an emulated one, in the process of its host.</summary>
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
                    Message = refusal.Message,
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
                return ReadDvs(device) with { Done = Invariant($"This machine is node {number ?? 0} now.") };
            case OperatorVerb.DvsInfo:
                return ReadDvs(device);
            case OperatorVerb.DvsEnd:
                device.EndDvs();
                return new OperatorAnswer { Done = "This machine is no node any more." };
            case OperatorVerb.DcInit:
                device.StartDc(CreateDc(device.GetDvsInfo(), dcId, request.Dc));
                return ReadDc(device, dcId) with { Done = Invariant($"DC {dcId} runs on this node now.") };
            case OperatorVerb.DcInfo:
                return request.DcId is null ? ReadRunningDcs(device) : ReadDc(device, dcId);
            case OperatorVerb.DcEnd:
                device.EndDc(dcId);
                return new OperatorAnswer { Done = Invariant($"DC {dcId} does not run on this node any more.") };
            case OperatorVerb.NodeAdd:
                device.AddNode(dcId, number ?? 0);
                return ReadDc(device, dcId) with { Done = Invariant($"DC {dcId} extends to node {number ?? 0} now.") };
            case OperatorVerb.NodeDel:
                device.RemoveNode(dcId, number ?? 0);
                return ReadDc(device, dcId) with { Done = Invariant($"DC {dcId} does not extend to node {number ?? 0} any more.") };
            case OperatorVerb.NodeInfo:
                return ReadNodes(device, number);
            case OperatorVerb.ProxyInfo:
                return ReadProxies(device, number);
            case OperatorVerb.ProxyUnbind:
                device.UnbindProxies(number ?? 0);
                return new OperatorAnswer { Done = Invariant($"Proxy pair {number ?? 0} is unbound; its proxy serves its other peers on, and this one after a restart.") };
            case OperatorVerb.ProcInfo:
                return ReadProcesses(device, dcId, number);
            default:
                throw new DvkException(DvkError.Invalid, $"do {request.Verb}");
        }
    }

    private static OperatorAnswer ReadDvs(IDvkDevice device) => new() { Dvs = new DvsRecord(device.LocalNodeId, device.GetDvsInfo()) };

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

    // The record of a DC that was never started is all zero, its id as well.
    private static OperatorAnswer ReadDc(IDvkDevice device, int dcId) => new() { Dcs = [ToRecord(device.GetDcInfo(dcId) with { DcId = dcId })] };

    private static OperatorAnswer ReadRunningDcs(IDvkDevice device) => new()
    {
        Dcs = [.. Enumerable.Range(0, device.GetDvsInfo().MaxDcs).Select(device.GetDcInfo).Where(static dc => dc.IsRunning).Select(ToRecord)],
    };

    private static OperatorAnswer ReadNodes(IDvkDevice device, int? nodeId)
    {
        var local = device.LocalNodeId;
        var nodes = nodeId is { } one
            ? [device.GetNodeInfo(one)]
            : Enumerable.Range(0, device.GetDvsInfo().MaxNodes).Select(device.GetNodeInfo).Where(static node => node.Flags != NodeFlags.Free);
        return new OperatorAnswer { Nodes = [.. nodes.Select(node => new NodeRecord(node.NodeId == local, Bits(node.Dcs), node))] };
    }

    private static OperatorAnswer ReadProxies(IDvkDevice device, int? proxyId) => new()
    {
        Proxies = proxyId is { } one
            ? [ReadPair(device, one)]
            : [.. Enumerable.Range(0, device.GetDvsInfo().MaxNodes).Select(pair => ReadPair(device, pair)).Where(IsBound)],
    };

    /// <summary>A pair; without threads where it is free, which the driver answers with an error.</summary>
    public static ProxyInfo ReadPair(IDvkDevice device, int proxyId)
    {
        try
        {
            return device.GetProxyInfo(proxyId);
        }
        catch (DvkException refusal) when (refusal.Error == DvkError.ProxyFree)
        {
            return new ProxyInfo(proxyId, new ProcessInfo(), new ProcessInfo());
        }
    }

    private static OperatorAnswer ReadProcesses(IDvkDevice device, int dcId, int? number)
    {
        if (number is { } one)
        {
            return new OperatorAnswer { Processes = [device.GetProcessInfo(dcId, one)] };
        }

        var dc = device.GetDcInfo(dcId);
        if (!dc.IsRunning)
        {
            throw DvkAdvice.Refusal(DvkCall.GetProcessInfo, DvkError.DcNotRunning, Invariant($"read the processes of DC {dcId}"), dcId: dcId);
        }

        var slots = Enumerable.Range(-dc.MaxTasks, dc.MaxTasks + dc.MaxProcesses).Select(slot => device.GetProcessInfo(dcId, slot));
        return new OperatorAnswer { Processes = [.. slots.Where(static process => (process.Status & ProcessStatus.SlotFree) == 0)] };
    }

    /// <summary>Whether the driver has let go of a thread of the pair, or of both.</summary>
    public static bool HasLostThread(ProxyInfo pair) => pair.Sender.LinuxProcessId <= 0 || pair.Receiver.LinuxProcessId <= 0;

    /// <summary>The same, asked of the driver. False where it does not answer: no word that it was the driver, then it was the operator.</summary>
    public static bool IsUnbound(IDvkDevice device, int proxyId)
    {
        try
        {
            return HasLostThread(ReadPair(device, proxyId));
        }
        catch (DvkException)
        {
            return false;
        }
    }

    /// <summary>Whether one of the pair's threads is known to the driver.</summary>
    public static bool IsBound(ProxyInfo pair) => pair.Sender.LinuxProcessId > 0 || pair.Receiver.LinuxProcessId > 0;

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

    private static DcRecord ToRecord(DcInfo dc) => new(Bits(dc.Nodes), dc);

    private static int[] Bits(ulong map) => [.. Enumerable.Range(0, 64).Where(bit => (map >> bit & 1) != 0)];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
