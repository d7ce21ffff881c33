using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dvs.Proxy.Benchmarks.EndToEnd;

namespace Dvs.Proxy.Benchmarks.Cuts;

/// <summary>
/// Two processes under full load through a relay, whose connections are cut every 50 to 500 ms, beside the same undisturbed: what the cuts cost,
/// and that nothing is lost, duplicated or reordered. Exit code 1 where something was.
/// </summary>
internal static class CutsBenchmark
{
    public const string Verb = "cuts";

    private const double Target = 0.5;

    private static readonly JsonSerializerOptions JsonOptions = new() { WriteIndented = true };

    /// <param name="command">The command line, for the report.</param>
    /// <param name="options">What it asks for.</param>
    /// <returns>0; 1 where something was lost, duplicated, reordered or damaged, or a run failed.</returns>
    public static async Task<int> RunAsync(string command, CutsOptions options)
    {
        var result = new CutsResult(
            command, DateTimeOffset.UtcNow, MachineDescription.Get(), RuntimeInformation.FrameworkDescription, options.Seed, []);
        Console.WriteLine($"{result.Machine}; {result.Runtime}; seed {result.Seed}");
        Console.WriteLine($"`{result.Command}`");
        Console.WriteLine($"Per combination {options.Seconds} s cut every 50 to 500 ms and as long undisturbed, in {options.Rounds} slices each; medians, in parentheses the least and the most.\n");
        Console.WriteLine("| session with | undisturbed commands/s | cut commands/s | ratio | target | | commands | lost | duplicated | reordered | damaged | connections cut | reconnects | frames sent again |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var combination in CutsCombination.All.Where(combination => options.Only.Count == 0 || options.Only.Contains(combination.Name)))
        {
            try
            {
                await using var run = new CutsRun(combination.Settings);
                result.Combinations.Add(await run.MeasureAsync(combination.Name, options));
            }
            catch (Exception failure) when (failure is InvalidOperationException or TimeoutException)
            {
                await Console.Error.WriteLineAsync($"\n{combination.Name} failed. {failure.Message}");
                return 1;
            }

            Console.WriteLine(Row(result.Combinations[^1]));
        }

        if (options.Json is not null)
        {
            await File.WriteAllTextAsync(options.Json, JsonSerializer.Serialize(result, JsonOptions));
        }

        return result.Combinations.All(static combination => combination.IsIntact) ? 0 : 1;
    }

    private static string Row(CutsCombinationResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {result.Name} | {Rates(result.Undisturbed)} | {Rates(result.Cut)} | {result.Ratio.Median:P0} ({result.Ratio.Least:P0}–{result.Ratio.Most:P0}) | ≥ {Target:P0} | {(result.Ratio.Median >= Target ? "met" : "missed")} | {result.HandedOut:N0} | {result.Lost} | {result.Duplicated} | {result.Reordered} | {result.Damaged} | {result.Cuts} | {result.Reconnects} | {result.FramesSentAgain:N0} |");

    private static string Rates(IReadOnlyList<double> rates)
    {
        var spread = Spread.Of(rates);
        return string.Create(CultureInfo.InvariantCulture, $"{spread.Median:N0} ({spread.Least:N0}–{spread.Most:N0})");
    }
}
