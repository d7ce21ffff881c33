using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>Many schedules, several at a time: they mostly wait.</summary>
internal sealed class ScheduleCampaign
{
    private readonly ConcurrentQueue<ScheduleOutcome> _failures = new();
    private long _handedOut;
    private long _delivered;
    private int _done;

    /// <summary>Schedules at the same time.</summary>
    public int Parallel { get; init; } = Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>Failures after which it ends early.</summary>
    public int MostFailures { get; init; } = 5;

    /// <summary>Told after every schedule how many are done.</summary>
    public Action<int, TimeSpan>? Progress { get; init; }

    public FaultLog Faults { get; } = new();

    public int Done => _done;

    public IReadOnlyCollection<ScheduleOutcome> Failures => _failures;

    public long HandedOut => _handedOut;

    public long Delivered => _delivered;

    public TimeSpan Elapsed { get; private set; }

    /// <summary>Runs the schedules of the seeds from <paramref name="firstSeed"/> on.</summary>
    public void Run(int firstSeed, int schedules, Func<int, ScheduleOptions>? optionsOf = null)
    {
        optionsOf ??= ScheduleOptions.FromSeed;
        var watch = Stopwatch.StartNew();
        var next = -1;
        List<Thread> threads = [.. Enumerable.Range(0, Parallel).Select(_ => new Thread(() =>
        {
            int index;
            while ((index = Interlocked.Increment(ref next)) < schedules && _failures.Count < MostFailures)
            {
                Account(Run(optionsOf(unchecked(firstSeed + index))));
                var done = Interlocked.Increment(ref _done);
                Progress?.Invoke(done, watch.Elapsed);
            }
        }) { IsBackground = true, Name = "schedules" })];
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        Elapsed = watch.Elapsed;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_done:n0} schedules in {Elapsed.TotalSeconds:0.0} s, {_failures.Count} failed; {_handedOut:n0} commands handed out, {_delivered:n0} delivered; faults: {Faults}")
        + string.Concat(_failures.Select(static failure => $"\nFAILED {failure}"));

    // What goes wrong in one schedule must not take the process and all others with it.
    private static ScheduleOutcome Run(ScheduleOptions options)
    {
        try
        {
            return ScheduleRunner.Run(options);
        }
        catch (Exception exception)
        {
            return new ScheduleOutcome(options, [exception.ToString()], new FaultLog(), 0, 0);
        }
    }

    private void Account(ScheduleOutcome outcome)
    {
        Faults.Add(outcome.Faults);
        Interlocked.Add(ref _handedOut, outcome.HandedOut);
        Interlocked.Add(ref _delivered, outcome.Delivered);
        if (outcome.Problems.Count > 0)
        {
            _failures.Enqueue(outcome);
        }
    }
}
