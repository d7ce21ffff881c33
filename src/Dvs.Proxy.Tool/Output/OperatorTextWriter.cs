using System.Globalization;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tool.Operator;

namespace Dvs.Proxy.Tool.Output;

/// <summary>Prints what came of an operator's verb, for people. Stateless. Behaviour: OperatorTextTests, ForeignNamesTests.</summary>
internal static class OperatorTextWriter
{
    public static void Write(TextWriter output, OperatorAnswer answer)
    {
        if (answer.Done is not null)
        {
            output.WriteLine(answer.Done);
        }

        WriteDvs(output, answer.Dvs);
        WriteDcs(output, answer.Dcs);
        WriteNodes(output, answer.Nodes);
        WriteProxies(output, answer.Proxies);
        WriteProcesses(output, answer.Processes);
    }

    /// <summary>The refusal, and the commands that lead on.</summary>
    public static void WriteFailure(TextWriter output, OperatorFailure failure)
    {
        output.WriteLine(failure.Message);
        if (failure.Commands.Count > 0)
        {
            output.WriteLine("In this order:");
            foreach (var command in failure.Commands)
            {
                output.WriteLine($"  {command}");
            }
        }
    }

    private static void WriteDvs(TextWriter output, DvsRecord? dvs)
    {
        if (dvs?.Info is not { } info)
        {
            return;
        }

        output.WriteLine(Text($"node {dvs.NodeId} of DVS \"{Name(info.Name)}\", driver version {info.Version}"));
        output.WriteLine(Text($"  nodes              {info.MaxNodes}  (ids 0..{info.MaxNodes - 1})"));
        output.WriteLine(Text($"  DCs                {info.MaxDcs}  (ids 0..{info.MaxDcs - 1})"));
        output.WriteLine(Text($"  processes per DC   {info.MaxProcesses}, and {info.MaxTasks} tasks; below {info.FirstUserProcess} they are system processes"));
        output.WriteLine(Text($"  bytes per command  {info.MaxCopyBuffer}"));
        output.WriteLine(Text($"  bytes per copy     {info.MaxCopyLength}"));
    }

    private static void WriteDcs(TextWriter output, IReadOnlyList<DcRecord>? dcs)
    {
        if (dcs is { Count: 0 })
        {
            output.WriteLine("No DC runs on this node. Start one with: dc init");
        }

        foreach (var (nodes, dc) in dcs ?? [])
        {
            if (!dc.IsRunning)
            {
                output.WriteLine(Text($"DC {dc.DcId}: does not run on this node"));
                continue;
            }

            output.WriteLine(Text($"DC {dc.DcId} \"{Name(dc.Name)}\""));
            output.WriteLine(Text($"  extends to nodes   {List(nodes)}  (at most {dc.MaxNodes} nodes)"));
            output.WriteLine(Text($"  processes          {dc.MaxProcesses}, and {dc.MaxTasks} tasks; below {dc.FirstUserProcess} they are system processes"));
            if (dc.WarnEndpoint != WellKnownEndpoint.None)
            {
                output.WriteLine(Text($"  told of ends       endpoint {dc.WarnEndpoint}, with message type {dc.WarnMessageType}; ")
                    + "a process that ends waits for its answer");
            }
        }
    }

    private static void WriteNodes(TextWriter output, IReadOnlyList<NodeRecord>? nodes)
    {
        foreach (var node in nodes ?? [])
        {
            output.WriteLine(Text($"node {node.Info.NodeId}{(node.Info.Name.Length > 0 ? $" \"{Name(node.Info.Name)}\"" : "")}: {StateOf(node)}"));
            if (node.Info.Flags == NodeFlags.Free)
            {
                continue;
            }

            output.WriteLine(Text($"  in DCs             {List(node.DcIds)}"));
            if (!node.IsLocal)
            {
                output.WriteLine(Text($"  proxy pair         {node.Info.ProxyId}"));
                output.WriteLine(Text($"  commands           {node.Info.CommandsSent} sent, {node.Info.CommandsReceived} received"));
            }
        }
    }

    private static string StateOf(NodeRecord node)
    {
        const NodeFlags Both = NodeFlags.SenderConnected | NodeFlags.ReceiverConnected;
        return node switch
        {
            { IsLocal: true } => "this node",
            { Info.Flags: NodeFlags.Free } => "free: no proxy has brought it up, so no DC can extend to it",
            _ => (node.Info.Flags & Both) switch
            {
                Both => "up, connected both ways",
                NodeFlags.SenderConnected => "up, the sender is connected, the receiver waits for the peer",
                NodeFlags.ReceiverConnected => "up, the peer is connected to the receiver, the sender is not connected yet",
                _ => "up, not connected to the peer",
            },
        };
    }

    private static void WriteProxies(TextWriter output, IReadOnlyList<ProxyInfo>? pairs)
    {
        if (pairs is { Count: 0 })
        {
            output.WriteLine("No proxy pair is bound on this node. Start a proxy with: run --config FILE");
        }

        foreach (var pair in pairs ?? [])
        {
            output.WriteLine(Text($"proxy pair {pair.ProxyId}: {(DriverReader.IsBound(pair) ? "bound" : "free: no proxy runs for it")}"));
            if (DriverReader.IsBound(pair))
            {
                output.WriteLine($"  sender             {ThreadOf(pair.Sender)}");
                output.WriteLine($"  receiver           {ThreadOf(pair.Receiver)}");
            }
        }
    }

    private static string ThreadOf(ProcessInfo thread) => thread.LinuxProcessId <= 0
        ? "gone"
        : Text($"thread {thread.LinuxProcessId}, {((thread.MiscFlags & ProcessMiscFlags.Connected) != 0 ? "connected" : "not connected")}");

    private static void WriteProcesses(TextWriter output, IReadOnlyList<ProcessInfo>? processes)
    {
        if (processes is { Count: 0 })
        {
            output.WriteLine("No process is bound in this DC.");
        }

        if (processes is not { Count: > 0 })
        {
            return;
        }

        var table = new TextTable(
            output,
            new("nr", 4, IsNumber: true),
            new("endpoint", 8, IsNumber: true),
            new("node", 4, IsNumber: true),
            new("pid", 7, IsNumber: true),
            new("name", 15),
            new("state", 5));
        table.WriteHead();
        foreach (var process in processes)
        {
            var isFree = (process.Status & ProcessStatus.SlotFree) != 0;
            table.WriteRow(
                Text($"{process.Number}"),
                isFree ? "-" : Text($"{process.Endpoint}"),
                isFree ? "-" : Text($"{process.NodeId}"),
                process.LinuxProcessId > 0 ? Text($"{process.LinuxProcessId}") : "-",
                Name(process.Name),
                isFree ? "free" : process.Status.ToString());
        }
    }

    private static string Name(string text) => ForeignText.EscapeName(text);

    private static string List(IReadOnlyList<int> ids) => ids.Count == 0 ? "none" : string.Join(' ', ids);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
