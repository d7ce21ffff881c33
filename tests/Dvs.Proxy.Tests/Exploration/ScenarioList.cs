using Dvs.Proxy.Tests.Exploration.Scenarios;

namespace Dvs.Proxy.Tests.Exploration;

/// <summary>The scenarios by name, and the way in from the other load context.</summary>
internal static class ScenarioList
{
    /// <summary>Behind the name of a session's scenario: <see cref="SessionOptions.SenderReads"/>.</summary>
    internal const string AsOverTcp = ", as over TCP";

    private static readonly Dictionary<string, Action<SessionOptions>> Sessions = new()
    {
        ["cut"] = SessionScenarios.Cut,
        ["stop"] = SessionScenarios.Stop,
        ["peer stops"] = SessionScenarios.PeerStops,
        ["full window"] = SessionScenarios.FullWindow,
        ["full window to the end"] = SessionScenarios.FullWindowToTheEnd,
        ["stalled peer"] = SessionScenarios.StalledPeer,
        ["give up"] = SessionScenarios.GiveUp,
        ["give up or return"] = SessionScenarios.GiveUpOrReturn,
        ["stalled delivery"] = SessionScenarios.StalledDelivery,
        ["replaced"] = SessionScenarios.Replaced,
        ["replaced and stopped"] = SessionScenarios.ReplacedAndStopped,
        ["delayed acknowledgements"] = SessionScenarios.DelayedAcknowledgements,
        ["receiver stops"] = SessionScenarios.ReceiverStops,
    };

    private static readonly Dictionary<string, Action> Scenarios = new()
    {
        ["mailbox"] = PartScenarios.Mailbox,
        ["slot"] = PartScenarios.Slot,
        ["slot in use"] = PartScenarios.SlotInUse,
        ["pair stop"] = PairScenarios.Stop,
        ["pair refused"] = PairScenarios.Refused,
        ["pair stop during start"] = PairScenarios.StopDuringStart,
        ["pair unbound"] = PairScenarios.Unbound,
        ["pair parked and resumed"] = PairScenarios.ParkAndResume,
        ["pair parked and stopped"] = PairScenarios.ParkAndStop,
        ["pair parked and stopped, as over TCP"] = PairScenarios.ParkAndStopAsOverTcp,
        ["pair with a planned stop"] = PairScenarios.PlannedStop,
        ["lost update"] = FaultyScenarios.LostUpdate,
        ["two locks"] = FaultyScenarios.TwoLocks,
    };

    /// <summary>Failure, number of schedules, summary: types both load contexts share.</summary>
    internal static object?[] Run(string scenario, int departures, int samples, int firstSeed, int seconds, string replay)
    {
        var start = Environment.TickCount64;
        var explorer = new Explorer(Find(scenario), TimeSpan.FromSeconds(seconds));
        if (replay.Length > 0)
        {
            explorer.Replay(replay);
        }
        else
        {
            explorer.Exhaust(departures);
        }

        var exhaustive = explorer.Schedules;
        explorer.Sample(firstSeed, samples);
        var extent = explorer.IsCut ? " (time up)" : "";
        var summary = FormattableString.Invariant($"{scenario}: {exhaustive} schedules with at most {departures} departures, ")
            + FormattableString.Invariant($"{explorer.Schedules - exhaustive} at random{extent}, up to {explorer.MostDecisions} decisions each, ")
            + FormattableString.Invariant($"{(Environment.TickCount64 - start) / 1000.0:0.0} s");
        return [explorer.Failure, explorer.Schedules, summary];
    }

    private static Action Find(string scenario)
    {
        if (Scenarios.TryGetValue(scenario, out var found))
        {
            return found;
        }

        var senderReads = scenario.EndsWith(AsOverTcp, StringComparison.Ordinal);
        var session = Sessions[senderReads ? scenario[..^AsOverTcp.Length] : scenario];
        return () => session(new SessionOptions { SenderReads = senderReads });
    }
}
