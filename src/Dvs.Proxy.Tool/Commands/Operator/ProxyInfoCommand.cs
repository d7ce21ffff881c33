using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>proxy info</c>: proxy pairs and their threads.</summary>
internal static class ProxyInfoCommand
{
    public static Command Create()
    {
        var pair = OperatorCommand.OptionalNumber("PROXY", "id of the pair, by habit the peer's node id (default: all that are bound)");
        return OperatorCommand.Create("info", "Prints a proxy pair and its threads, or all that are bound", [pair], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.ProxyInfo,
            Number = parsed.GetValue(pair),
        });
    }
}
