using System.Diagnostics;
using System.Globalization;

namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>
/// A signal that is ignored stays so in every child: of a run in the background of a script, or under <c>nohup</c>, no child would end with
/// SIGINT. Children are started through <c>env --default-signal</c> there.
/// </summary>
internal static class InheritedSignals
{
    private const string Names = "INT,QUIT,HUP";

    private static readonly Lazy<bool> IsOneIgnored = new(static () => new[] { "INT", "QUIT", "HUP" }.Any(IsIgnored));
    private static readonly Lazy<bool> CanReset = new(static () => CanRun("env", $"--default-signal={Names}", "true"));

    /// <summary>Has the child begin with signals that are not ignored, where they are ignored here.</summary>
    public static void Reset(ProcessStartInfo start)
    {
        if (IsOneIgnored.Value && CanReset.Value)
        {
            ResetAlways(start);
        }
    }

    /// <summary>The same, whatever is ignored here.</summary>
    public static void ResetAlways(ProcessStartInfo start)
    {
        string[] arguments = [$"--default-signal={Names}", start.FileName, .. start.ArgumentList];
        start.FileName = "env";
        start.ArgumentList.Clear();
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
    }

    /// <summary>Whether children ignore a signal and nothing can be done about it.</summary>
    public static bool AreIgnoredForGood(string name) => IsIgnored(name) && !CanReset.Value;

    /// <summary>Whether the tool to reset signals is there.</summary>
    public static bool CanBeReset => CanReset.Value;

    /// <summary>Whether the text of a <c>/proc/PID/status</c> says that a signal is ignored.</summary>
    public static bool IsIgnored(string name, string status)
    {
        var number = name switch
        {
            "HUP" => 1,
            "INT" => 2,
            "QUIT" => 3,
            _ => 0,
        };
        var line = status.Split('\n').FirstOrDefault(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        return number > 0 && line is not null && (ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (number - 1) & 1) != 0;
    }

    private static bool IsIgnored(string name) => File.Exists("/proc/self/status") && IsIgnored(name, File.ReadAllText("/proc/self/status"));

    private static bool CanRun(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
