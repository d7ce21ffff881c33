using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>node del</c>: takes a remote node out of a DC.</summary>
internal static class NodeDelCommand
{
    public static Command Create()
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
}
