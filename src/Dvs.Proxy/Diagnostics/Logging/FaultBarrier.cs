using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Diagnostics.Logging;

/// <summary>Where an exception that nobody expected stops: it is logged and the caller goes on. For steps that must not keep the next ones
/// from being done, and for threads and timers that serve many.</summary>
internal static class FaultBarrier
{
    /// <summary>Does something; whatever it throws is logged.</summary>
    /// <param name="logger">Where to log.</param>
    /// <param name="what">What is done, for the log: <c>the watch over the pairs</c>.</param>
    /// <param name="action">It.</param>
    /// <returns>False where it threw.</returns>
    public static bool Run(ILogger logger, string what, Action action)
    {
        try
        {
            action();
            return true;
        }
#pragma warning disable CA1031 // This is the barrier.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ProxyLog.UnexpectedFault(logger, what, exception);
            return false;
        }
    }

    /// <summary>As <see cref="Run"/>.</summary>
    public static async Task<bool> RunAsync(ILogger logger, string what, Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
            return true;
        }
#pragma warning disable CA1031 // This is the barrier.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ProxyLog.UnexpectedFault(logger, what, exception);
            return false;
        }
    }
}
