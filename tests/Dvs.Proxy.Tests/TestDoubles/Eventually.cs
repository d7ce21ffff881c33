using System.Diagnostics;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>Waits for a condition, with a generous limit; the only place where tests let time pass.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until <paramref name="condition"/> holds; fails with <paramref name="what"/> when it never does.</summary>
    public static void True(Func<bool> condition, string what, Func<string>? details = null, TimeSpan? limit = null)
    {
        var most = limit ?? Limit;
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > most)
            {
                throw new TimeoutException($"Waited {most.TotalSeconds:0} s in vain: {what}{(details is null ? "" : $"\n{details()}")}");
            }

            Thread.Yield();
            Thread.Sleep(1);
        }
    }
}
