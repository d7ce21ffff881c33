using System.Runtime.InteropServices;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>The machine in one line.</summary>
internal static class MachineDescription
{
    public static string Get()
    {
        var model = Read("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30);
        return $"{model}, {Environment.ProcessorCount} cores, {memory} GiB, {RuntimeInformation.OSDescription}, load {Load()}";
    }

    private static string? Read(string file, string key) =>
        File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;

    // A busy machine explains much of a wide spread.
    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
