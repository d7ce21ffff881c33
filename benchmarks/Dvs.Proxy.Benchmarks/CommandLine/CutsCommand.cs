using System.CommandLine;
using Dvs.Proxy.Benchmarks.Cuts;

namespace Dvs.Proxy.Benchmarks.CommandLine;

/// <summary>The verb of <see cref="CutsBenchmark"/>.</summary>
internal static class CutsCommand
{
    private static readonly CutsOptions InFull = new();

    public static Command Create()
    {
        var seconds = CommonOptions.Number<double>(
            "--seconds", $"seconds for which connections are cut, and as many undisturbed, per combination (default: {InFull.Seconds})", "SECONDS");
        var rounds = CommonOptions.Number<int>("--rounds", $"slices of these seconds, undisturbed and cut in turn (default: {InFull.Rounds})", "N");
        var warm = CommonOptions.Number<double>("--warm", $"seconds of load before the first slice, not counted (default: {InFull.WarmSeconds})", "SECONDS");
        var only = CommonOptions.Names("--only", "settings of the session, with commas between", "a combination", [.. CutsCombination.All.Select(static combination => combination.Name)]);
        var seed = CommonOptions.Number<int>("--seed", "repeats the cuts of a run, which prints its own (default: by chance)", "N", orZero: true);
        var json = CommonOptions.Json();
        var command = new Command(
            CutsBenchmark.Verb,
            "Two processes under full load whose connections are cut every 50 to 500 ms, beside the same undisturbed: what the cuts cost, and that nothing is lost. About 11 minutes. "
            + "Exit code 1 where a command was lost, duplicated, reordered or damaged.")
        {
            seconds, rounds, warm, only, seed, json,
        };
        command.SetAction((parsed, _) => CutsBenchmark.RunAsync(BenchmarkCommandLine.Describe(parsed), new CutsOptions
        {
            Seconds = parsed.GetValue(seconds) ?? InFull.Seconds,
            Rounds = parsed.GetValue(rounds) ?? InFull.Rounds,
            WarmSeconds = parsed.GetValue(warm) ?? InFull.WarmSeconds,
            Only = parsed.GetValue(only) ?? InFull.Only,
            Seed = parsed.GetValue(seed) ?? InFull.Seed,
            Json = parsed.GetValue(json),
        }));
        return command;
    }
}
