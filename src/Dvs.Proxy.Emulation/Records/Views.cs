using System.Globalization;
using System.Text;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;

namespace Dvs.Proxy.Emulation.Records;

/// <summary>The text views, byte for byte as the kernel module prints them in /proc/dvs. Take the lock.</summary>
internal sealed class Views(DriverState state, Inspection inspection)
{
    private const string RemoteProcessId = "4294967295";
    private const string CallsHeading = "765432109876543210987654321098765432109876543210";
    private const string TargetsHeading = "3210987654321098765432109876543210987654321098765432109876543210";
    private const string NodesHeading = "10987654321098765432109876543210";
    private const string NodesTens = "33222222222211111111110000000000";

    // Numbers of the driver's calls, as bits: what a half of a pair may do, and what a user process may.
    private const ulong ProxyCalls = (1UL << 17) | (1UL << 18);
    private const ulong SenderCalls = ProxyCalls | (1UL << 21);
    private const ulong ReceiverCalls = ProxyCalls | (1UL << 20);
    private const ulong UserCalls = (1UL << 5) | (1UL << 10) | (1UL << 26) | (1UL << 29);

    public string Read(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (state.Lock)
        {
            state.Require($"read the view '{name}'");
            var text = new StringBuilder();
            switch (name)
            {
                case "info":
                    WriteInfo(text);
                    break;
                case "nodes":
                    WriteNodes(text);
                    break;
                case "proxies/info":
                    WriteProxies(text);
                    break;
                case "proxies/procs":
                    WriteProxyThreads(text);
                    break;
                case "proxies/ipcto":
                    WriteProxyBits(text, TargetsHeading, 0, 0);
                    break;
                case "proxies/dvkcalls":
                    WriteProxyBits(text, CallsHeading, SenderCalls, ReceiverCalls);
                    break;
                default:
                    WriteContainer(text, name);
                    break;
            }

            return text.ToString();
        }
    }

    private void WriteInfo(StringBuilder text)
    {
        var info = state.Info!;
        Line(text, $"name={info.Name}");
        Line(text, $"nodeid={state.LocalNodeId}");
        Line(text, $"nr_dcs={info.MaxDcs}");
        Line(text, $"nr_nodes={info.MaxNodes}");
        Line(text, $"max_nr_procs={info.MaxProcesses}");
        Line(text, $"max_nr_tasks={info.MaxTasks}");
        Line(text, $"max_sys_procs={info.MaxSystemProcesses}");
        Line(text, $"max_copy_buf={info.MaxCopyBuffer}");
        Line(text, $"max_copy_len={info.MaxCopyLength}");
        Line(text, $"dbglvl={info.DebugLevel:X}");
        Line(text, $"version={info.Version}");
        Line(text, $"flags={info.Flags:X}");

        // Sizes of the module's own structs, as it was built for x86-64.
        Line(text, $"sizeof(proc)=704");
        Line(text, $"sizeof(proc) aligned={info.ProcessSlotSize}");
        Line(text, $"sizeof(dc)=280");
        Line(text, $"sizeof(node)=152");
    }

    private void WriteNodes(StringBuilder text)
    {
        Line(text, $"ID Flags Proxies -pxsent- -pxrcvd- {NodesHeading} Name");
        foreach (var node in state.Nodes)
        {
            if (node.Flags == NodeFlags.Free)
            {
                continue;
            }

            var info = inspection.Describe(node);
            var (sent, received) = (info.CommandsSent, info.CommandsReceived);
            Line(
                text,
                $"{info.NodeId,2} {(ulong)info.Flags,5:X} {info.ProxyId,7} {sent,8} {received,8} {Bitmap(info.Dcs, 32)} {info.Name,-16}");
        }
    }

    private void WriteProxies(StringBuilder text)
    {
        Line(text, $"Proxies Flags Sender Receiver --Proxies_Name- {NodesHeading} ");
        foreach (var pair in state.Pairs)
        {
            if (pair.InUse)
            {
                var flags = 1 | (pair.SenderConnected ? 2 : 0) | (pair.ReceiverConnected ? 4 : 0);
                Line(text, $"{pair.Id,7} {flags,5:X} {pair.Sender!.Id,6} {pair.Receiver!.Id,8} {pair.Name,15} {Bitmap(pair.Nodes, 32)}");
            }
        }
    }

    private void WriteProxyThreads(StringBuilder text)
    {
        Line(text, $"ID Type -lpid- -flag- -misc- -pxsent- -pxrcvd- -getf- -sendt -wmig- name");
        foreach (var pair in state.Pairs)
        {
            if (pair.InUse)
            {
                WriteProxyThread(text, "send", inspection.DescribeSender(pair));
                WriteProxyThread(text, "recv", inspection.DescribeReceiver(pair));
            }
        }
    }

    private static void WriteProxyThread(StringBuilder text, string type, ProcessInfo half)
    {
        var (status, misc) = ((ulong)half.Status, (ulong)half.MiscFlags);
        var waits = string.Create(CultureInfo.InvariantCulture, $"{half.ReceivesFrom,6} {half.SendsTo,6} {half.WaitsForMigration,6}");
        Line(
            text,
            $"{half.Number,2} {type} {half.LinuxProcessId,6} {status,6:X} {misc,6:X} {half.RemoteSent,8} {half.LocalSent,8} {waits} {half.Name,-15}");
    }

