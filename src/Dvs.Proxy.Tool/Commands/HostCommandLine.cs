using System.CommandLine;
using System.CommandLine.Parsing;
using Dvs.MultiProxyHost.Commands.Operator;

namespace Dvs.MultiProxyHost.Commands;

/// <summary>The verbs, put together.</summary>
internal static class HostCommandLine
{
    public static async Task<int> InvokeAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,

            // Every verb that runs for longer has its own way with signals.
            ProcessTerminationTimeout = null,
        };
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync($"Help: MultiProxyHost {HelpPath(parsed)}--help");
            return ExitCode.CannotRun;
        }

        return await parsed.InvokeAsync(configuration);
    }

    private static RootCommand Create()
    {
        var root = new RootCommand(
            """
            Multi-node proxy of a DVS cluster: takes commands from this node's driver, ships them to the peer nodes and delivers theirs.

            Without a verb: the demo. Two nodes as two processes on this machine, each with an emulated driver, and the
            verification campaign across them. To go on from there:
              MultiProxyHost run --config node0.cfg        in one terminal
              MultiProxyHost run --config node1.cfg        in another
              MultiProxyHost status --node 0               in a third
            The two commented configuration files lie beside the program.
            """);
        DemoCommand.AddTo(root);
        root.Add(RunCommand.Create());
        root.Add(CheckConfigCommand.Create());
        root.Add(StatusCommand.Create());
        root.Add(Group("dvs", "This machine's part of the cluster", DvsInitCommand.Create(), DvsInfoCommand.Create(), DvsEndCommand.Create()));
        root.Add(Group("dc", "Distributed containers of this node", DcInitCommand.Create(), DcInfoCommand.Create(), DcEndCommand.Create()));
        root.Add(Group("node", "Nodes that a container extends to", NodeAddCommand.Create(), NodeDelCommand.Create(), NodeInfoCommand.Create()));
        root.Add(Group("proxy", "Proxy pairs as the driver sees them", ProxyInfoCommand.Create(), ProxyUnbindCommand.Create()));
        root.Add(Group("proc", "Processes of a container", ProcInfoCommand.Create()));
        root.Add(DemoNodeCommand.Create());
        return root;
    }

    private static Command Group(string name, string description, params Command[] verbs)
    {
        var group = new Command(name, description);
        foreach (var verb in verbs)
        {
            group.Add(verb);
        }

        return group;
    }

    private static string HelpPath(ParseResult parsed)
    {
        var path = "";
        for (var result = parsed.CommandResult; result is { Command: not RootCommand }; result = result.Parent as CommandResult)
        {
            path = $"{result.Command.Name} {path}";
        }

        return path;
    }
}
