using System.CommandLine;
using Dvs.Proxy.Tool.Campaign.Nodes;

namespace Dvs.Proxy.Tool.Commands;

/// <summary><c>demo-node</c>, hidden: one node of the demo, told by its parent what to do.</summary>
internal static class DemoNodeCommand
{
    public const string Name = "demo-node";

    public static Command Create()
    {
        var command = new Command(Name, "One node of the demo; speaks JSON lines with its parent") { Hidden = true };
        var verbose = SharedOptions.Verbose("log everything");
        var device = new Option<string>("--device") { DefaultValueFactory = static _ => DeviceFactory.Emulated };
        command.Options.Add(verbose);
        command.Options.Add(device);
        command.SetAction((parsed, _) => NodeAgent.RunAsync(parsed.GetValue(device)!, parsed.GetValue(verbose)));
        return command;
    }
}
