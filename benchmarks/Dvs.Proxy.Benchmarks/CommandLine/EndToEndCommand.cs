using System.CommandLine;
using Dvs.Proxy.Benchmarks.EndToEnd;

namespace Dvs.Proxy.Benchmarks.CommandLine;

/// <summary>The verb of <see cref="EndToEndBenchmark"/>.</summary>
internal static class EndToEndCommand
{
    private static readonly EndToEndOptions InFull = new();
    private static readonly EndToEndOptions InShort = EndToEndOptions.InShort;

    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "short rounds, for a first look: sets other defaults, as named with each option (default: in full)" };
        var rounds = CommonOptions.Number<int>("--rounds", $"measured rounds of every scenario, ours and the limit in turn (default: {InFull.Rounds}; with --quick: {InShort.Rounds})", "N");
        var seconds = CommonOptions.Number<double>("--seconds", $"length of a round in seconds (default: {InFull.Seconds}; with --quick: {InShort.Seconds})", "SECONDS");
        var warm = CommonOptions.Number<double>(
            "--warm", $"seconds before each round that are not measured; a window that sizes itself grows meanwhile (default: {InFull.WarmSeconds}; with --quick: {InShort.WarmSeconds})", "SECONDS");
        var only = CommonOptions.Names(
            "--only", "what to measure, with commas between", "a scenario", [.. Scenario.All.Select(static scenario => scenario.Name), EndToEndBenchmark.Memory, EndToEndBenchmark.Allocation]);
        var json = CommonOptions.Json();
        var svg = new Option<string?>("--svg") { Description = "draws a picture of the results into this file (default: none)", HelpName = "FILE" };
        var draw = new Option<string?>("--draw")
        {
            Description = "measures nothing, but draws the picture of an earlier run from its JSON file, into --svg FILE or beside it (default: measure)",
            HelpName = "FILE",
        };
        var commands = CommonOptions.Number<long>("--commands", $"commands over which allocation is counted (default: {InFull.Commands:N0}; with --quick: {InShort.Commands:N0})", "N");
        var pin = new Option<bool>("--pin") { Description = "binds each of the two processes to one core, with taskset (default: the kernel decides)" };
        var withoutC = new Option<bool>("--no-c") { Description = "takes the limit program in .NET (default: the one in C where there is gcc)" };
        var spin = CommonOptions.Number<int>(
            "--spin", "microseconds for which the benchmark's driver looks for a command before it sleeps (default: 0, it sleeps at once)", "MICROSECONDS", orZero: true);
        var proxySpin = CommonOptions.Number<int>(
            "--proxy-spin", "microseconds for which the proxies look for work before they sleep, PeerOptions.Spin (default: 0, they sleep at once)", "MICROSECONDS", orZero: true);
        var baseline = new Option<string?>("--baseline")
        {
            Description = "compares the results with those of an earlier run, from its JSON file (default: none)",
            HelpName = "FILE",
        };
        var link = new Option<string?>("--link")
        {
            Description = "runs all of it, the limit too, over a line with this rate, such as 100mbit or 1gbit. Without --delay over a loopback with that rate: in a network namespace, "
                + "so as root, with tc; both directions share the rate (default: the loopback as it is)",
            HelpName = "RATE",
        };
        var delay = CommonOptions.Number<double>(
            "--delay", "round trip in milliseconds that the line adds: a relay between the nodes, and between the ends of the limit, gives each byte out half of it later, and at the rate "
            + "of --link in each direction. 0 is the relay without delay (default: no relay)", "MS", orZero: true);
        link.Validators.Add(static result =>
        {
            if (result.Tokens is [{ } token] && LinePlan.ParseRate(token.Value) is null)
            {
                result.AddError($"--link: '{token.Value}' is no rate such as 10mbit or 1gbit.");
            }
        });
        draw.Validators.Add(CommonOptions.ExistingFile);
        baseline.Validators.Add(CommonOptions.ExistingFile);
        var command = new Command(
            EndToEndBenchmark.Verb,
            "Two processes over loopback beside a bare socket program that does the same, in turn: throughput, CPU, round trips, system calls, memory and allocation. About "
            + "13 minutes, 3 with --quick. Exit code 1 where the run failed; what misses a target is only said.")
        {
            quick, rounds, seconds, warm, only, json, svg, draw, commands, pin, withoutC, spin, proxySpin, link, delay, baseline,
        };
        command.SetAction(parsed =>
        {
            var rate = parsed.GetValue(link);
            var milliseconds = parsed.GetValue(delay);
            if (rate is not null && milliseconds is null && SlowLink.TryRunBehind(rate, Environment.GetCommandLineArgs().Skip(1), out var exitCode))
            {
                return exitCode;
            }

            var basis = parsed.GetValue(quick) ? InShort : InFull;
            return EndToEndBenchmark.Run(BenchmarkCommandLine.Describe(parsed), basis with
            {
                Rounds = parsed.GetValue(rounds) ?? basis.Rounds,
                Seconds = parsed.GetValue(seconds) ?? basis.Seconds,
                WarmSeconds = parsed.GetValue(warm) ?? basis.WarmSeconds,
                Line = rate is null && milliseconds is null ? null : new LinePlan(rate is null ? 0 : LinePlan.ParseRate(rate)!.Value, milliseconds ?? 0),
                HasRelay = milliseconds is not null,
                Only = parsed.GetValue(only) ?? basis.Only,
                Json = parsed.GetValue(json),
                Svg = parsed.GetValue(svg),
                Draw = parsed.GetValue(draw),
                Baseline = parsed.GetValue(baseline),
                Commands = parsed.GetValue(commands) ?? basis.Commands,
                Pin = parsed.GetValue(pin),
                AllowC = !parsed.GetValue(withoutC),
                ProxySpin = parsed.GetValue(proxySpin) ?? basis.ProxySpin,
                Spin = parsed.GetValue(spin) ?? basis.Spin,
            });
        });
        return command;
    }
}
