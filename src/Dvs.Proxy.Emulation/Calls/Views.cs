using System.Globalization;
using System.Text;
using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>The text views, column for column as the kernel module prints them in /proc/dvs. Take the lock.</summary>
internal sealed class Views(DriverState state, Inspection inspection)
{
    private const string BitmapHeading = "10987654321098765432109876543210";

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
        Line(text, $"nr_procs={info.MaxProcesses}");
        Line(text, $"nr_tasks={info.MaxTasks}");
        Line(text, $"nr_sysprocs={info.MaxSystemProcesses}");
        Line(text, $"max_copybuf={info.MaxCopyBuffer}");
        Line(text, $"max_copylen={info.MaxCopyLength}");
        Line(text, $"dbglvl={info.DebugLevel:X}");
        Line(text, $"version={info.Version}");
        Line(text, $"flags={(int)info.Flags:X}");
        Line(text, $"sizeof(proc)={info.ProcessSlotSize}");
    }

    private void WriteNodes(StringBuilder text)
    {
        Line(text, $"ID Flags Proxies -pxsent- -pxrcvd- {BitmapHeading} Name");
        foreach (var node in state.Nodes)
        {
            if (node.Flags == NodeFlags.Free)
            {
                continue;
            }

            var info = inspection.Describe(node);
            Line(
                text,
                $"{info.NodeId,2} {(ulong)info.Flags,5:X} {info.ProxyId,7} {info.CommandsSent,8} {info.CommandsReceived,8} {Bitmap(info.Dcs)} {info.Name,-15}");
        }
    }

    private void WriteProxies(StringBuilder text)
    {
        Line(text, $"Proxies Flags Sender Receiver --Proxies_Name- {BitmapHeading} ");
        foreach (var pair in state.Pairs)
        {
            if (pair.InUse)
            {
                var flags = 1 | (pair.SenderConnected ? 2 : 0) | (pair.ReceiverConnected ? 4 : 0);
                Line(text, $"{pair.Id,7} {flags,5:X} {pair.Sender?.Id ?? -1,6} {pair.Receiver?.Id ?? -1,8} {pair.Name,15} {Bitmap(pair.Nodes)}");
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
                WriteProxyThread(text, pair, "send", pair.Sender, pair.SenderConnected, pair.CommandsSent, 0);
                WriteProxyThread(text, pair, "recv", pair.Receiver, pair.ReceiverConnected, 0, pair.CommandsReceived);
            }
        }
    }

    private static void WriteProxyThread(
        StringBuilder text, ProxyPair pair, string type, ThreadEntry? thread, bool isConnected, ulong sent, ulong received)
    {
        if (thread is null)
        {
            return;
        }

        const int None = WellKnownEndpoint.None;
        var misc = (ulong)ProcessMiscFlags.Proxy | (isConnected ? (ulong)ProcessMiscFlags.Connected : 0);
        Line(text, $"{pair.Id,2} {type} {thread.Id,6} {0,6:X} {misc,6:X} {sent,8} {received,8} {None,6} {None,6} {None,6} {Names.OfThisProcess,-15}");
    }

    private void WriteContainer(StringBuilder text, string name)
    {
        if (name.StartsWith("DC", StringComparison.Ordinal)
            && name.IndexOf('/', StringComparison.Ordinal) is var slash and > 2
            && int.TryParse(name.AsSpan(2, slash - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var dcId))
        {
            var view = name[(slash + 1)..];
            if (view is "info" or "procs")
            {
                DvkException.ThrowIfFailed(state.FindContainer(dcId, out var container), $"read the view '{name}'");
                if (view == "info")
                {
                    WriteContainerInfo(text, container);
                }
                else
                {
                    WriteProcesses(text, container);
                }

                return;
            }
        }

        throw DvkAdvice.Refusal(DvkCall.ReadView, DvkError.NoEntry, $"read the view '{name}'");
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
        Line(text, $"nodes {BitmapHeading}");
        Line(text, $"      {Bitmap(container.Nodes)}");
    }

    private void WriteProcesses(StringBuilder text, Container container)
    {
        Line(text, $"DC pnr -endp -lpid/vpid- nd flag misc -getf -sndt -wmig -prxy name");
        foreach (var slot in container.Slots)
        {
            if (slot.IsFree)
            {
                continue;
            }

            var process = inspection.Describe(slot);
            var (status, misc) = ((ulong)process.Status, (ulong)process.MiscFlags);
            var pids = string.Create(CultureInfo.InvariantCulture, $"{process.LinuxProcessId,5}/{process.VirtualProcessId,-5}");
            var waits = string.Create(
                CultureInfo.InvariantCulture, $"{process.ReceivesFrom,5} {process.SendsTo,5} {process.WaitsForMigration,5}");
            Line(
                text,
                $"{process.DcId,2} {process.Number,3} {process.Endpoint,5} {pids} {process.NodeId,2} {status,4:X} {misc,4:X} {waits} {process.ProxyId,5} {process.Name,-15}");
        }
    }

    private static string Bitmap(ulong bits) => string.Create(BitmapHeading.Length, bits, static (columns, set) =>
    {
        for (var i = 0; i < columns.Length; i++)
        {
            columns[columns.Length - 1 - i] = (set & (1UL << i)) != 0 ? 'X' : '-';
        }
    });

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
