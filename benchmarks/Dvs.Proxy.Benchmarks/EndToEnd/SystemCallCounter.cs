using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Counts the system calls of a running process from outside: with perf where it may, else with strace, else not at all.</summary>
internal sealed class SystemCallCounter
{
    private readonly Func<int, double, ProcessStartInfo>? _command;
    private readonly Func<string, long?> _parse;

    private SystemCallCounter(string name, Func<int, double, ProcessStartInfo>? command, Func<string, long?> parse)
    {
        Name = name;
        _command = command;
        _parse = parse;
    }

    /// <summary>What counts.</summary>
    public string Name { get; }

    public bool IsPresent => _command is not null;

    public static SystemCallCounter Find()
    {
        var perf = new SystemCallCounter("perf stat -e raw_syscalls:sys_enter", Perf, ParsePerf);
        if (perf.TryCount(Environment.ProcessId, 0.05) is not null)
        {
            return perf;
        }

        var strace = new SystemCallCounter("strace -c -f", Strace, ParseStrace);
        using var probe = Process.Start(new ProcessStartInfo("sleep", ["5"]));
        var works = probe is not null && strace.TryCount(probe.Id, 0.05) is not null;
        probe?.Kill();
        return works ? strace : new SystemCallCounter("none (neither perf nor strace may)", null, static _ => null);
    }

    /// <summary>System calls per second of each process, over the same time.</summary>
    public double?[] CountPerSecond(double seconds, params int[] processIds)
    {
        var counts = processIds.AsParallel().AsOrdered().WithDegreeOfParallelism(processIds.Length)
            .Select(id => TryCount(id, seconds) / seconds).ToArray();
        return counts;
    }

    private double? TryCount(int processId, double seconds)
    {
        if (_command is null)
        {
            return null;
        }

        try
        {
            var start = _command(processId, seconds);
            start.RedirectStandardError = start.RedirectStandardOutput = true;
            using var process = Process.Start(start)!;
            var output = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return _parse(output);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static ProcessStartInfo Perf(int processId, double seconds) => new(
        "perf", ["stat", "-x,", "-e", "raw_syscalls:sys_enter", "-p", Text(processId), "--", "sleep", Text(seconds)]);

    private static ProcessStartInfo Strace(int processId, double seconds) => new(
        "timeout", ["-s", "INT", Text(seconds), "strace", "-c", "-f", "-q", "-p", Text(processId)]);

    private static long? ParsePerf(string output)
    {
        foreach (var line in output.Split('\n'))
        {
            if (!line.Contains("raw_syscalls:sys_enter", StringComparison.Ordinal))
            {
                continue;
            }

            var counted = line.Split(',')[0];
            if (counted == "<not counted>") // It slept all the time.
            {
                return 0;
            }

            if (long.TryParse(counted, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return count;
            }
        }

        return null;
    }

    private static long? ParseStrace(string output)
    {
        var total = output.Split('\n').FirstOrDefault(static line => line.EndsWith("total", StringComparison.Ordinal));
        return total?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, var calls, ..] && long.TryParse(calls, CultureInfo.InvariantCulture, out var count)
            ? count
            : null;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
