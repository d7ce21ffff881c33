using System.Globalization;
using Dvs.Proxy.Tests.Exploration.Scheduling;

namespace Dvs.Proxy.Tests.Exploration;

/// <summary>
/// Runs a scenario under many schedules. A schedule is a list of departures from the scheduler's default, each the number of a decision and
/// the way taken there: <c>17:1 45:2</c>. It is what a failing run prints, and enough to run it again.
/// </summary>
internal sealed class Explorer(Action scenario, TimeSpan limit)
{
    private const int MostRandomDecisions = 2000;

    private readonly long _start = Environment.TickCount64;

    /// <summary>Schedules that were run.</summary>
    public int Schedules { get; private set; }

    /// <summary>Most decisions of one of them.</summary>
    public int MostDecisions { get; private set; }

    /// <summary>The time was up before all were run.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Why the last one failed, with its schedule.</summary>
    public string? Failure { get; private set; }

    /// <summary>All schedules with at most so many departures.</summary>
    public void Exhaust(int departures) => Exhaust([], departures);

    /// <summary>Schedules at random: each seed is one.</summary>
    public void Sample(int firstSeed, int count)
    {
        double[] rates = [0.01, 0.03, 0.1, 0.3];
        for (var seed = firstSeed; seed < firstSeed + count && !IsOver; seed++)
        {
            var random = new Random(seed);
            var rate = rates[random.Next(rates.Length)];
            var taken = new List<(int Decision, int Way)>();
            Run(taken, (decision, ways) =>
            {
                // Time that runs out again and again lets no handshake end: after so much of it, whatever state that has left, it has to go on.
                var way = decision < MostRandomDecisions && random.NextDouble() < rate ? random.Next(ways) : 0;
                if (way != 0)
                {
                    taken.Add((decision, way));
                }

                return way;
            });
        }
    }

    /// <summary>One schedule, as a failure prints it.</summary>
    public void Replay(string schedule) => Run([.. schedule.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word =>
        (int.Parse(word.AsSpan(0, word.IndexOf(':', StringComparison.Ordinal)), CultureInfo.InvariantCulture),
        int.Parse(word.AsSpan(word.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture)))]);

    private bool IsOver
    {
        get
        {
            IsCut |= Environment.TickCount64 - _start > limit.TotalMilliseconds;
            return IsCut || Failure is not null;
        }
    }

    // Departures are added behind the last one only: every set of them is run once.
    private void Exhaust(List<(int Decision, int Way)> schedule, int departures)
    {
        if (IsOver)
        {
            return;
        }

        var widths = Run(schedule);
        if (departures == 0)
        {
            return;
        }

        for (var decision = schedule.Count == 0 ? 0 : schedule[^1].Decision + 1; decision < widths.Count; decision++)
        {
            for (var way = 1; way < widths[decision]; way++)
            {
                Exhaust([.. schedule, (decision, way)], departures - 1);
            }
        }
    }

    private List<int> Run(List<(int Decision, int Way)> schedule)
    {
        var next = 0;
        return Run(schedule, (decision, ways) =>
        {
            if (next == schedule.Count || schedule[next].Decision != decision)
            {
                return 0;
            }

            return Math.Min(schedule[next++].Way, ways - 1);
        });
    }

    private List<int> Run(List<(int Decision, int Way)> schedule, Func<int, int, int> choose)
    {
        var (failure, widths) = Scheduler.Run(scenario, choose);
        Schedules++;
        MostDecisions = Math.Max(MostDecisions, widths.Count);
        if (failure is not null)
        {
            var text = string.Join(' ', schedule.Select(static departure => $"{departure.Decision}:{departure.Way}"));
            Failure = $"Schedule \"{text}\" fails: {failure}";
        }

        return widths;
    }
}
