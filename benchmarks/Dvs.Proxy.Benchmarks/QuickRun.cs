using System.Diagnostics;
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
using Dvs.Proxy.Benchmarks.EndToEnd;
using Perfolizer.Horology;

namespace Dvs.Proxy.Benchmarks;

/// <summary>
/// All benchmarks in a short form, for continuous integration: <c>-- --quick [filters]</c>. Times are written down, not judged; what is judged
/// is that nothing marked <see cref="AllocationFree"/> allocates.
/// </summary>
internal static class QuickRun
{
    public const string Verb = "--quick";

    /// <summary>Category of what must not allocate in steady state.</summary>
    public const string AllocationFree = nameof(AllocationFree);

    private const string Preload = "LD_PRELOAD";

    /// <summary>Where the results go, below the working directory.</summary>
    private const string ArtifactsPath = "artifacts/benchmarks";

    /// <summary>The results once more, under a name that stays.</summary>
    private const string ResultFile = "quick.json";

    /// <returns>0; 1 where something allocated that must not; 2 where a benchmark did not run.</returns>
    public static int Run(string[] filters)
    {
        if (StandIn.IsPreloaded)
        {
            return RunHere(filters);
        }

        var environment = StandIn.Prepare();
        if (environment.ContainsKey(Preload))
        {
            return RunAgain(filters, environment);
        }

        Console.Error.WriteLine($"{nameof(DeviceCallBenchmarks)} are left out. {string.Join(' ', environment.Values)}");
        return RunHere(filters);
    }

    // Preloading works for a new process only.
    private static int RunAgain(string[] filters, Dictionary<string, string> environment)
    {
        var (file, prefix) = NodeProcess.SelfCommand();
        var start = new ProcessStartInfo(file, [.. prefix, Verb, .. filters]);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static int RunHere(string[] filters)
    {
        string[] arguments = ["--filter", .. filters.Length == 0 ? ["*"] : filters];
        List<Summary> summaries = [.. new BenchmarkSwitcher(FindTypes()).Run(arguments, CreateConfig())];
        KeepResults();
        var reports = summaries.SelectMany(static summary => summary.Reports).ToList();
        var failed = reports.Where(static report => !report.Success).ToList();
        var judged = reports.Where(static report => report.Success && report.BenchmarkCase.Descriptor.HasCategory(AllocationFree)).ToList();
        var allocating = judged.Select(static report => (report.BenchmarkCase, Found: AllocationCheck.Measure(report.BenchmarkCase))).Where(static item => item.Found.Bytes > 0).ToList();
        Console.WriteLine($"{reports.Count} benchmarks, {judged.Count} of them must not allocate, {allocating.Count} of these do. Results: {Path.GetFullPath(Path.Combine(ArtifactsPath, ResultFile))}");
        failed.ForEach(static report => Console.Error.WriteLine($"DID NOT RUN: {report.BenchmarkCase.DisplayInfo}"));
        allocating.ForEach(static item => Console.Error.WriteLine(
            $"ALLOCATES {Math.Round((double)item.Found.Bytes / item.Found.Operations, 2)} B per operation ({item.Found.Bytes} B over {item.Found.Operations} operations), and must not: "
            + item.BenchmarkCase.DisplayInfo));
        return allocating.Count > 0 ? 1 : failed.Count > 0 || reports.Count == 0 ? 2 : 0;
    }

    private static void KeepResults()
    {
        var results = new DirectoryInfo(Path.Combine(ArtifactsPath, "results"));
        var newest = results.Exists ? results.GetFiles("*-report-brief.json").MaxBy(static file => file.LastWriteTimeUtc) : null;
        newest?.CopyTo(Path.Combine(ArtifactsPath, ResultFile), overwrite: true);
    }

    // A class with a job of its own is for a process with the stand-in preloaded.
    private static Type[] FindTypes() =>
    [
        .. typeof(QuickRun).Assembly.GetTypes().Where(static type =>
            type.IsDefined(typeof(MemoryDiagnoserAttribute), inherit: false) && (StandIn.IsPreloaded || !type.IsDefined(typeof(ConfigAttribute), inherit: false))),
    ];

    // In this process: no project to generate and build per benchmark, which would take most of the time.
    private static ManualConfig CreateConfig() => ManualConfig.CreateEmpty()
        .AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(2)
            .WithIterationCount(3)
            .WithIterationTime(TimeInterval.FromMilliseconds(40))
            .AsDefault()) // only for classes without a job of their own
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddLogger(ConsoleLogger.Unicode)
        .AddExporter(JsonExporter.Brief)
        .WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared))
        .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile | ConfigOptions.DisableOptimizationsValidator)
        .WithArtifactsPath(Path.GetFullPath(ArtifactsPath));
}
