using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Drivers;

/// <summary>Records and commands as text.</summary>
internal sealed partial class TracedDriver
{
    // Larger than any number that stands in place of a time: the seconds of a day in 1970.
    private const long SmallestTime = 1_000_000;

    public string Dvs()
    {
        var dvs = device.GetDvsInfo();
        return $"name={dvs.Name} dcs={dvs.MaxDcs} nodes={dvs.MaxNodes} procs={dvs.MaxProcesses} tasks={dvs.MaxTasks} sys={dvs.MaxSystemProcesses} " +
            $"copybuf={dvs.MaxCopyBuffer} copylen={dvs.MaxCopyLength} dbg={dvs.DebugLevel:X} ver={dvs.Version} flags=0x{dvs.Flags:X} slot={dvs.ProcessSlotSize}";
    }

    public string Dc(int dcId)
    {
        var dc = device.GetDcInfo(dcId);
        return $"dcid={dc.DcId} flags=0x{(int)dc.Flags:X} procs={dc.MaxProcesses} tasks={dc.MaxTasks} sys={dc.MaxSystemProcesses} nrnodes={dc.MaxNodes} " +
            $"nodes=0x{dc.Nodes:X} warn2proc={dc.WarnEndpoint} warnmsg={dc.WarnMessageType} pid={idText(dc.ProcessId)} name={dc.Name}";
    }

    public string Node(int nodeId)
    {
        var node = device.GetNodeInfo(nodeId);
        return $"id={node.NodeId} flags=0x{(ulong)node.Flags:X} proxies={node.ProxyId} dcs=0x{node.Dcs:X} sent={node.CommandsSent} rcvd={node.CommandsReceived} " +
            $"stime={TimeText(node.LastSent)} rtime={TimeText(node.LastReceived)} name={node.Name}";
    }

    public string Process(int dcId, int number)
    {
        var process = device.GetProcessInfo(dcId, number);
        return $"{StateText(process)} getfrom={process.ReceivesFrom} sendto={process.SendsTo} waitmigr={process.WaitsForMigration} " +
            $"waitunbind={process.WaitsForUnbind} proxy={process.ProxyId} lclsent={process.LocalSent} rmtsent={process.RemoteSent} " +
            $"lclcopy={process.LocalCopies} rmtcopy={process.RemoteCopies} name={process.Name}";
    }

    public string Pair(int proxyId)
    {
        var pair = device.GetProxyInfo(proxyId);
        return $"S[{ProxyText(pair.Sender)}] R[{ProxyText(pair.Receiver)}]";
    }

    /// <summary>A view, below its line.</summary>
    public string View(string name) => $"\n{ViewText.ReplaceIds(name, device.ReadView(name), idText)}";

    private string ProxyText(ProcessInfo proxy) =>
        $"{StateText(proxy)} getfrom={proxy.ReceivesFrom} sendto={proxy.SendsTo} proxy={proxy.ProxyId} lclsent={proxy.LocalSent} rmtsent={proxy.RemoteSent} name={proxy.Name}";

    private string StateText(ProcessInfo process) =>
        $"nr={process.Number} ep={process.Endpoint} dc={process.DcId} rts=0x{(ulong)process.Status:X} misc=0x{(ulong)process.MiscFlags:X} " +
        $"lpid={idText(process.LinuxProcessId)} vpid={idText(process.VirtualProcessId)} node={process.NodeId} nodemap=0x{process.NodeMap:X}";

    private static string MessageText(in Message message) =>
        $"m_source={message.Source} m_type={message.Type} body={Convert.ToHexString(message.Body.ReadOnlyBytes[..12])}";

    private static string NotificationText(in Message message)
    {
        var body = message.Body.ReadOnlyBytes;
        var time = BitConverter.ToInt64(body[8..]);
        return $"m_source={message.Source} m_type=0x{message.Type:X} i1={BitConverter.ToInt32(body)} l1={BitConverter.ToInt32(body[4..])} t={(time > SmallestTime ? "NOW" : time)}";
    }

    private string CommandText(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        var text = $"{(header.Command.IsKnown() ? header.Command : (int)header.Command)} dc={header.DcId} src={header.SourceEndpoint} dst={header.DestinationEndpoint} " +
            $"snode={header.SourceNode} dnode={header.DestinationNode} rcode={header.ResultCode} len={header.PayloadLength} pid={idText(header.ProcessId)} " +
            $"batch={header.BatchCount} flags={(ulong)header.Flags:x} seq={header.SendSequence}/{header.AcknowledgeSequence} ts={TimeText(header.Timestamp)}";
        var kind = header.Command & ~CommandCode.AcknowledgeBit;
        if (kind is >= CommandCode.CopyInData and <= CommandCode.CopyInRequest)
        {
            text += $" v_src={header.Copy.SourceEndpoint} v_dst={header.Copy.DestinationEndpoint} v_rqtr={header.Copy.RequesterEndpoint} v_bytes={header.Copy.Length}";
        }
        else if (kind is >= CommandCode.SendMessage and <= CommandCode.ReplyMessage && !header.Command.IsAcknowledgement())
        {
            // The body of a notification has the time in it.
            text += kind == CommandCode.NotifyMessage
                ? $" m_source={header.Message.Source} m_type={header.Message.Type}"
                : $" {MessageText(header.Message)}";
        }

        return header.PayloadLength > 0 ? $"{text} {PayloadText(payload[..Math.Min(header.PayloadLength, MaxBlock)])}" : text;
    }

    private static string PayloadText(ReadOnlySpan<byte> payload)
    {
        var sum = 0u;
        foreach (var value in payload)
        {
            sum = (sum * 31) + value;
        }

        return $"payload[{payload.Length}] sum={sum:x8}";
    }

    private static string TimeText(Timestamp time) => time.Seconds == 0 ? "0" : "NOW";
}