    private void WriteProxyBits(StringBuilder text, string heading, ulong sender, ulong receiver)
    {
        Line(text, $"ID Type {heading}");
        foreach (var pair in state.Pairs)
        {
            if (pair.InUse)
            {
                Line(text, $"{pair.Id,2} send {Bitmap(sender, heading.Length)}");
                Line(text, $"{pair.Id,2} recv {Bitmap(receiver, heading.Length)}");
            }
        }
    }

    private void WriteContainer(StringBuilder text, string name)
    {
        var attempted = $"read the view '{name}'";
        if (!name.StartsWith("DC", StringComparison.Ordinal)
            || name.IndexOf('/', StringComparison.Ordinal) is not (> 2 and var slash)
            || !int.TryParse(name.AsSpan(2, slash - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var dcId)
            || name[(slash + 1)..] is not ("info" or "procs" or "stats" or "ipcto" or "dvkcalls"))
        {
            throw DvkAdvice.Refusal(DvkCall.ReadView, DvkError.NoEntry, attempted);
        }

        DvkException.ThrowIfFailed(state.FindContainer(dcId, out var container), attempted);
        switch (name[(slash + 1)..])
        {
            case "info":
                WriteContainerInfo(text, container);
                break;
            case "procs":
                WriteProcesses(text, container);
                break;
            case "stats":
                WriteStatistics(text, container);
                break;
            case "ipcto":
                WritePrivileges(text, container, TargetsHeading, ulong.MaxValue);
                break;
            default:
                WritePrivileges(text, container, CallsHeading, UserCalls);
                break;
        }
    }

    private static void WriteContainerInfo(StringBuilder text, Container container)
    {
        var info = container.Info;
        Line(text, $"dcid={info.DcId}");
        Line(text, $"flags={(int)info.Flags:X}");
        Line(text, $"nr_procs={info.MaxProcesses}");
        Line(text, $"nr_tasks={info.MaxTasks}");
        Line(text, $"nr_sysprocs={info.MaxSystemProcesses}");
        Line(text, $"nr_nodes={info.MaxNodes}");
        Line(text, $"dc_nodes={container.Nodes:X}");
        Line(text, $"dc_pid={info.ProcessId}");
        Line(text, $"warn2proc={info.WarnEndpoint}");
        Line(text, $"warnmsg={info.WarnMessageType}");
        Line(text, $"dc_name={info.Name}");
        Line(text, $"nodes {NodesTens}");
        Line(text, $"      {NodesHeading}");
        Line(text, $"      {Bitmap(container.Nodes, 32)}");
        Line(text, $"cpumask={ulong.MaxValue >> (64 - Math.Min(Environment.ProcessorCount, 64)):x} ");
    }

    private static void WriteProcesses(StringBuilder text, Container container)
    {
        Line(text, $"DC pnr -endp -lpid/vpid- nd flag misc -getf -sndt -wmig -prxy name");
        foreach (var slot in container.Slots)
        {
            if (slot.IsFree)
            {
                continue;
            }

            var process = Inspection.Describe(slot);
            var (status, misc) = ((ulong)process.Status, (ulong)process.MiscFlags);
            var waits = string.Create(
                CultureInfo.InvariantCulture, $"{process.ReceivesFrom,5} {process.SendsTo,5} {process.WaitsForMigration,5}");
            Line(text, $"{Identity(process)} {status,4:X} {misc,4:X} {waits} {process.ProxyId,5} {process.Name,-15}");
        }
    }

    private static void WriteStatistics(StringBuilder text, Container container)
    {
        Line(text, $"DC pnr -endp -lpid/vpid- nd --lsnt-- --rsnt-- -lcopy-- -rcopy-- name");
        foreach (var slot in container.Slots)
        {
            if (!slot.IsFree)
            {
                var process = Inspection.Describe(slot);
                Line(
                    text,
                    $"{Identity(process)} {process.LocalSent,8} {process.RemoteSent,8} {process.LocalCopies,8} {process.RemoteCopies,8} {process.Name,-15}");
            }
        }
    }

    // One set of privileges for each system process, by its place among them; the one behind the last is that of all user processes.
    private static void WritePrivileges(StringBuilder text, Container container, string heading, ulong ofUsers)
    {
        Line(text, $"-nr id --wr- lv {heading}");
        foreach (var slot in container.Slots)
        {
            if (!slot.IsFree)
            {
                var set = Math.Min(slot.Index, container.Info.MaxSystemProcesses);
                var bits = slot.IsSystem ? ulong.MaxValue : ofUsers;
                Line(text, $"{slot.Number,3} {set,2} {Protocol.WellKnownEndpoint.None,5} {0,2} {Bitmap(bits, heading.Length)}");
            }
        }
    }

    // What the views of processes begin with. The driver prints the pid of a process that has none here as an unsigned number.
    private static string Identity(ProcessInfo process)
    {
        var lpid = process.LinuxProcessId < 0 ? RemoteProcessId : process.LinuxProcessId.ToString(CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture, $"{process.DcId,2} {process.Number,3} {process.Endpoint,5} {lpid,5}/{lpid,-5} {process.NodeId,2}");
    }

    private static string Bitmap(ulong bits, int columns) => string.Create(columns, bits, static (text, set) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[text.Length - 1 - i] = (set & (1UL << i)) != 0 ? 'X' : '-';
        }
    });

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
