using System.Diagnostics;

namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>One thread of a run: every n-th input.</summary>
internal sealed class FuzzWorker(FuzzSettings settings, Func<FuzzTarget> createTarget, int number, FuzzJournal? journal)
{
    private readonly MutableInput _input = new(FuzzSettings.MaxInputLength);
    private long _startedAt;
    private long _index = -1;
    private long _done;
    private volatile bool _stopping;

    public long Done => Volatile.Read(ref _done);

    public long Bytes { get; private set; }

    public long Allocated { get; private set; }

    public long LargestAllocation { get; private set; }

    public long SlowestTicks { get; private set; }

    public FuzzFailure? Failure { get; private set; }

    public IReadOnlyDictionary<string, long> Outcomes { get; private set; } = new Dictionary<string, long>();

    /// <summary>The input at work, and for how long.</summary>
    public (long Index, TimeSpan Time) Current
    {
        get
        {
            var startedAt = Volatile.Read(ref _startedAt);
            return (Volatile.Read(ref _index), startedAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(startedAt));
        }
    }

    public void Stop() => _stopping = true;

    public void Run()
    {
        using var target = createTarget();
        var mutator = new Mutator(target);
        var random = new FuzzRandom(settings.Seed, 0);
        var end = settings.FirstIndex + settings.Inputs;
        for (var index = settings.FirstIndex + number; index < end && !_stopping && Failure is null; index += settings.Workers)
        {
            FuzzRunner.Make(mutator, target, _input, random, settings.Seed, index);
            journal?.Begin(number, index);
            Volatile.Write(ref _index, index);
            Failure = RunOne(target, index);
            Bytes += _input.Length;
            Volatile.Write(ref _done, _done + 1);
        }

        Volatile.Write(ref _startedAt, 0);
        Outcomes = target.Outcomes;
    }

    private FuzzFailure? RunOne(FuzzTarget target, long index)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var startedAt = Stopwatch.GetTimestamp();
        Volatile.Write(ref _startedAt, startedAt);
        try
        {
            target.Run(_input.Span);
        }
#pragma warning disable CA1031 // Whatever comes out of it is a failure to report.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Fail(target, index, exception.ToString());
        }

        var ticks = Stopwatch.GetTimestamp() - startedAt;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Allocated += allocated;
        LargestAllocation = Math.Max(LargestAllocation, allocated);
        SlowestTicks = Math.Max(SlowestTicks, ticks);
        var allowed = target.AllowedAllocation(_input.Length);
        if (allocated > allowed)
        {
            return Fail(target, index, $"it allocated {allocated} bytes, {allowed} are allowed");
        }

        return Stopwatch.GetElapsedTime(0, ticks) > settings.MaxInputTime && IsSlow(target)
            ? Fail(target, index, $"it took more than {settings.MaxInputTime.TotalSeconds} s, three times")
            : null;
    }

    private bool IsSlow(FuzzTarget target)
    {
        for (var again = 0; again < 2; again++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            target.Run(_input.Span);
            if (Stopwatch.GetElapsedTime(startedAt) <= settings.MaxInputTime)
            {
                return false;
            }
        }

        return true;
    }

    private FuzzFailure Fail(FuzzTarget target, long index, string reason) =>
        new(target.Name, settings.Seed, index, _input.Span.ToArray(), reason);
}
