using System.ComponentModel;
using System.Diagnostics;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;

namespace Dvs.Proxy.Benchmarks;

/// <summary>
/// Runs benchmarks in processes into which the native stand-in for the driver is preloaded. Builds it with gcc first; where that does not work, the
/// benchmark's set-up says why.
/// </summary>
public sealed class StandInJob : ManualConfig
{
    /// <summary>Why there is no stand-in, in the environment of the benchmark's process.</summary>
    internal const string ProblemVariable = "DVK_STANDIN_PROBLEM";

    /// <summary>The calls are many: each iteration makes 2,048 of them.</summary>
    internal const int Calls = 2_048;

    public StandInJob()
    {
        var (library, problem) = Build();
        AddJob(Job.Default
            .WithInvocationCount(Calls)
            .WithUnrollFactor(16)
            .WithEnvironmentVariables(
                new EnvironmentVariable("LD_PRELOAD", library),
                new EnvironmentVariable("DVK_STANDIN_OPTIONS", "sigterm=0"),
                new EnvironmentVariable(ProblemVariable, problem)));
    }

    private static (string Library, string Problem) Build()
    {
        if (!OperatingSystem.IsLinux())
        {
            return ("", "The stand-in for the driver is preloaded, which works on Linux only.");
        }

        var sources = Path.Combine(Repository.Find() ?? Directory.GetCurrentDirectory(), "tests", "native");
        var library = Path.Combine(AppContext.BaseDirectory, "libdvk_standin.so");
        var start = new ProcessStartInfo("gcc") { RedirectStandardError = true };
        foreach (var argument in (string[])["-std=gnu11", "-O2", "-fvisibility=hidden", "-fPIC", "-shared", "-o", library, .. Directory.GetFiles(sources, "*.c"), "-ldl", "-lpthread"])
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
