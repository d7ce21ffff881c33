using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>node info</c>: nodes as this driver sees them.</summary>
internal static class NodeInfoCommand
{
    public static Command Create()
    {
        var node = OperatorCommand.OptionalNumber("NODE", "id of the node (default: all in use)");
        return OperatorCommand.Create("info", "Prints a node as this driver sees it, or all in use", [node], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.NodeInfo,
            Number = parsed.GetValue(node),
        });
    }
}
