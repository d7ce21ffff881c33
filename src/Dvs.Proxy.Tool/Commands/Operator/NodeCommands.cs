using System.CommandLine;
using Dvs.Proxy.Tool.Operator;

namespace Dvs.Proxy.Tool.Commands.Operator;

/// <summary>
/// <c>node add</c>: lets a DC extend to a remote node. <c>node del</c>: takes a remote node out of a DC. <c>node info</c>: nodes as this driver sees them.
/// Stateless. Behaviour: EmulatedOperatorTests, KernelOperatorTests.
/// </summary>
internal static class NodeCommands
{
    public static Command Create() => new("node", "Nodes that a container extends to") { CreateAdd(), CreateDel(), CreateInfo() };

    private static Command CreateAdd()
    {
        var node = OperatorCommand.Number("NODE", "id of the remote node; its proxy must have brought it up");
        var dc = OperatorCommand.Dc();
        return OperatorCommand.Create("add", "Lets a DC extend to a remote node", [node, dc], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.NodeAdd,
            Number = parsed.GetValue(node),
            DcId = parsed.GetValue(dc),
        });
    }

    private static Command CreateDel()
    {
        var node = OperatorCommand.Number("NODE", "id of the remote node");
        var dc = OperatorCommand.Dc();
        return OperatorCommand.Create("del", "Takes a remote node out of a DC", [node, dc], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.NodeDel,
            Number = parsed.GetValue(node),
            DcId = parsed.GetValue(dc),
        });
    }

    private static Command CreateInfo()
    {
        var node = OperatorCommand.OptionalNumber("NODE", "id of the node (default: all in use)");
        return OperatorCommand.Create("info", "Prints a node as this driver sees it, or all in use", [node], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.NodeInfo,
            Number = parsed.GetValue(node),
        });
    }
}
