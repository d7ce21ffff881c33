using System.CommandLine;
using System.Runtime.InteropServices;
using Dvs.Proxy.Tool.Campaign;
using Dvs.Proxy.Tool.Output;

namespace Dvs.Proxy.Tool.Commands;

/// <summary><c>demo</c>, also what happens without a verb: the verification campaign across two processes.</summary>
internal static class DemoCommand
{
    private const string Name = "demo";

    /// <summary>Adds the verb, and makes it what the program does without one.</summary>
    public static void AddTo(RootCommand root)
    {
        var demo = new Command(Name, "Runs the verification campaign across two nodes on this machine (the default)");
        AddOptionsAndAction(demo);
        AddOptionsAndAction(root);
        root.Add(demo);
    }

    private static void AddOptionsAndAction(Command command)
    {
        var format = SharedOptions.Format();
        var verbose = SharedOptions.Verbose("log connects, disconnects and bindings of both nodes");
        var timeLimit = new Option<int>("--time-limit")
        {
            Description = "give up after this many seconds and say what was stuck",
            HelpName = "seconds",
            DefaultValueFactory = static _ => 120,
        };
        timeLimit.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--time-limit is a number of seconds from 1.");
            }
        });
        var device = new Option<string>("--device")
        {
            Description = "the driver of both nodes: emulated, or a path that is a driver of its own in each process, as under the tests' native stand-in; "
                + "one kernel module is one node and cannot be both",
            HelpName = "emulated|/dev/dvk",
            DefaultValueFactory = static _ => DeviceFactory.Emulated,
        };
        command.Options.Add(device);
        command.Options.Add(format);
        command.Options.Add(verbose);
        command.Options.Add(timeLimit);
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(device)!, parsed.GetValue(format), parsed.GetValue(verbose), TimeSpan.FromSeconds(parsed.GetValue(timeLimit)), cancellation));
    }

    private static async Task<int> RunAsync(string device, OutputFormat format, bool verbose, TimeSpan timeLimit, CancellationToken cancellation)
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var onInterrupt = CancelOn(PosixSignal.SIGINT, interrupt);
        using var onTerminate = CancelOn(PosixSignal.SIGTERM, interrupt);
        await using var watcher = Watcher();
        var text = format == OutputFormat.Text ? new CampaignTextWriter(Console.Out, watcher, device) : null;
        text?.WriteHead();
        var report = await new VerificationCampaign(device, verbose, text).RunAsync(timeLimit, interrupt.Token);
        if (text is null)
        {
            await HostJson.WriteAsync(Console.Out, report, HostJson.Default.CampaignReport);
        }
        else
        {
            text.WriteEnd(report);
        }

        return report.Passed ? ExitCode.Success : ExitCode.CheckFailed;
    }

    // Only where what is written over is seen, and does not end up among the rows of a file. Not the program's standard error, which lets no control
    // characters through; nothing from outside is written here.
    private static StreamWriter? Watcher() =>
        Console.IsOutputRedirected || Console.IsErrorRedirected ? null : new StreamWriter(Console.OpenStandardError()) { AutoFlush = true };

    private static PosixSignalRegistration CancelOn(PosixSignal signal, CancellationTokenSource source) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            source.Cancel();
        });
}
