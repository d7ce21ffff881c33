using System.CommandLine;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Options;

namespace MultiProxyHost;

/// <summary><c>run</c>: its options, and what its failures tell the caller.</summary>
internal static class RunVerb
{
    private const int CannotRun = 2;

    /// <returns>The exit code: 0 after SIGINT or SIGTERM, 2 for what the user can put right; the message says how.</returns>
    public static async Task<int> InvokeAsync(string[] args)
    {
        var parsed = new RootCommand("A proxy host to copy; the command with every verb is dvs-proxy.") { CreateCommand() }.Parse(args);
        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync(error.Message);
        }

        // The host has its own way with signals, and exceptions are told below.
        var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return parsed.Errors.Count > 0 ? CannotRun : await parsed.InvokeAsync(invocation);
        }
        catch (Exception exception)
            when (exception is ConfigurationException or OptionsValidationException or DvkException or ProxyTransportException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return CannotRun;
        }
    }

    private static Command CreateCommand()
    {
        var config = new Option<string>("--config")
        {
            Description = "configuration file in the classic format",
            HelpName = "FILE",
            Required = true,
        };
        var device = new Option<string>("--device")
        {
            Description = "the driver: emulated, or the path of the kernel driver's device",
            HelpName = "emulated|/dev/dvk",
            DefaultValueFactory = static _ => ProxyHost.Emulated,
        };
        var node = new Option<int?>("--node")
        {
            Description = "id of this node for the emulated driver (default: nodeid of the file)",
            HelpName = "N",
        };
        var verbose = new Option<bool>("--verbose") { Description = "log everything" };
        var command = new Command("run", "Runs the proxy of this node until SIGINT or SIGTERM") { config, device, node, verbose };
        command.SetAction((parsed, cancellation) => ProxyHost.RunAsync(
            ClassicConfiguration.Load(parsed.GetValue(config)!),
            parsed.GetValue(device)!,
            parsed.GetValue(node),
            parsed.GetValue(verbose),
            cancellation));
        return command;
    }
}
