using System.Globalization;
using Xunit.Abstractions;

namespace Dvs.Proxy.Tests.Exploration;

/// <summary>
/// The threads of session and shutdown, explored: the library's own code under a scheduler that decides at every synchronization point who
/// goes on. <c>DVS_EXPLORE=long</c> goes further; <c>DVS_EXPLORE="17:1 45:2"</c> runs the one schedule that a failure printed.
/// </summary>
public class ExplorationTests(ITestOutputHelper output)
{
    private const int LongSeconds = 120;

    private static readonly string Mode = Environment.GetEnvironmentVariable("DVS_EXPLORE") ?? "";

    [Theory]
    [InlineData("cut", 1, 500)]
    [InlineData("stop", 1, 500)]
    [InlineData("peer stops", 1, 500)]
    [InlineData("full window", 1, 500)]
    [InlineData("full window to the end", 1, 500)]
    [InlineData("stalled peer", 1, 500)]
    [InlineData("give up", 1, 500)]
    [InlineData("give up or return", 1, 500)]
    public void Session_threads(string scenario, int departures, int samples) => Explore(scenario, departures, samples);

    private void Explore(string scenario, int departures, int samples)
    {
        var bounds = Mode switch
        {
            "" => new ExplorationBounds(departures, samples),
            "long" => new ExplorationBounds(departures + 1, samples * 20, Seconds: LongSeconds),
            _ => new ExplorationBounds(0, Replay: Mode),
        };
        var result = ExplorationHost.Explore(scenario, bounds);
        output.WriteLine(result.Summary);
        Assert.True(result.Failure is null, $"{scenario}: {result.Failure}");
        Assert.True(result.Schedules > 100 || Mode.Contains(':', StringComparison.Ordinal), result.Schedules.ToString(CultureInfo.InvariantCulture));
    }
}
