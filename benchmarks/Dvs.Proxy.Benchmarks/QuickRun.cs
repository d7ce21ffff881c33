using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Dvs.Proxy.Benchmarks;

/// <summary>
/// All benchmarks in a short form, for continuous integration: <c>-- --quick [filters]</c>. Times are written down, not judged; what is judged
/// is that nothing marked <see cref="AllocationFree"/> allocates.
/// </summary>
internal static class QuickRun
{
    /// <summary>Category of what must not allocate in steady state.</summary>
    public const string AllocationFree = nameof(AllocationFree);

    /// <summary>Where the results go, below the working directory.</summary>
    private const string ArtifactsPath = "artifacts/benchmarks";

    /// <returns>0; 1 where something allocated that must not; 2 where a benchmark did not run.</returns>
    public static int Run(string[] filters)
    {
        string[] arguments = ["--filter", .. filters.Length == 0 ? ["*"] : filters];
        List<Summary> summaries = [.. new BenchmarkSwitcher(FindTypes()).Run(arguments, CreateConfig())];
        var reports = summaries.SelectMany(static summary => summary.Reports).ToList();
        var failed = reports.Where(static report => !report.Success).ToList();
        var judged = reports.Where(static report => report.Success && report.BenchmarkCase.Descriptor.HasCategory(AllocationFree)).ToList();
        var allocating = judged.Select(static report => (report.BenchmarkCase, Bytes: AllocationCheck.Measure(report.BenchmarkCase))).Where(static found => found.Bytes > 0).ToList();
        Console.WriteLine($"{reports.Count} benchmarks, {judged.Count} of them must not allocate, {allocating.Count} of these do. Results: {Path.GetFullPath(ArtifactsPath)}");
        failed.ForEach(static report => Console.Error.WriteLine($"DID NOT RUN: {report.BenchmarkCase.DisplayInfo}"));
        allocating.ForEach(static found => Console.Error.WriteLine($"ALLOCATES {found.Bytes} B, and must not: {found.BenchmarkCase.DisplayInfo}"));
        return allocating.Count > 0 ? 1 : failed.Count > 0 || reports.Count == 0 ? 2 : 0;
    }

    // A class with a job of its own needs a process of its own, with a driver preloaded; those are for the long form.
    private static Type[] FindTypes() =>
    [
        .. typeof(QuickRun).Assembly.GetTypes().Where(static type =>
            type.IsDefined(typeof(MemoryDiagnoserAttribute), inherit: false) && !type.IsDefined(typeof(ConfigAttribute), inherit: false)),
    ];

    // In this process: no project to generate and build per benchmark, which would take most of the time.
    private static ManualConfig CreateConfig() => ManualConfig.CreateEmpty()
        .AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(2)
            .WithIterationCount(3)
            .WithIterationTime(TimeInterval.FromMilliseconds(40)))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddLogger(ConsoleLogger.Unicode)
        .AddExporter(JsonExporter.Brief)
        .WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared))
        .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile | ConfigOptions.DisableOptimizationsValidator)
        .WithArtifactsPath(Path.GetFullPath(ArtifactsPath));
}
