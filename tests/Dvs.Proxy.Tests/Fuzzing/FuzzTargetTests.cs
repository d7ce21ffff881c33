using Dvs.Proxy.Fuzz;
using Dvs.Proxy.Fuzz.Engine;

namespace Dvs.Proxy.Tests.Fuzzing;

/// <summary>The short version of the fuzzing campaign; the long one is the program of tests/Dvs.Proxy.Fuzz.</summary>
public class FuzzTargetTests
{
    [Theory]
    [InlineData("frames", 100_000)]
    [InlineData("frames32", 100_000)]
    [InlineData("sessionframes", 100_000)]
    [InlineData("sessionframes32", 100_000)]
    [InlineData("compact", 100_000)]
    [InlineData("compact32", 100_000)]
    [InlineData("lz4", 100_000)]
    [InlineData("session", 100_000)]
    [InlineData("config", 20_000)]
    public void Damaged_input_breaks_no_promise(string target, int inputs)
    {
        // Heap and working set belong to all tests of this process; what one input allocates is bounded all the same.
        var report = new FuzzRunner(new FuzzSettings
        {
            Seed = 20211110,
            Inputs = inputs,
            MaxHeapGrowth = long.MaxValue,
            MaxWorkingSet = long.MaxValue,
            MaxInputTime = TimeSpan.FromSeconds(10),
        }).Run(FuzzTargets.Factory(target));

        Assert.True(report.Failure is null, report.ToString());
        Assert.Equal(inputs, report.Inputs);
        Assert.True(report.Outcomes.Count(static outcome => outcome.Value > 0) >= 3, $"hardly anything happens: {report}");
    }

    [Theory]
    [InlineData("frames", "frames", "DigestMismatch", "CorruptCompression", "BatchCountMismatch", "DataModelMismatch")]
    [InlineData("compact", "None", "Truncated", "UnknownBlock", "UnknownLane", "EmptyMask", "UnchangedLane", "TrailingBytes")]
    [InlineData("sessionframes", "frames", "skipped", "CorruptCompactBatch", "damaged", "closed", "WrongSourceNode", "UnknownCommand", "CopyLengthMismatch")]
    [InlineData("lz4", "Success", "BadBlock", "TooLong", "ContentChecksum", "BlockTooLong")]
    [InlineData("session", "Deliver", "Duplicate", "Gap", "Resume", "NewSession", "Renew", "damaged", "bad acks")]
    [InlineData("config", "without errors", "with errors", "resolved", "no text")]
    public void The_damage_reaches_what_lies_deep(string target, params string[] outcomes)
    {
        var report = new FuzzRunner(new FuzzSettings
        {
            Seed = 7,
            Inputs = 10_000,
            MaxHeapGrowth = long.MaxValue,
            MaxWorkingSet = long.MaxValue,
        }).Run(FuzzTargets.Factory(target));

        Assert.All(outcomes, outcome => Assert.True(report.Outcomes.GetValueOrDefault(outcome) > 0, $"{outcome} never happened: {report}"));
    }

    [Fact]
    public void Entries_for_other_fuzzers_take_any_input()
    {
        byte[][] inputs = [[], [0], [0xFF, 0xFF, 0xFF, 0xFF], [.. Enumerable.Range(0, 300).Select(static value => (byte)value)]];
        foreach (var input in inputs)
        {
            FuzzTargets.Frames(input);
            FuzzTargets.Frames32(input);
            FuzzTargets.SessionFrames(input);
            FuzzTargets.SessionFrames32(input);
            FuzzTargets.Compact(input);
            FuzzTargets.Compact32(input);
            FuzzTargets.Lz4(input);
            FuzzTargets.Configuration(input);
            FuzzTargets.Session(input);
        }
    }
}
