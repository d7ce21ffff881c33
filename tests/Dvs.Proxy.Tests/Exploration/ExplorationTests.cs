using System.Globalization;
using Dvs.Proxy.Tests.Exploration.Rewriting;

namespace Dvs.Proxy.Tests.Exploration;

/// <summary>
/// The threads of session and shutdown, explored: the library's own code under a scheduler that decides at every synchronization point who
/// goes on. <c>DVS_EXPLORE=long</c> goes further; <c>DVS_EXPLORE="17:1 45:2"</c> runs the one schedule that a failure printed.
/// </summary>
public class ExplorationTests(ITestOutputHelper output)
{
    private const int LongSeconds = 300;

    private static readonly string Mode = Environment.GetEnvironmentVariable("DVS_EXPLORE") ?? "";

    /// <summary>Each with a watcher that reads what the peer says, and with a sender that does so itself.</summary>
    public static TheoryData<string> Sessions
    {
        get
        {
            var all = new TheoryData<string>();
            foreach (var name in (string[])
                [
                    "cut",
                    "stop",
                    "peer stops",
                    "full window",
                    "full window to the end",
                    "stalled peer",
                    "give up",
                    "give up or return",
                    "stalled delivery",
                    "replaced",
                    "replaced and stopped",
                    "delayed acknowledgements",
                ])
            {
                all.Add(name);
                all.Add(name + ScenarioList.AsOverTcp);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Sessions))]
    public void Session_threads(string scenario) => Explore(scenario, departures: 1, samples: 200);

    [Theory]
    [InlineData("mailbox", 3, 200)]
    [InlineData("slot", 2, 200)]
    [InlineData("slot in use", 2, 200)]
    [InlineData("receiver stops", 3, 200)]
    public void Parts(string scenario, int departures, int samples) => Explore(scenario, departures, samples);

    [Theory]
    [InlineData("pair stop", 1, 200)]
    [InlineData("pair refused", 1, 200)]
    [InlineData("pair stop during start", 1, 200)]
    [InlineData("pair unbound", 1, 200)]
    [InlineData("pair parked and resumed", 1, 200)]
    [InlineData("pair parked and stopped", 1, 200)]
    [InlineData("pair parked and stopped, as over TCP", 1, 200)]
    [InlineData("pair with a planned stop", 1, 200)]
    public void Pairs(string scenario, int departures, int samples) => Explore(scenario, departures, samples);

    [Theory]
    [InlineData("lost update", "Assert.Equal")]
    [InlineData("two locks", "Deadlock")]
    public void Faulty_code_is_found(string scenario, string symptom) => AssertFound(scenario, symptom, null);

    // Faults put into the library's own code: each leaves out one call.
    [Theory]
    [InlineData("mailbox", "AcknowledgementMailbox", "Publish", "WakeTaker", "Deadlock")]
    [InlineData("mailbox", "AcknowledgementMailbox", "Close", "WakeTaker", "Deadlock")]
    [InlineData("slot", "ConnectionHandover", "Close", "PulseAll", "Deadlock")]
    [InlineData("cut", "ConnectionHandover", "Offer", "PulseAll", "does not end")]
    [InlineData("pair refused", "ThreadGate", "Open", "Set", "does not end")]
    [InlineData("pair stop", "PairEnding", "WaitForSenderThread", "Join", "Assert.Equal")]
    [InlineData("pair stop", "PairEnding", "WaitForOther", "PulseAll", "does not end")]
    [InlineData("pair parked and resumed", "PairLifetime", "Resume", "PulseAll", "does not end")]
    [InlineData("give up", "SenderProxy", "RequestStop", "Stop", "does not end")]
    [InlineData("full window to the end, as over TCP", "SessionReplies", "Consume", "Publish", "does not end")]
    [InlineData("stalled delivery, as over TCP", "SenderProxy", "AbortConnection", "Abort", "Deadlock")]
    public void A_fault_in_the_library_is_found(string scenario, string type, string method, string callee, string symptom) =>
        AssertFound(scenario, symptom, new Mutation(type, method, callee));

    private void AssertFound(string scenario, string symptom, Mutation? mutation)
    {
        var found = ExplorationHost.Explore(scenario, new ExplorationBounds(2, 5000, Seconds: 600), mutation);
        output.WriteLine($"{found.Summary}\n{found.Failure}");
        Assert.NotNull(found.Failure);
        Assert.Contains(symptom, found.Failure, StringComparison.Ordinal);

        // What it printed fails again.
        var schedule = found.Failure.Split('"')[1];
        if (schedule.Length > 0)
        {
            var again = ExplorationHost.Explore(scenario, new ExplorationBounds(0, Replay: schedule), mutation);
            Assert.Contains(symptom, again.Failure ?? "", StringComparison.Ordinal);
        }
    }

    private void Explore(string scenario, int departures, int samples)
    {
        var bounds = Mode switch
        {
            "" => new ExplorationBounds(departures, samples),
            "long" => new ExplorationBounds(departures + 1, samples * 50, Seconds: LongSeconds),
            _ => new ExplorationBounds(0, Replay: Mode),
        };
        var result = ExplorationHost.Explore(scenario, bounds);
        output.WriteLine(result.Summary);
        Assert.True(result.Failure is null, $"{scenario}: {result.Failure}");
        Assert.True(result.Schedules > 100 || Mode.Contains(':', StringComparison.Ordinal), result.Schedules.ToString(CultureInfo.InvariantCulture));
    }
}
