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

    /// <returns>Bytes over all operations, 0 for a benchmark that does not allocate in steady state; and how many operations that were.</returns>
    public static (long Bytes, long Operations) Measure(BenchmarkCase benchmark)
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
            if (descriptor.IterationSetupMethod is { } setup)
            {
                Count(operation, () => setup.Invoke(instance, null), benchmark.Job.Run.InvocationCount);
                return Count(operation, () => setup.Invoke(instance, null), benchmark.Job.Run.InvocationCount);
            }

            Count(operation);
            return Count(operation);
        }
        finally
        {
            descriptor.GlobalCleanupMethod?.Invoke(instance, null);
        }
    }

    private static (long Bytes, long Operations) Count(Action operation)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        long count = 0;
        for (; count < FewestOperations || Stopwatch.GetElapsedTime(started) < Length; count++)
        {
            operation();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before, count);
    }

    // What is set up for an iteration suffices for its number of operations and no more.
    private static (long Bytes, long Operations) Count(Action operation, Action setup, long operations)
    {
        setup();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (long count = 0; count < operations; count++)
        {
            operation();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before, operations);
    }
}
