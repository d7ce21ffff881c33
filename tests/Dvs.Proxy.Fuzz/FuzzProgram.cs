using System.Globalization;
using Dvs.Proxy.Fuzz.Engine;

namespace Dvs.Proxy.Fuzz;

/// <summary>What was asked for on the command line.</summary>
internal sealed record FuzzArguments
{
    public required string Target { get; init; }

    public ulong Seed { get; init; }

    public long Inputs { get; init; }

    public double? Seconds { get; init; }

    public int Workers { get; init; }

    public int MemoryMebibytes { get; init; }

    public string? Replay { get; init; }

    public long? Index { get; init; }

    public bool Stdin { get; init; }

    public string? AfterCrash { get; init; }
}

/// <summary>Does it. Exit code 0: all promises held; 1: one broke; 2: the arguments are wrong.</summary>
internal sealed class FuzzProgram(TextWriter output)
{
    public int Run(FuzzArguments arguments)
    {
        if (arguments.AfterCrash is { } journal)
        {
            return ShowJournal(journal);
        }

        if (arguments.Replay is { } hexadecimal)
        {
            return RunOne(arguments.Target, Convert.FromHexString(hexadecimal));
        }

        if (arguments.Stdin)
        {
            using var input = new MemoryStream();
            using var standardInput = Console.OpenStandardInput();
            standardInput.CopyTo(input);
            return RunOne(arguments.Target, input.ToArray());
        }

        if (arguments.Index is { } index)
        {
            using var target = FuzzTargets.Factory(arguments.Target)();
            var input = FuzzRunner.MakeInput(target, arguments.Seed, index);
            output.WriteLine(Convert.ToHexString(input));
            return RunOne(arguments.Target, input);
        }

        return RunMany(arguments);
    }

    private int RunMany(FuzzArguments arguments)
    {
        var isAll = arguments.Target.Equals("all", StringComparison.OrdinalIgnoreCase);
        var names = isAll ? FuzzTargets.Names : [arguments.Target];
        var failed = false;
        var total = 0L;
        var time = TimeSpan.Zero;
        foreach (var name in names)
        {
            var report = RunTarget(name, arguments, arguments.Inputs / names.Count);
            output.WriteLine(report);
            failed |= report.Failure is not null;
            total += report.Inputs;
            time += report.Elapsed;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(failed ? "FAILED" : "passed")}: {total:n0} inputs in {time.TotalSeconds:0.0} s, {total / time.TotalSeconds:n0}/s with {arguments.Workers} workers"));
        return failed ? 1 : 0;
    }

    private FuzzReport RunTarget(string name, FuzzArguments arguments, long inputs)
    {
        var journal = Path.Combine(Path.GetTempPath(), $"dvs-fuzz-{name}-{Environment.ProcessId}.journal");
        output.WriteLine($"{name}: seed {arguments.Seed}, {inputs} inputs. Should the process die: --after-crash {journal}");
        var report = new FuzzRunner(new FuzzSettings
        {
            Seed = arguments.Seed,
            Inputs = inputs,
            TimeLimit = arguments.Seconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Workers = arguments.Workers,
            MaxHeapGrowth = (long)arguments.MemoryMebibytes << 20,
            JournalPath = journal,
            Progress = (done, time) => output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {name}: {done:n0} in {time.TotalSeconds:0} s, {done / time.TotalSeconds:n0}/s")),
        }).Run(FuzzTargets.Factory(name));
        File.Delete(journal);
        return report;
    }

    private int RunOne(string name, byte[] input)
    {
        using var target = FuzzTargets.Factory(name)();
        try
        {
            target.Run(input);
        }
#pragma warning disable CA1031 // Whatever comes out of it is the answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            output.WriteLine($"FAILED {name}: {exception}");
            return 1;
        }

        output.WriteLine($"passed {name}: {string.Join(", ", target.Outcomes.Where(static item => item.Value > 0))}");
        return 0;
    }

    private int ShowJournal(string path)
    {
        var (name, seed, indexes) = FuzzJournal.Read(path);
        using var target = FuzzTargets.Factory(name)();
        foreach (var index in indexes)
        {
            output.WriteLine($"--target {name} --seed {seed} --index {index}");
            output.WriteLine($"--target {name} --replay {Convert.ToHexString(FuzzRunner.MakeInput(target, seed, index))}");
        }

        return 0;
    }
}
