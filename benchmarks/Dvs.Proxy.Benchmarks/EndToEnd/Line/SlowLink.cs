using System.Diagnostics;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// A loopback that is as slow as a line: the benchmark runs itself again in a network namespace of its own, whose loopback has a token bucket (<c>tc tbf</c>) for all
/// that goes over it, both ways together. Takes root, or the right to make namespaces.
/// </summary>
internal static class SlowLink
{
    private const string IsInside = "DVS_BENCHMARK_LINK";

    // Packets of a real line's size, or the bucket would have to hold one of the loopback's, 64 KiB: a slow line would let bursts of many milliseconds through. The queue
    // holds what a full window may put into it.
    private const string Script = """
        ip link set lo up mtu 1500 && tc qdisc add dev lo root tbf rate "$0" burst 16kb limit 64mb && exec "$@"
        """;

    /// <summary>Runs this program once more behind the link, where it is not there yet.</summary>
    /// <param name="rate">As <c>tc</c> writes it: 100mbit, 1gbit.</param>
    /// <param name="arguments">The command line of this program.</param>
    /// <param name="exitCode">What it came to.</param>
    /// <returns>False inside: go on.</returns>
    public static bool TryRunBehind(string rate, IEnumerable<string> arguments, out int exitCode)
    {
        exitCode = 0;
        if (Environment.GetEnvironmentVariable(IsInside) is not null)
        {
            return false;
        }

        var start = new ProcessStartInfo("unshare", ["--net", "sh", "-c", Script.Trim(), rate, Environment.ProcessPath!, .. OwnAssembly(), .. arguments]);
        start.Environment[IsInside] = rate;
        try
        {
            using var process = Process.Start(start)!;
            process.WaitForExit();
            exitCode = process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Console.Error.WriteLine($"--link takes unshare (util-linux), ip and tc (iproute2), and root: {missing.Message}");
            exitCode = 1;
        }

        return true;
    }

    // As "dotnet program.dll" the program is the first argument.
    private static IEnumerable<string> OwnAssembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
}
