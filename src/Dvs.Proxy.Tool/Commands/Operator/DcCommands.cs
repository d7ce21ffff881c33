using System.CommandLine;
using Dvs.Proxy.Tool.Operator;

namespace Dvs.Proxy.Tool.Commands.Operator;

/// <summary>
/// <c>dc init</c>: starts a DC. <c>dc info</c>: DCs of this node. <c>dc end</c>: ends a DC.
/// Stateless. Behaviour: EmulatedOperatorTests, KernelOperatorTests.
/// </summary>
internal static class DcCommands
{
    public static Command Create() => new("dc", "Distributed containers of this node") { CreateInit(), CreateInfo(), CreateEnd() };

    private static Command CreateInit()
    {
        var dc = OperatorCommand.Number("DC", "id of the DC, from 0");
        var name = new Option<string?>("--name") { Description = "its name (default: DCn)", HelpName = "NAME" };
        var processes = OperatorCommand.Limit("--procs", "processes without tasks (default: as many as the DVS allows)");
        var tasks = OperatorCommand.Limit("--tasks", "tasks (default: as many as the DVS allows)");
        var systemProcesses = OperatorCommand.Limit("--sysprocs", "system processes, tasks included (default: as many as the DVS allows)");
        var nodes = OperatorCommand.Limit("--nodes", "nodes it may extend to (default: as many as the DVS allows)");
        var warnEndpoint = new Option<int?>("--warn-endpoint")
        {
            Description = "endpoint that gets a message for every process that ends; the process waits until it is answered (default: nobody)",
            HelpName = "EP",
        };
        var warnType = new Option<int?>("--warn-type") { Description = "m_type of that message (default: 0)", HelpName = "TYPE" };
        Symbol[] symbols = [dc, name, processes, tasks, systemProcesses, nodes, warnEndpoint, warnType];
        return OperatorCommand.Create("init", "Starts a distributed container on this node", symbols, parsed => new OperatorRequest
        {
            Verb = OperatorVerb.DcInit,
            DcId = parsed.GetValue(dc),
            Dc = new DcLimits(parsed.GetValue(name), parsed.GetValue(processes), parsed.GetValue(tasks), parsed.GetValue(systemProcesses),
                parsed.GetValue(nodes))
            {
                WarnEndpoint = parsed.GetValue(warnEndpoint),
                WarnMessageType = parsed.GetValue(warnType),
            },
        });
    }

    private static Command CreateInfo()
    {
        var dc = OperatorCommand.OptionalNumber("DC", "id of the DC (default: all that run)");
        return OperatorCommand.Create("info", "Prints a distributed container of this node, or all that run", [dc], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.DcInfo,
            DcId = parsed.GetValue(dc),
        });
    }

    private static Command CreateEnd()
    {
        var dc = OperatorCommand.Number("DC", "id of the DC");
        return OperatorCommand.Create("end", "Ends a distributed container on this node; end its processes first",
            [dc, OperatorCommand.Yes], parsed => new OperatorRequest
            {
                Verb = OperatorVerb.DcEnd,
                DcId = parsed.GetValue(dc),
            });
    }
}
