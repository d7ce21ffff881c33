using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>dc init</c>: starts a DC.</summary>
internal static class DcInitCommand
{
    public static Command Create()
    {
        var dc = OperatorCommand.Number("DC", "id of the DC, from 0");
        var name = new Option<string?>("--name") { Description = "its name (default: DCn)", HelpName = "NAME" };
        var processes = OperatorCommand.Limit("--procs", "processes without tasks (default: as many as the DVS allows)");
        var tasks = OperatorCommand.Limit("--tasks", "tasks (default: as many as the DVS allows)");
        var systemProcesses = OperatorCommand.Limit("--sysprocs", "system processes, tasks included (default: as many as the DVS allows)");
        var nodes = OperatorCommand.Limit("--nodes", "nodes it may extend to (default: as many as the DVS allows)");
        return OperatorCommand.Create("init", "Starts a distributed container on this node", [dc, name, processes, tasks, systemProcesses, nodes], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.DcInit,
            DcId = parsed.GetValue(dc),
            Dc = new DcLimits(parsed.GetValue(name), parsed.GetValue(processes), parsed.GetValue(tasks), parsed.GetValue(systemProcesses), parsed.GetValue(nodes)),
        });
    }
}
