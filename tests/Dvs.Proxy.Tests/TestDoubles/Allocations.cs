namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>
/// What the calling thread allocates when it does the same thing again, in bytes. The runtime charges a thread now and then for what is not the thread's doing:
/// the rest of its allocation context (up to 8 KB) when a collection takes that away, or what compiling a hot method anew costs. It does not do so every time; what
/// the work allocates itself shows every time.
/// </summary>
internal static class Allocations
{
    /// <summary>The least of three runs: always three, so that two threads that do their parts of one thing stay together.</summary>
    public static long Least(Action work)
    {
        var least = long.MaxValue;
        for (var run = 0; run < 3; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
