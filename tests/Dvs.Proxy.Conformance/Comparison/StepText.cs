using System.Text.RegularExpressions;
using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>What of a step is compared. Both sides go through here: what was recorded and what a driver answers now.</summary>
internal static partial class StepText
{
    /// <summary>
    /// Id of the process that recorded a section, where it went wrong: the recorder wrote <c>&lt;pid&gt;</c> for any number that was equal to it, and in
    /// section V the id was 64, which is also the number of system processes and of their privileges.
    /// </summary>
    private static readonly Dictionary<string, string> RecordedProcessIds = new() { ["V"] = "64" };

    /// <summary>A step without what differs from run to run or from version to version: names of errors, and the blanks around ids.</summary>
    public static string Canonical(TraceStep step)
    {
        var result = ErrorName().Replace(step.Result, "$1");
        return $"{step.Call} -> {(result.StartsWith('\n') ? PaddedId().Replace(ProgramName().Replace(result, "$1<program>\n"), " $1 ") : result)}";
    }

    /// <summary>A recorded step as it would be if the recorder had replaced ids in the fields of ids only.</summary>
    public static TraceStep Repair(string section, TraceStep step) =>
        step.Result.StartsWith('\n') && RecordedProcessIds.TryGetValue(section, out var id)
            ? step with { Result = NoProcessId().Replace(step.Result, id) }
            : step;

    // '-318 DvsNotInitialised', '-34 -34' where the number had no name then, '0 Ok', each perhaps with more behind it.
    [GeneratedRegex(@"^(-\d+|0) (-\d+|Ok|[A-Z]\w*)(?= |$)")]
    private static partial Regex ErrorName();

    // In a column the id of a thread has more or fewer blanks around it, depending on how large it is.
    [GeneratedRegex(@" *(<\w+>(?:/<\w+>)?) *")]
    private static partial Regex PaddedId();

    // The main thread of the process is called as its program is.
    [GeneratedRegex(@"(?m)^( *\d+ +-?\d+ +-?\d+ +<pid>/<pid> .* )\S+ *\n")]
    private static partial Regex ProgramName();

    // Ids of processes stand in dc_pid and in the columns lpid/vpid.
    [GeneratedRegex(@"(?<!dc_pid=|/)<pid>(?!/)")]
    private static partial Regex NoProcessId();
}
