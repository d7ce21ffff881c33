using System.Diagnostics;

namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>Runs a target on many inputs, on all cores, and watches time and memory meanwhile.</summary>
public sealed class FuzzRunner(FuzzSettings settings)
{
    private static readonly TimeSpan SamplePeriod = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromSeconds(10);

    private long _heapAtStart;
    private long _heapGrowth;
    private long _workingSet;

    /// <summary>Runs until all inputs are done, time is up, or one fails.</summary>
    public FuzzReport Run(Func<FuzzTarget> createTarget)
    {
        ArgumentNullException.ThrowIfNull(createTarget);
        string name;
        using (var target = createTarget())
        {
            name = target.Name;
            _ = target.Corpus.Count; // made once, before the clock runs
        }

        using var journal = settings.JournalPath is null ? null : new FuzzJournal(settings.JournalPath, name, settings.Seed, settings.Workers);
        List<FuzzWorker> workers = [.. Enumerable.Range(0, settings.Workers).Select(number => new FuzzWorker(settings, createTarget, number, journal))];
        List<Thread> threads = [.. workers.Select(static worker => new Thread(worker.Run) { IsBackground = true, Name = "fuzz" })];
        _heapAtStart = GC.GetTotalMemory(forceFullCollection: true);
        var watch = Stopwatch.StartNew();
        threads.ForEach(static thread => thread.Start());
        var failure = Watch(workers, threads, watch, name);
        var elapsed = watch.Elapsed;
        var done = workers.Sum(static worker => worker.Done);
        return new FuzzReport
        {
            Target = name,
            Seed = settings.Seed,
            Inputs = done,
            Bytes = workers.Sum(static worker => worker.Bytes),
            Elapsed = elapsed,
            Failure = failure,
            HeapGrowth = _heapGrowth,
            WorkingSet = _workingSet,
            LargestAllocation = workers.Max(static worker => worker.LargestAllocation),
            MeanAllocation = workers.Sum(static worker => worker.Allocated) / (double)Math.Max(done, 1),
            SlowestInput = Stopwatch.GetElapsedTime(0, workers.Max(static worker => worker.SlowestTicks)),
            Outcomes = workers.SelectMany(static worker => worker.Outcomes).GroupBy(static item => item.Key)
                .ToDictionary(static group => group.Key, static group => group.Sum(static item => item.Value)),
        };
    }

    /// <summary>The input of this number.</summary>
    public static byte[] MakeInput(FuzzTarget target, ulong seed, long index)
    {
        ArgumentNullException.ThrowIfNull(target);
        var input = new MutableInput(FuzzSettings.MaxInputLength);
        Make(new Mutator(target), target, input, new FuzzRandom(seed, index), seed, index);
        return input.Span.ToArray();
    }

    internal static void Make(Mutator mutator, FuzzTarget target, MutableInput input, FuzzRandom random, ulong seed, long index)
    {
        random.Reset(seed, index);
        mutator.Make(input, random);
        target.Refine(input, random);
    }

    private FuzzFailure? Watch(List<FuzzWorker> workers, List<Thread> threads, Stopwatch watch, string name)
    {
        var nextProgress = ProgressPeriod;
        FuzzFailure? failure = null;
        while (threads.Exists(static thread => thread.IsAlive))
        {
            threads.Find(static thread => thread.IsAlive)?.Join(SamplePeriod);
            failure ??= workers.Select(static worker => worker.Failure).FirstOrDefault(static found => found is not null) ?? CheckMemory(workers, name);
            if (FindHang(workers) is { } hang)
            {
                return new FuzzFailure(name, settings.Seed, hang, [], $"it does not end: {settings.HangTime.TotalSeconds} s and going on; make the input with --index");
            }

            if (failure is not null || watch.Elapsed > settings.TimeLimit)
            {
                workers.ForEach(static worker => worker.Stop());
            }

            if (watch.Elapsed >= nextProgress)
            {
                nextProgress += ProgressPeriod;
                settings.Progress?.Invoke(workers.Sum(static worker => worker.Done), watch.Elapsed);
            }
        }

        return failure ?? workers.Select(static worker => worker.Failure).FirstOrDefault(static found => found is not null);
    }

    private FuzzFailure? CheckMemory(List<FuzzWorker> workers, string name)
    {
        _heapGrowth = Math.Max(_heapGrowth, GC.GetTotalMemory(forceFullCollection: false) - _heapAtStart);
        _workingSet = Math.Max(_workingSet, Environment.WorkingSet);
        var index = workers[0].Current.Index;
        if (_heapGrowth > settings.MaxHeapGrowth)
        {
            return new FuzzFailure(name, settings.Seed, index, [], $"about here the heap had grown by {_heapGrowth} bytes, {settings.MaxHeapGrowth} are allowed");
        }

        return _workingSet > settings.MaxWorkingSet
            ? new FuzzFailure(name, settings.Seed, index, [], $"about here the process took {_workingSet} bytes, {settings.MaxWorkingSet} are allowed")
            : null;
    }

    private long? FindHang(List<FuzzWorker> workers)
    {
        foreach (var worker in workers)
        {
            var (index, time) = worker.Current;
            if (time > settings.HangTime)
            {
                return index;
            }
        }

        return null;
    }
}
