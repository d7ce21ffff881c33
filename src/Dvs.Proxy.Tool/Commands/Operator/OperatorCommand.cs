using System.CommandLine;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Tool.Control;
using Dvs.Proxy.Tool.Operator;
using Dvs.Proxy.Tool.Output;

namespace Dvs.Proxy.Tool.Commands.Operator;

/// <summary>What the operator's verbs have in common: the driver they are for, how they print, and how they fail.</summary>
internal static class OperatorCommand
{
    /// <summary>A verb.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="symbols">Its own arguments and options.</param>
    /// <param name="createRequest">Makes the request from them.</param>
    public static Command Create(string name, string description, IReadOnlyList<Symbol> symbols, Func<ParseResult, OperatorRequest> createRequest)
    {
        var device = new Option<string>("--device")
        {
            Description = "the driver: the path of the kernel driver's device, or emulated for that of a host that was started with run",
            HelpName = "/dev/dvk|emulated",
            DefaultValueFactory = static _ => KernelDvkDevice.DefaultPath,
        };
        var fixes = SharedOptions.DriverFixes();
        var socket = SharedOptions.Socket($"with --device emulated: status socket of that host (default: the only one in {StatusSocketPath.Folder})");
        var format = SharedOptions.Format();
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            Add(command, symbol);
        }

        command.Add(device);
        command.Add(fixes);
        command.Add(socket);
        command.Add(format);
        command.SetAction((parsed, cancellation) => RunAsync(
            new OperatorTarget(parsed.GetValue(device)!, parsed.GetValue(fixes), parsed.GetValue(socket)),
            createRequest(parsed),
            symbols.Contains(Yes) && parsed.GetValue(Yes),
            parsed.GetValue(format),
            cancellation));
        return command;
    }

    /// <summary>Of the verbs that ask first.</summary>
    public static Option<bool> Yes { get; } = new("--yes") { Description = "do not ask, even with the kernel driver" };

    public static Argument<int> Number(string name, string description) => new(name) { Description = description };

    public static Argument<int?> OptionalNumber(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    public static Option<int> Dc() => new("--dc") { Description = "id of the DC (default: 0)", HelpName = "DC" };

    public static Option<int?> Limit(string name, string description) => new(name) { Description = description, HelpName = "N" };

    private static void Add(Command command, Symbol symbol)
    {
        if (symbol is Argument argument)
        {
            command.Add(argument);
        }
        else
        {
            command.Add((Option)symbol);
        }
    }

    private static async Task<int> RunAsync(OperatorTarget target, OperatorRequest request, bool isAgreed, OutputFormat format, CancellationToken cancellation)
    {
        if (!isAgreed && !DeviceFactory.IsEmulated(target.Device) && OperatorRisk.Of(request) is { } risk && !await AskAsync(risk))
        {
            await Console.Error.WriteLineAsync("Not done.");
            return ExitCode.CannotRun;
        }

        var answer = await target.AskAsync(request, cancellation);
        if (format == OutputFormat.Json)
        {
            await HostJson.WriteAsync(Console.Out, answer, HostJson.Default.OperatorAnswer);
        }
        else if (answer.Failure is null)
        {
            OperatorTextWriter.Write(Console.Out, answer);
        }

        if (answer.Failure is { } failure)
        {
            OperatorTextWriter.WriteFailure(Console.Error, failure);
            return ExitCode.CannotRun;
        }

        return ExitCode.Success;
    }

    /// <exception cref="HostException">There is nobody to ask.</exception>
    private static async Task<bool> AskAsync(string risk)
    {
        if (Console.IsInputRedirected)
        {
            throw new HostException($"{risk}{Environment.NewLine}Not done: there is no terminal to ask at. With --yes it is done without a question.");
        }

        await Console.Error.WriteAsync($"{risk}{Environment.NewLine}Do it? [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
