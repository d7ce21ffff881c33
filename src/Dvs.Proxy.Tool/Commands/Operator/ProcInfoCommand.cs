using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>proc info</c>: processes of a DC.</summary>
internal static class ProcInfoCommand
{
    public static Command Create()
    {
        var number = OperatorCommand.OptionalNumber("NR", "number of the process (default: all)");
        var dc = OperatorCommand.Dc();
        return OperatorCommand.Create("info", "Prints a process of a DC, or all that are bound", [number, dc], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.ProcInfo,
            Number = parsed.GetValue(number),
            DcId = parsed.GetValue(dc),
        });
    }
}
