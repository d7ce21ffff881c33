using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>Waits for a condition, with a generous limit; the only place where tests let time pass.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

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

    /// <summary>As <see cref="True"/>, for a test that awaits.</summary>
    public static async Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > Limit)
            {
                throw new TimeoutException($"Waited {Limit.TotalSeconds:0} s in vain: {what}");
            }

            await Task.Delay(1);
        }
    }
}
