using System.Globalization;

namespace Dvs.Proxy.Conformance.Actors;

/// <summary>What the kernel says of a thread of this process.</summary>
/// <param name="State">R, S, D and so on; 0 when there is no such thread.</param>
/// <param name="Switches">How often it has left a processor. While it sleeps this does not change.</param>
internal readonly record struct ThreadActivity(char State, long Switches)
{
    /// <summary>A thread that runs.</summary>
    public static ThreadActivity Running { get; } = new('R', 0);

    /// <summary>Sleeps, and a signal wakes it.</summary>
    public bool IsAsleep => State == 'S';

    /// <summary>Runs, or would if it had a processor.</summary>
    public bool IsRunning => State is not ('S' or 'D') && !IsGone;

    /// <summary>There is no such thread.</summary>
    public bool IsGone => State is '\0' or 'Z' or 'X';

    public static ThreadActivity Read(int threadId)
    {
        try
        {
            var state = '\0';
            var switches = 0L;
            foreach (var line in File.ReadLines($"/proc/self/task/{threadId.ToString(CultureInfo.InvariantCulture)}/status"))
            {
                if (line.StartsWith("State:", StringComparison.Ordinal))
                {
                    state = line.AsSpan(6).TrimStart()[0];
                }
                else if (line.Contains("ctxt_switches:", StringComparison.Ordinal))
                {
                    switches += long.Parse(line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
                }
            }

            return new ThreadActivity(state, switches);
        }
        catch (IOException)
        {
            return default;
        }
    }
}
