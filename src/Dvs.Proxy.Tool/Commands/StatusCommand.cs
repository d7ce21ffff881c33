using System.CommandLine;
using Dvs.Proxy.Tool.Control;
using Dvs.Proxy.Tool.Output;

namespace Dvs.Proxy.Tool.Commands;

/// <summary><c>status</c>: what a running proxy of this user does.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var socket = SharedOptions.Socket($"its status socket (default: the only one in {StatusSocketPath.Folder})");
        var node = new Option<int?>("--node") { Description = "id of its node, where several run here", HelpName = "N" };
        var format = SharedOptions.Format();
        var command = new Command("status", "Prints what a proxy that was started with run does") { socket, node, format };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(socket), parsed.GetValue(node), parsed.GetValue(format), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? socket, int? node, OutputFormat format, CancellationToken cancellation)
    {
        var path = socket ?? StatusSocketPath.Find(node);
        var status = await StatusClient.ReadAsync(path, cancellation);
        if (format == OutputFormat.Json)
        {
            await HostJson.WriteAsync(Console.Out, status, HostJson.Default.HostStatus);
        }
        else
        {
            await Console.Out.WriteAsync(status.ToString());
        }

        return ExitCode.Success;
    }
}
