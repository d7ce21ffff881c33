using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>dvs info</c>: the node's id and limits.</summary>
internal static class DvsInfoCommand
{
    public static Command Create()
    {
        return OperatorCommand.Create("info", "Prints this node's id and the limits of the DVS", [], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.DvsInfo,
        });
    }
}
