using System.Diagnostics;

namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>How long the tests wait for conditions: long enough for a busy machine, never a measure of speed.</summary>
internal static class Limits
{
    public static readonly TimeSpan Condition = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan Demo = TimeSpan.FromMinutes(6);
    public static readonly TimeSpan Build = TimeSpan.FromMinutes(6);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads until what was read is as wished; fails with the last thing read.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> read, Func<T, bool> isWished, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var last = await read();
            if (isWished(last))
            {
                return last;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Condition, $"Not within {Condition.TotalSeconds} s: {what}. Last seen:\n{last}");
            await Task.Delay(PollInterval);
        }
    }
}
