using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>The start-up benchmark: publishes the host in every way there is, then starts one after the other, round by round.</summary>
internal static class StartUpBenchmark
{
    public const string Verb = "startup";

    /// <summary>Starts of every host before those that count.</summary>
    public const int UncountedRounds = 2;

    private const double TargetMilliseconds = 150;

    private static readonly JsonSerializerOptions JsonOptions = new() { WriteIndented = true };

    /// <param name="command">The command line, for the report.</param>
    /// <param name="options">What it asks for.</param>
    /// <returns>0; 1 where a host delivered nothing.</returns>
    public static int Run(string command, StartUpOptions options)
    {
        try
        {
            Measure(command, options);
            return 0;
        }
        catch (InvalidOperationException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    private static void Measure(string command, StartUpOptions options)
    {
        List<PublishedHost> hosts = [.. options.Profiles.Select(Publish).OfType<PublishedHost>(), .. options.Hosts];
        var result = new StartUpRun
        {
            Command = command,
            At = DateTimeOffset.UtcNow,
            Machine = MachineDescription.Get(),
            Runtime = RuntimeInformation.FrameworkDescription,
            Rounds = options.Rounds,
            StartUps = RunRounds(hosts, options.Rounds),
        };
        Write(result);
        if (options.Json is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Json))!);
            File.WriteAllText(options.Json, JsonSerializer.Serialize(result, JsonOptions));
        }
    }

    private static PublishedHost? Publish(string profile)
    {
        Console.Error.WriteLine($"publish: {profile}");
        return HostPublisher.Publish(profile);
    }

    private static List<StartUpResult> RunRounds(List<PublishedHost> hosts, int rounds)
    {
        var directory = Directory.CreateTempSubdirectory("dvs-startup-");
        try
        {
            using var measurement = new StartUpMeasurement(directory.FullName);
            List<List<double>> times = [.. hosts.Select(static _ => new List<double>())];
            for (var round = 0; round < UncountedRounds + rounds; round++)
            {
                for (var index = 0; index < hosts.Count; index++)
                {
                    times[index].Add(measurement.Measure(hosts[index].File));
                }
            }

            return [.. hosts.Zip(times, static (host, all) => new StartUpResult(host.Name, Spread.Of(all.Skip(UncountedRounds))))];
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static void Write(StartUpRun result)
    {
        Console.WriteLine($"Machine: {result.Machine}. {result.Runtime}.");
        Console.WriteLine($"Command: `{result.Command}`");
        Console.WriteLine($"From the start of the host's process to its first command delivered, and the answer back; {result.Rounds} starts of each, in turn.");
        Console.WriteLine();
        Console.WriteLine($"| host | median ms | least | most | target: < {TargetMilliseconds} |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var (host, (median, least, most)) in result.StartUps)
        {
            Console.WriteLine($"| {host} | {ResultTable.Number(median)} | {ResultTable.Number(least)} | {ResultTable.Number(most)} | {(median < TargetMilliseconds ? "met" : "missed")} |");
        }
    }
}
