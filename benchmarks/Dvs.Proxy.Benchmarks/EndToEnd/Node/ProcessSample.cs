using System.Diagnostics;
using System.Globalization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What this process has used up to a moment.</summary>
internal readonly record struct ProcessSample(double Seconds, double CpuUser, double CpuSystem, long Allocated)
{
    /// <summary>Now. <paramref name="exactAllocation"/> stops all threads for an instant.</summary>
    public static ProcessSample Take(bool exactAllocation = false)
    {
        var usage = Environment.CpuUsage;
        return new ProcessSample(
            (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency, usage.UserTime.TotalSeconds, usage.PrivilegedTime.TotalSeconds,
            GC.GetTotalAllocatedBytes(exactAllocation));
    }

    /// <summary>Most memory this process ever had in RAM, or since <see cref="ResetPeak"/>.</summary>
    public static long PeakKiB() => ReadKiB("/proc/self/status", "VmHWM:");

    /// <summary>Memory this process has in RAM that is its own.</summary>
    public static long PrivateKiB() =>
        ReadKiB("/proc/self/smaps_rollup", "Private_Clean:") + ReadKiB("/proc/self/smaps_rollup", "Private_Dirty:");

    /// <summary>Starts the peak anew, where the system allows it.</summary>
    public static void ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The peak is that of the whole life then.
        }
    }

    private static long ReadKiB(string file, string key)
    {
        try
        {
            foreach (var line in File.ReadLines(file))
            {
                if (line.StartsWith(key, StringComparison.Ordinal))
                {
                    return long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Not this system.
        }

        return 0;
    }
}
