using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dvs.Proxy.Benchmarks.EndToEnd;

namespace Dvs.Proxy.Benchmarks.Driver;

/// <summary>
/// The whole way of a command with the driver's calls in it: get2rmt, the wire, put2lcl, by <c>open</c> and <c>ioctl</c> of libc. Beside our programs, in
/// turn, a plain proxy in C that does the same.
/// </summary>
internal static class DriverBenchmark
{
    public const string Verb = "driver";

    private const string Reference = "C";

    private static readonly JsonSerializerOptions JsonOptions = new() { WriteIndented = true };

    private static readonly bool[] WithCalls = [false, true];

    /// <param name="command">The command line, for the report.</param>
    /// <param name="options">What it asks for.</param>
    /// <returns>0; 1 where the run failed.</returns>
    public static int Run(string command, DriverOptions options)
    {
        var directory = Directory.CreateTempSubdirectory("dvs-driver-");
        try
        {
            Measure(command, options, directory.FullName);
            return 0;
        }
        catch (InvalidOperationException failure)
        {
            Console.Error.WriteLine($"\nThe run failed. {failure.Message}\n{ProxyPair.LastLine}");
            return 1;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static void Measure(string command, DriverOptions options, string directory)
    {
        var programs = DriverPrograms.Build(directory);
        List<PublishedHost> hosts = [.. options.Profiles.Select(HostPublisher.Publish).OfType<PublishedHost>(), .. options.Hosts];
        List<ProxyKind> kinds =
        [
            new(Reference, null, false),
            .. hosts.SelectMany(static host => new[] { new ProxyKind($"{host.Name}, classic", host.File, false), new ProxyKind($"{host.Name}, session", host.File, true) }),
        ];
        Console.WriteLine($"{MachineDescription.Get()}; {RuntimeInformation.FrameworkDescription}");
        Console.WriteLine($"`{command}`");
        Console.WriteLine($"Medians of {options.Rounds} rounds of {options.Seconds.ToString(CultureInfo.InvariantCulture)} s, in turn; least and most in parentheses.");
        List<DriverResult> results = [];
        foreach (var shape in DriverShape.All.Where(shape => options.Only.Count == 0 || options.Only.Contains(shape.Name)))
        {
            var measured = Measure(shape, kinds, programs, options, directory);
            Write(shape, measured);
            results.AddRange(measured);
        }

        if (options.Json is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(options.Json))!);
            File.WriteAllText(options.Json, JsonSerializer.Serialize(results, JsonOptions));
        }
    }

    private static List<DriverResult> Measure(DriverShape shape, List<ProxyKind> kinds, DriverPrograms programs, DriverOptions options, string directory)
    {
        List<ProxyPair> pairs = [];
        List<DriverResult> results = [.. kinds.SelectMany(kind => WithCalls.Select(calls => new DriverResult(shape.Name, kind.Name, calls, [])))];
        try
        {
            foreach (var kind in kinds)
            {
                Progress($"{shape.Name}: warm-up of {kind.Name}");
                pairs.Add(new ProxyPair(kind, shape, programs, directory));
                pairs[^1].WarmUp(kind.Host is null ? 0 : options.WarmSeconds);
            }

            for (var round = 1; round <= options.Rounds; round++)
            {
                Progress($"{shape.Name}: round {round} of {options.Rounds}");
                for (var index = 0; index < results.Count; index++)
                {
                    results[index].Rounds.Add(pairs[index / 2].Measure(options.Seconds, results[index].SystemCalls));
                }
            }
        }
        finally
        {
            pairs.ForEach(static pair => pair.Dispose());
        }

        Progress("");
        return results;
    }

    private static void Write(DriverShape shape, List<DriverResult> results)
    {
        Console.WriteLine();
        Console.WriteLine($"| {shape.Title} | commands/s | x C | CPU s per million: sender | receiver | both | x C | receiver x C |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var result in results.OrderBy(static result => result.SystemCalls))
        {
            var reference = results.Single(other => other.Kind == Reference && other.SystemCalls == result.SystemCalls);
            string Ratio(Func<ProxyPairRound, double> of) => Text(Spread.Of(result.Rounds.Zip(reference.Rounds, (ours, c) => of(ours) / of(c))));
            Console.WriteLine(
                $"| {result.Kind}{(result.SystemCalls ? ", with system calls" : "")} | {Spread.Of(result.Rounds.Select(static round => round.PerSecond)).Median.ToString("N0", CultureInfo.InvariantCulture)} "
                + $"| {Ratio(static round => round.PerSecond)} | {Median(result, static round => round.SenderCpu)} | {Median(result, static round => round.ReceiverCpu)} "
                + $"| {Median(result, static round => round.Cpu)} | {Ratio(static round => round.Cpu)} | {Ratio(static round => round.ReceiverCpu)} |");
        }
    }

    private static string Median(DriverResult result, Func<ProxyPairRound, double> of) => Number(Spread.Of(result.Rounds.Select(of)).Median);

    private static string Text(Spread spread) => $"{Number(spread.Median)} ({Number(spread.Least)}–{Number(spread.Most)})";

    private static string Number(double value) => value.ToString(value < 10 ? "0.000" : "0.0", CultureInfo.InvariantCulture);

    private static void Progress(string text) => Console.Error.Write(Console.IsErrorRedirected ? (text.Length == 0 ? "" : text + "\n") : $"\r{text,-60}");
}

/// <summary>All rounds of a program, of a shape of traffic.</summary>
internal sealed record DriverResult(string Shape, string Kind, bool SystemCalls, List<ProxyPairRound> Rounds);
