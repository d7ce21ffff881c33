using System.CommandLine;
using Dvs.Proxy.Tool.Operator;

namespace Dvs.Proxy.Tool.Commands.Operator;

/// <summary>
/// <c>proc info</c>: processes of a DC.
/// Stateless. Behaviour: EmulatedOperatorTests, KernelOperatorTests.
/// </summary>
internal static class ProcCommands
{
    public static Command Create() => new("proc", "Processes of a container") { CreateInfo() };

    private static Command CreateInfo()
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
