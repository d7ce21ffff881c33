using Dvs.Proxy.Fuzz.Engine;

namespace Dvs.Proxy.Tests.Fuzzing;

/// <summary>The runner finds what a target does wrong, and what it finds can be replayed.</summary>
public class FuzzRunnerTests
{
    private static readonly FuzzSettings Settings = new()
    {
        Seed = 3,
        Inputs = 50_000,
        MaxHeapGrowth = long.MaxValue,
        MaxWorkingSet = long.MaxValue,
    };

    [Fact]
    public void A_broken_promise_is_found_and_its_input_can_be_made_again()
    {
        static void Run(ReadOnlySpan<byte> input) => Oracle.Require(!input.Contains((byte)0xFE), "no FE");

        var report = new FuzzRunner(Settings).Run(static () => new ScriptedTarget(Run));

        Assert.NotNull(report.Failure);
        Assert.Contains("no FE", report.Failure.Reason, StringComparison.Ordinal);
        Assert.Contains((byte)0xFE, report.Failure.Input);
        Assert.Contains(Convert.ToHexString(report.Failure.Input), report.ToString(), StringComparison.Ordinal);
        using var target = new ScriptedTarget(Run);
        Assert.Equal(report.Failure.Input, FuzzRunner.MakeInput(target, Settings.Seed, report.Failure.Index));
    }

    [Fact]
    public void Any_exception_is_a_failure()
    {
        var report = new FuzzRunner(Settings).Run(static () => new ScriptedTarget(static input => _ = 1 / (input.Length - 5)));

        Assert.Contains(nameof(DivideByZeroException), report.Failure!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_much_memory_is_a_failure()
    {
        var report = new FuzzRunner(Settings).Run(static () => new ScriptedTarget(static input => GC.KeepAlive(new byte[20_000])));

        Assert.Contains("allocated", report.Failure!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_much_heap_is_a_failure()
    {
        var hoard = new System.Collections.Concurrent.ConcurrentBag<byte[]>();
        var settings = Settings with { MaxHeapGrowth = 4 << 20, Inputs = long.MaxValue };
        var report = new FuzzRunner(settings).Run(() => new ScriptedTarget(input =>
        {
            hoard.Add(new byte[8_000]);
            Thread.Yield();
        }, allowed: long.MaxValue));

        Assert.Contains("heap", report.Failure!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_takes_too_long_is_a_failure()
    {
        var settings = Settings with { MaxInputTime = TimeSpan.FromMilliseconds(20) };
        var report = new FuzzRunner(settings).Run(static () => new ScriptedTarget(static input => Thread.Sleep(30)));

        Assert.Contains("took more than", report.Failure!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_never_ends_is_a_failure()
    {
        using var release = new ManualResetEventSlim();
        var settings = Settings with { HangTime = TimeSpan.FromMilliseconds(200), Workers = 1 };
        var report = new FuzzRunner(settings).Run(() => new ScriptedTarget(input => release.Wait(TimeSpan.FromMinutes(5))));
        release.Set();

        Assert.Contains("does not end", report.Failure!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs_whoever_makes_them()
    {
        using var target = new ScriptedTarget(static _ => { });
        var first = Enumerable.Range(0, 200).Select(index => FuzzRunner.MakeInput(target, 9, index)).ToList();
        var second = Enumerable.Range(0, 200).Select(index => FuzzRunner.MakeInput(target, 9, index)).ToList();

        Assert.Equal(first, second);
        Assert.True(first.Select(Convert.ToHexString).Distinct().Count() > 150);
        Assert.NotEqual(first, Enumerable.Range(0, 200).Select(index => FuzzRunner.MakeInput(target, 10, index)));
    }

    [Fact]
    public void The_journal_says_which_inputs_were_at_work()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var journal = new FuzzJournal(path, "frames", 42, 2))
            {
                journal.Begin(0, 100);
                journal.Begin(1, 101);
                journal.Begin(0, 102);
            }

            var (target, seed, indexes) = FuzzJournal.Read(path);
            Assert.Equal(("frames", 42UL), (target, seed));
            Assert.Equal([102L, 101L], indexes);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private delegate void InputAction(ReadOnlySpan<byte> input);

    private sealed class ScriptedTarget(InputAction run, long allowed = 10_000) : FuzzTarget
    {
        public override string Name => "scripted";

        public override IReadOnlyList<Seed> Corpus { get; } =
            [new Seed([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [new Field(4, 4, FieldKind.Length)], "only")];

        public override IReadOnlyDictionary<string, long> Outcomes { get; } = new Dictionary<string, long>();

        public override long AllowedAllocation(int inputLength) => allowed;

        public override void Run(ReadOnlySpan<byte> input) => run(input);
    }
}
