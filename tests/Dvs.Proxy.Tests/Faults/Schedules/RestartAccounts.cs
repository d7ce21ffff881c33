using System.Globalization;
using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>
/// The rule after a restart, to the command. What every life was given is intact, in order and without a gap. Towards the node that was
/// restarted: what was handed out was delivered, or its fate is counted as unknown, and nothing twice; or, with at-least-once, everything was
/// delivered, and what came twice is counted as possibly repeated. From it: what the dead life's proxy had fetched was delivered, but for an
/// end of it that it held for unacknowledged.
/// </summary>
internal static class RestartAccounts
{
    /// <summary>Everything that is wrong. Before the last life and the survivor are stopped.</summary>
    public static IEnumerable<string> Check(
        ScheduleOptions options, IReadOnlyList<MortalLife> lives, RestartTraffic toMortal, RestartTraffic fromMortal, ScriptedNode survivor) =>
    [
        .. CheckToMortal(options, lives, toMortal, survivor),
        .. CheckFromMortal(lives, fromMortal, survivor),
    ];

    private static IEnumerable<string> CheckToMortal(ScheduleOptions options, IReadOnlyList<MortalLife> lives, RestartTraffic traffic, ScriptedNode survivor)
    {
        var next = 0;
        for (var index = 0; index < lives.Count; index++)
        {
            foreach (var problem in traffic.History.Check(lives[index].Node.Device.Delivered, DeliveryPromise.AtMostOnce))
            {
                yield return Text($"to life {index}: {problem}");
            }

            var given = lives[index].Given;
            if (given.Count == 0)
            {
                continue;
            }

            if (given[^1] - given[0] + 1 != given.Count)
            {
                yield return Text($"to life {index}: {given.Count} commands from {given[0]} to {given[^1]}: some are missing in between");
            }

            // Missing between two lives (positive) or given to both (negative).
            long gap = given[0] - next;
            if (options.AtLeastOnce ? gap > 0 || -gap > lives[index].OpenBefore : gap < 0 || gap > lives[index].OpenBefore)
            {
                yield return Text($"to life {index}: begins with {given[0]}, the one before ended before {next}, and {lives[index].OpenBefore} are counted as open");
            }

            next = given[^1] + 1;
        }

        if (next != traffic.Count)
        {
            yield return Text($"to the last life: ends before {next} of {traffic.Count}");
        }

        var sender = survivor.Pair(0).Sender;
        var open = lives.Sum(static life => life.OpenBefore);
        var (unknown, repeated) = options.AtLeastOnce ? (0L, open) : (open, 0L);
        if ((sender.UnknownFate, sender.PossiblyRepeated, sender.Lost) != (unknown, repeated, 0))
        {
            yield return Text($"the survivor's accounts: {sender.UnknownFate} of unknown fate, {sender.PossiblyRepeated} possibly repeated, {sender.Lost} lost; {open} expected");
        }

        if (survivor.Pair(0).Receiver.FramesGivenUp != 0)
        {
            yield return "the survivor gave commands up as damaged";
        }
    }

    private static IEnumerable<string> CheckFromMortal(IReadOnlyList<MortalLife> lives, RestartTraffic traffic, ScriptedNode survivor)
    {
        foreach (var problem in traffic.History.Check(survivor.Device.Delivered, DeliveryPromise.AtMostOnce))
        {
            yield return Text($"from node 0: {problem}");
        }

        var numbers = survivor.Device.Delivered.Select(static item => item.Header.Message.Type).ToList();
        for (var index = 0; index < lives.Count; index++)
        {
            var life = lives[index];
            var isLast = index == lives.Count - 1;
            var end = isLast ? traffic.Count : life.End;
            var given = numbers.Where(number => number >= life.Start && number < end).ToList();
            var sender = life.Node.Pair(1).Sender;
            if (given.Count > 0 && (given[0] != life.Start || given[^1] != life.Start + given.Count - 1))
            {
                yield return Text($"from life {index}: {given.Count} commands from {given[0]} to {given[^1]}, but it began with {life.Start}");
            }

            if (isLast ? given.Count != end - life.Start : given.Count > life.Fetched - sender.Lost || given.Count < life.Fetched - sender.Lost - sender.UnknownFate)
            {
                yield return Text($"from life {index}: {life.Fetched} fetched, {given.Count} delivered, {sender.UnknownFate} of unknown fate, {sender.Lost} lost");
            }

            if (sender.Commands != life.Fetched || (isLast && sender.UnknownFate + sender.Lost != 0))
            {
                yield return Text($"from life {index}: {life.Fetched} fetched, {sender.Commands} counted; {sender.UnknownFate} of unknown fate, {sender.Lost} lost");
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
