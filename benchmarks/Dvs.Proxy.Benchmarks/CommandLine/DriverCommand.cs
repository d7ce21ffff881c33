using System.CommandLine;
using Dvs.Proxy.Benchmarks.Driver;
using Dvs.Proxy.Benchmarks.EndToEnd;

namespace Dvs.Proxy.Benchmarks.CommandLine;

/// <summary>The verb of <see cref="DriverBenchmark"/>.</summary>
internal static class DriverCommand
{
    private static readonly DriverOptions InFull = new();

    public static Command Create()
    {
        var rounds = CommonOptions.Number<int>("--rounds", $"measured rounds of every shape, all programs in turn (default: {InFull.Rounds})", "N");
        var seconds = CommonOptions.Number<double>("--seconds", $"length of a round in seconds (default: {InFull.Seconds})", "SECONDS");
        var warm = CommonOptions.Number<double>("--warm", $"seconds of load before the first round, not counted (default: {InFull.WarmSeconds})", "SECONDS");
        var only = CommonOptions.Names("--only", "shapes of traffic, with commas between", "a shape", [.. DriverShape.All.Select(static shape => shape.Name)]);
        var profiles = CommonOptions.Names(
            "--profile", "ways to publish our program, with commas between; with --host none are published but those named here", "a profile", HostPublisher.Profiles);
        var hosts = StartUpCommand.Hosts();
        var json = CommonOptions.Json();
        var command = new Command(
            DriverBenchmark.Verb,
            "Two processes over loopback whose driver is called as the real one is (open, ioctl) and always has a command ready, beside a plain proxy in C, in turn: commands and CPU, "
            + "without and with a system call per driver call. About 8 minutes after publishing; needs gcc. Exit code 1 where a command was lost, reordered or damaged.")
        {
            rounds, seconds, warm, only, profiles, hosts, json,
        };
        command.SetAction(parsed =>
        {
            var named = parsed.GetValue(hosts) ?? [];
            var chosen = parsed.GetValue(profiles) ?? new HashSet<string>();
            return DriverBenchmark.Run(BenchmarkCommandLine.Describe(parsed), new DriverOptions
            {
                Rounds = parsed.GetValue(rounds) ?? InFull.Rounds,
                Seconds = parsed.GetValue(seconds) ?? InFull.Seconds,
                WarmSeconds = parsed.GetValue(warm) ?? InFull.WarmSeconds,
                Only = parsed.GetValue(only) ?? InFull.Only,
                Profiles = chosen.Count == 0 && named.Length == 0 ? [HostPublisher.Jit, HostPublisher.NativeAot] : [.. HostPublisher.Profiles.Where(chosen.Contains)],
                Hosts = named,
                Json = parsed.GetValue(json),
            });
        });
        return command;
    }
}
