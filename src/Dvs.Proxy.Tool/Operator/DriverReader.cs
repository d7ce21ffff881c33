using System.Globalization;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;

namespace Dvs.Proxy.Tool.Operator;

/// <summary>What a driver says of its node, DCs, pairs and processes. Stateless. Behaviour: EmulatedOperatorTests, KernelOperatorTests.</summary>
internal static class DriverReader
{
    public static OperatorAnswer ReadDvs(IDvkDevice device) => new() { Dvs = new DvsRecord(device.LocalNodeId, device.GetDvsInfo()) };

    // The record of a DC that was never started is all zero, its id as well.
    public static OperatorAnswer ReadDc(IDvkDevice device, int dcId) => new() { Dcs = [ToRecord(device.GetDcInfo(dcId) with { DcId = dcId })] };

    public static OperatorAnswer ReadRunningDcs(IDvkDevice device) => new()
    {
        Dcs = [.. Enumerable.Range(0, device.GetDvsInfo().MaxDcs).Select(device.GetDcInfo).Where(static dc => dc.IsRunning).Select(ToRecord)],
    };

    public static OperatorAnswer ReadNodes(IDvkDevice device, int? nodeId)
    {
        var local = device.LocalNodeId;
        var nodes = nodeId is { } one
            ? [device.GetNodeInfo(one)]
            : Enumerable.Range(0, device.GetDvsInfo().MaxNodes).Select(device.GetNodeInfo).Where(static node => node.Flags != NodeFlags.Free);
        return new OperatorAnswer { Nodes = [.. nodes.Select(node => new NodeRecord(node.NodeId == local, Bits(node.Dcs), node))] };
    }

    public static OperatorAnswer ReadProxies(IDvkDevice device, int? proxyId) => new()
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

    public static OperatorAnswer ReadProcesses(IDvkDevice device, int dcId, int? number)
    {
        if (number is { } one)
        {
            return new OperatorAnswer { Processes = [device.GetProcessInfo(dcId, one)] };
        }

        return new OperatorAnswer { Processes = device.ListProcesses(dcId) };
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

    private static DcRecord ToRecord(DcInfo dc) => new(Bits(dc.Nodes), dc);

    private static int[] Bits(ulong map) => [.. Enumerable.Range(0, 64).Where(bit => (map >> bit & 1) != 0)];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
