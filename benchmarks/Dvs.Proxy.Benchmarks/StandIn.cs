using System.ComponentModel;
using System.Diagnostics;

namespace Dvs.Proxy.Benchmarks;

/// <summary>The native stand-in for the driver (tests/native): built with gcc here and now, and preloaded into a process that is to have it.</summary>
internal static class StandIn
{
    /// <summary>Set in a process for the stand-in: why there is none, or empty where it was preloaded.</summary>
    private const string ProblemVariable = "DVK_STANDIN_PROBLEM";

    /// <summary>Whether it was preloaded into this process.</summary>
    public static bool IsPreloaded => Environment.GetEnvironmentVariable(ProblemVariable) is "";

    /// <summary>Why it was not; null where nobody tried, or it was.</summary>
    public static string? Problem => Environment.GetEnvironmentVariable(ProblemVariable) is { Length: > 0 } problem ? problem : null;

    /// <summary>Builds it.</summary>
    /// <returns>The environment of a process that is to have it, or to say why it has not.</returns>
    public static Dictionary<string, string> Prepare()
    {
        var (library, problem) = Build();
        var environment = new Dictionary<string, string> { [ProblemVariable] = problem };
        if (problem.Length == 0)
        {
            environment["LD_PRELOAD"] = library;
            environment["DVK_STANDIN_OPTIONS"] = "sigterm=0";
        }

        return environment;
    }

    private static (string Library, string Problem) Build()
    {
        if (!OperatingSystem.IsLinux())
        {
            return ("", "The stand-in for the driver is preloaded, which works on Linux only.");
        }

        if (Repository.Find() is not { } repository)
        {
            return ("", "The benchmark does not lie in its repository: the stand-in's sources (tests/native) cannot be found.");
        }

        var library = Path.Combine(AppContext.BaseDirectory, "libdvk_standin.so");
        var start = new ProcessStartInfo("gcc") { RedirectStandardError = true };
        var sources = Directory.GetFiles(Path.Combine(repository, "tests", "native"), "*.c");
        foreach (var argument in (string[])["-std=gnu11", "-O2", "-fvisibility=hidden", "-fPIC", "-shared", "-o", library, .. sources, "-ldl", "-lpthread"])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            using var compiler = Process.Start(start)!;
            var messages = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? (library, "") : ("", $"gcc could not build the stand-in for the driver: {messages}");
        }
        catch (Win32Exception)
        {
            return ("", "gcc is not installed: the stand-in for the driver cannot be built. Install it ('apt-get install gcc') and run the benchmark again.");
        }
    }
}
