using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>proxy unbind</c>: frees a pair from outside.</summary>
internal static class ProxyUnbindCommand
{
    public static Command Create()
    {
        var pair = OperatorCommand.Number("PROXY", "id of the pair");
        return OperatorCommand.Create("unbind", "Frees a proxy pair from outside: ends its threads the hard way, and waits until the receiver is gone", [pair, OperatorCommand.Yes], parsed => new OperatorRequest
        {
            Verb = OperatorVerb.ProxyUnbind,
            Number = parsed.GetValue(pair),
        });
    }
}
