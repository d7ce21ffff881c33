using System.CommandLine;
using System.CommandLine.Parsing;
using Dvs.Proxy.Tool.Commands.Operator;

namespace Dvs.Proxy.Tool.Commands;

/// <summary>The verbs, put together.</summary>
internal static class ToolCommandLine
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

            await Console.Error.WriteLineAsync($"Help: dvs-proxy {HelpPath(parsed)}--help");
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
              dvs-proxy run --config node0.cfg        in one terminal
              dvs-proxy run --config node1.cfg        in another
              dvs-proxy status --node 0               in a third
            The two commented configuration files lie beside the program.
            """);
        DemoCommand.AddTo(root);
        root.Add(RunCommand.Create());
        root.Add(CheckConfigCommand.Create());
        root.Add(StatusCommand.Create());
        root.Add(DvsCommands.Create());
        root.Add(DcCommands.Create());
        root.Add(NodeCommands.Create());
        root.Add(ProxyCommands.Create());
        root.Add(ProcCommands.Create());
        root.Add(DemoNodeCommand.Create());
        return root;
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
