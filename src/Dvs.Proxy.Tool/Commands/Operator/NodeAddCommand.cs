using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>node add</c>: lets a DC extend to a remote node.</summary>
internal static class NodeAddCommand
{
    public static Command Create()
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
}
