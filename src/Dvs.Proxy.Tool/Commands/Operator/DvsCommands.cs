using System.CommandLine;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Tool.Operator;

namespace Dvs.Proxy.Tool.Commands.Operator;

/// <summary>
/// <c>dvs init</c>: makes this machine a node. <c>dvs info</c>: the node's id and limits. <c>dvs end</c>: takes this machine out of the cluster.
/// Stateless. Behaviour: EmulatedOperatorTests, KernelOperatorTests.
/// </summary>
internal static class DvsCommands
{
    public static Command Create() => new("dvs", "This machine's part of the cluster") { CreateInit(), CreateInfo(), CreateEnd() };

    private static Command CreateInit()
    {
        var node = OperatorCommand.Number("NODE", "id of this machine in the cluster, from 0");
        var name = new Option<string?>("--name") { Description = "name of the cluster (default: dvs)", HelpName = "NAME" };
        var nodes = OperatorCommand.Limit("--nodes", "nodes of the cluster (default: 32)");
        var dcs = OperatorCommand.Limit("--dcs", "DCs on a node (default: 32)");
        var processes = OperatorCommand.Limit("--procs", "processes of a DC without its tasks (default: 221)");
        var tasks = OperatorCommand.Limit("--tasks", "tasks of a DC, under 300 (default: 35)");
        var systemProcesses = OperatorCommand.Limit("--sysprocs", "system processes of a DC, tasks included (default: 64)");
        var defaults = new DvsInfo();
        return OperatorCommand.Create("init", "Makes this machine a node of the cluster",
            [node, name, nodes, dcs, processes, tasks, systemProcesses], parsed => new OperatorRequest
            {
                Verb = OperatorVerb.DvsInit,
                Number = parsed.GetValue(node),
                Dvs = defaults with
                {
                    Name = parsed.GetValue(name) ?? defaults.Name,
                    MaxNodes = parsed.GetValue(nodes) ?? defaults.MaxNodes,
                    MaxDcs = parsed.GetValue(dcs) ?? defaults.MaxDcs,
                    MaxProcesses = parsed.GetValue(processes) ?? defaults.MaxProcesses,
                    MaxTasks = parsed.GetValue(tasks) ?? defaults.MaxTasks,
                    MaxSystemProcesses = parsed.GetValue(systemProcesses) ?? defaults.MaxSystemProcesses,
                },
            });
    }

    private static Command CreateInfo()
    {
        return OperatorCommand.Create("info", "Prints this node's id and the limits of the DVS", [], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.DvsInfo,
        });
    }

    private static Command CreateEnd()
    {
        return OperatorCommand.Create("end", "Ends the DVS on this node; stop its proxies first", [OperatorCommand.Yes], _ => new OperatorRequest
        {
            Verb = OperatorVerb.DvsEnd,
        });
    }
}
