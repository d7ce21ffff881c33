using System.Globalization;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Says what to do about a command that the driver failed: which end of it is at fault, and how to put it right. Asks the driver, and so
/// only where the message is written: <see cref="ToString"/>. Behaviour: RefusedCommandTests.
/// </summary>
internal readonly struct DriverErrorAdvice(PairContext context, CommandHeader command, DvkError error)
{
    /// <inheritdoc/>
    public override string ToString() => error switch
    {
        DvkError.NotBind or DvkError.NoNode => DescribeSource(),
        DvkError.Endpoint => IsBoundAs(command.SourceEndpoint, command.SourceNode) ? DescribeDestination() : DescribeSource(),
        DvkError.LocalProcess => Text(
            $"Its source, {Source}, is bound here as a process of this node: two nodes have a process of that endpoint. Unbind one."),
        DvkError.RemoteProcess or DvkError.DestinationDied => DescribeDestination(),
        DvkError.NodeNotInDc => Text(
            $"DC {command.DcId} does not extend to node {command.SourceNode} here: add the node to it (node add), or name the DC in dcs of this peer."),
        DvkError.DcNotRunning or DvkError.BadDcId => Text(
            $"DC {command.DcId} does not run on this node: start it (dc init), or stop the sender."),
        _ => "",
    };

    private string Source => Text($"endpoint {command.SourceEndpoint} of DC {command.DcId} on node {command.SourceNode}");

    private string DescribeSource()
    {
        var firstUser = FirstUser();
        var remedy = command.SourceEndpoint <= firstUser
            ? Text($"bind it here as a remote process (rmtbind); autobind does not help, it serves endpoints above {firstUser} only")
            : context.Peer.Options.AutoBind ? "autobind could not bind it: see whether its slot is held by another process"
            : "bind it here as a remote process (rmtbind), or set autobind YES for this peer";
        return Text($"Its source, {Source}, is not bound here as that node's: {remedy}.");
    }

    private string DescribeDestination() =>
        Text(
            $"Its destination, endpoint {command.DestinationEndpoint} of DC {command.DcId}, is no process of this node: start it, or correct who sends to it.");

    private bool IsBoundAs(int endpoint, int nodeId)
    {
        try
        {
            var number = EndpointNumber.FromEndpoint(endpoint, context.Environment.Limits.MaxTasks);
            var process = context.Device.GetProcessInfo(command.DcId, number);
            return (process.Status & ProcessStatus.SlotFree) == 0 && process.Endpoint == endpoint && process.NodeId == nodeId;
        }
        catch (DvkException)
        {
            return false;
        }
    }

    private int FirstUser()
    {
        try
        {
            return context.Device.GetDcInfo(command.DcId).FirstUserProcess;
        }
        catch (DvkException)
        {
            return context.Environment.Limits.FirstUserProcess;
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
