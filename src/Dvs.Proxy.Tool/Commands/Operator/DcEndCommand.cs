using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>dc end</c>: ends a DC.</summary>
internal static class DcEndCommand
{
    public static Command Create()
    {
        var dc = OperatorCommand.Number("DC", "id of the DC");
        return OperatorCommand.Create("end", "Ends a distributed container on this node; end its processes first", [dc, OperatorCommand.Yes], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.DcEnd,
            DcId = parsed.GetValue(dc),
        });
    }
}
