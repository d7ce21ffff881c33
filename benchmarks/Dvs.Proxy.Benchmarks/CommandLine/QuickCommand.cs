using System.CommandLine;

namespace Dvs.Proxy.Benchmarks.CommandLine;

/// <summary>The verb of <see cref="QuickRun"/>.</summary>
internal static class QuickCommand
{
    public static Command Create()
    {
        var filters = new Argument<string[]>("FILTER")
        {
            Description = "only the benchmarks whose full name matches, with * for anything; several may be given (default: all)",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            QuickRun.Verb,
            "Runs every micro-benchmark in a short form, in 1 to 2 minutes. Fails where something allocates that must not (1) or does not run (2); times are kept in "
            + "artifacts/benchmarks/quick.json, not judged.")
        {
            filters,
        };
        command.SetAction(parsed => QuickRun.Run(parsed.GetValue(filters)!));
        return command;
    }
}
