using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Dvs.Proxy.Benchmarks;

/// <summary>
/// Runs benchmarks in processes into which the native stand-in for the driver is preloaded. Builds it with gcc first; where that does not work, the
/// benchmark's set-up says why. In a process that has it already (the quick run's), the benchmarks run right there, in a short form.
/// </summary>
public sealed class StandInJob : ManualConfig
{
    /// <summary>The calls are many: each iteration makes 2,048 of them.</summary>
    internal const int Calls = 2_048;

    public StandInJob()
    {
        var job = Job.Default.WithInvocationCount(Calls).WithUnrollFactor(16);
        AddJob(StandIn.IsPreloaded
            ? job.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(2).WithIterationCount(10)
            : job.WithEnvironmentVariables([.. StandIn.Prepare().Select(static variable => new EnvironmentVariable(variable.Key, variable.Value))]));
    }
}
