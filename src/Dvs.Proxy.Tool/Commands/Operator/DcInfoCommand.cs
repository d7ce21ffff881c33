using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>dc info</c>: DCs of this node.</summary>
internal static class DcInfoCommand
{
    public static Command Create()
    {
        var dc = OperatorCommand.OptionalNumber("DC", "id of the DC (default: all that run)");
        return OperatorCommand.Create("info", "Prints a distributed container of this node, or all that run", [dc], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.DcInfo,
            DcId = parsed.GetValue(dc),
        });
    }
}
