using System.Diagnostics;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Tool.Control;

/// <summary>
/// Tells the driver's SIGTERM from an operator's. The driver sends one to this process when one thread of a pair ended or an operator unbound
/// the pair, and the other pairs have to go on. Who sent a signal cannot be seen here, but a pair that has stopped by itself can, and one that
/// the driver no longer knows while its threads wait for the network: each such pair excuses one signal.
/// </summary>
/// <param name="getStatus">The proxy.</param>
/// <param name="isUnbound">Whether the driver has let go of a thread of this peer's pair; null where it cannot be asked.</param>
/// <param name="patience">How long to look: the signal may come before the thread has ended. Null: half a second.</param>
internal sealed class DriverTermination(Func<ProxyStatus> getStatus, Func<int, bool>? isUnbound = null, TimeSpan? patience = null)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly TimeSpan _patience = patience ?? TimeSpan.FromMilliseconds(500);
    private readonly HashSet<int> _excused = [];

    /// <summary>Name of the unbound pair that explains a SIGTERM; null for none: the signal is an operator's. Not to be called twice at a time.</summary>
    public async Task<string?> FindUnboundPairAsync()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            foreach (var pair in getStatus().Pairs)
            {
                if ((HasEnded(pair) || isUnbound?.Invoke(pair.NodeId) == true) && _excused.Add(pair.NodeId))
                {
                    return pair.Name;
                }
            }

            if (Stopwatch.GetElapsedTime(started) >= _patience)
            {
                return null;
            }

            await Task.Delay(PollInterval);
        }
    }

    private static bool HasEnded(PairStatus pair) => HasEnded(pair.Sender) || HasEnded(pair.Receiver);

    private static bool HasEnded(DirectionSnapshot direction) => direction.State is ProxyState.Stopped or ProxyState.Faulted;
}
