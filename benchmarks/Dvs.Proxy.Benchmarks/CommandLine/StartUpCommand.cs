using System.CommandLine;
using Dvs.Proxy.Benchmarks.EndToEnd;

namespace Dvs.Proxy.Benchmarks.CommandLine;

/// <summary>The verb of <see cref="StartUpBenchmark"/>.</summary>
internal static class StartUpCommand
{
    private static readonly StartUpOptions InFull = new();

    public static Command Create()
    {
        var rounds = CommonOptions.Number<int>(
            "--rounds",
            $"measured starts of each host; {StartUpBenchmark.UncountedRounds} more come before and do not count (default: {InFull.Rounds})", "N");
        var profiles = CommonOptions.Names(
            "--profile", "ways to publish the host, with commas between; with --host none are published but those named here", "a profile", HostPublisher.Profiles);
        var hosts = Hosts();
        var json = CommonOptions.Json();
        var command = new Command(
            StartUpBenchmark.Verb,
            "From the start of the host's process to its first command delivered, for every way it is published. About 1 minute after publishing. Exit code 1 where a host delivered "
            + "nothing.")
        {
            rounds, profiles, hosts, json,
        };
        command.SetAction(parsed =>
        {
            var named = parsed.GetValue(hosts) ?? [];
            var chosen = parsed.GetValue(profiles) ?? new HashSet<string>();
            return StartUpBenchmark.Run(BenchmarkCommandLine.Describe(parsed), new StartUpOptions
            {
                Rounds = parsed.GetValue(rounds) ?? InFull.Rounds,
                Profiles = chosen.Count == 0 && named.Length == 0 ? HostPublisher.Profiles : [.. HostPublisher.Profiles.Where(chosen.Contains)],
                Hosts = named,
                Json = parsed.GetValue(json),
            });
        });
        return command;
    }

    /// <summary>Programs that were published before.</summary>
    public static Option<PublishedHost[]> Hosts() => new("--host")
    {
        Description = "a published dvs-proxy program, measured under this name; may be given several times (default: none)",
        HelpName = "NAME=FILE",
        CustomParser = static result => [.. result.Tokens.Select(token => ToHost(token.Value, result.AddError)).OfType<PublishedHost>()],
    };

    private static PublishedHost? ToHost(string text, Action<string> refuse)
    {
        var (name, file) = text.Split('=', 2) is [var before, var after] ? (before, after) : (text, text);
        if (File.Exists(file))
        {
            return new PublishedHost(name, Path.GetFullPath(file));
        }

        refuse($"--host: there is no file {file}.");
        return null;
    }
}
