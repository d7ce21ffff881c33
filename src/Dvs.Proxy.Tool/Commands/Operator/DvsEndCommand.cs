using System.CommandLine;
using Dvs.MultiProxyHost.Operator;

namespace Dvs.MultiProxyHost.Commands.Operator;

/// <summary><c>dvs end</c>: takes this machine out of the cluster.</summary>
internal static class DvsEndCommand
{
    public static Command Create()
    {
        return OperatorCommand.Create("end", "Ends the DVS on this node; stop its proxies first", [OperatorCommand.Yes], _ => new OperatorRequest
        {
            Verb = OperatorVerb.DvsEnd,
        });
    }
}
