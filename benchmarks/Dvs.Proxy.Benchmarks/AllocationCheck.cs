using System.Diagnostics;
using System.Linq.Expressions;
using BenchmarkDotNet.Running;

namespace Dvs.Proxy.Benchmarks;

/// <summary>
/// Counts exactly what one benchmark allocates on its own thread. The diagnoser's figure is that of the whole process divided by the operations, so
/// on a slow machine a few hundred bytes of anybody's look like a few per operation; a verdict needs better.
/// </summary>
internal static class AllocationCheck
{
    private const int FewestOperations = 20;
    private static readonly TimeSpan Length = TimeSpan.FromMilliseconds(30);

    /// <returns>Bytes over all operations; 0 for a benchmark that does not allocate in steady state.</returns>
    public static long Measure(BenchmarkCase benchmark)
    {
        var descriptor = benchmark.Descriptor;
        var instance = Activator.CreateInstance(descriptor.Type)!;
        foreach (var parameter in benchmark.Parameters.Items)
        {
            descriptor.Type.GetProperty(parameter.Name)!.SetValue(instance, parameter.Value);
        }

        descriptor.GlobalSetupMethod?.Invoke(instance, null);
        try
        {
            var operation = Expression.Lambda<Action>(Expression.Call(Expression.Constant(instance), descriptor.WorkloadMethod)).Compile();
            Repeat(operation);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(operation);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        finally
        {
            descriptor.GlobalCleanupMethod?.Invoke(instance, null);
        }
    }

    private static void Repeat(Action operation)
    {
        var started = Stopwatch.GetTimestamp();
        for (var count = 0; count < FewestOperations || Stopwatch.GetElapsedTime(started) < Length; count++)
        {
            operation();
        }
    }
}
