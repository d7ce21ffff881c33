using System.CommandLine;
using Dvs.Proxy.Tool.Operator;

namespace Dvs.Proxy.Tool.Commands.Operator;

/// <summary>
/// <c>proxy info</c>: proxy pairs and their threads. <c>proxy unbind</c>: frees a pair from outside.
/// Stateless. Behaviour: EmulatedOperatorTests, KernelOperatorTests.
/// </summary>
internal static class ProxyCommands
{
    public static Command Create() => new("proxy", "Proxy pairs as the driver sees them") { CreateInfo(), CreateUnbind() };

    private static Command CreateInfo()
    {
        var pair = OperatorCommand.OptionalNumber("PROXY", "id of the pair, by habit the peer's node id (default: all that are bound)");
        return OperatorCommand.Create("info", "Prints a proxy pair and its threads, or all that are bound", [pair], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.ProxyInfo,
            Number = parsed.GetValue(pair),
        });
    }

    private static Command CreateUnbind()
    {
        var pair = OperatorCommand.Number("PROXY", "id of the pair");
        return OperatorCommand.Create("unbind",
            "Frees a proxy pair from outside: ends its threads the hard way, and waits until the receiver is gone",
            [pair, OperatorCommand.Yes], parsed => new OperatorRequest
            {
                Verb = OperatorVerb.ProxyUnbind,
                Number = parsed.GetValue(pair),
            });
    }
}
