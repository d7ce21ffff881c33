using System.Globalization;
using System.Net.Sockets;

namespace Dvs.Proxy.Transport.Tcp;

/// <summary>
/// Notices that a peer's host or the network is gone while data is under way. The kernel itself goes on for a quarter of an hour (tcp_retries2),
/// and its keep-alive probes are for connections without data only. Its own limit (TCP_USER_TIMEOUT) will not do: it would also end the
/// connection to a living peer that has stopped reading for a while, and that is back-pressure. Linux only; elsewhere it notices nothing.
/// </summary>
internal sealed class VanishedPeerWatch : IDisposable
{
    private const int ChecksPerLimit = 4;

    private readonly Socket _socket;
    private readonly TimeSpan _limit;
    private readonly Action<string> _onVanished;
    private readonly string _remoteName;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private SilenceClock _clock;

    /// <param name="socket">The connection.</param>
    /// <param name="remoteName">The peer, for people.</param>
    /// <param name="limit">How long nothing may be answered.</param>
    /// <param name="onVanished">Called with what to say of it, on a thread of the pool; may be called more than once.</param>
    /// <param name="time">What tells it how long.</param>
    internal VanishedPeerWatch(Socket socket, string remoteName, TimeSpan limit, Action<string> onVanished, TimeProvider time)
    {
        (_socket, _remoteName, _limit, _onVanished, _time) = (socket, remoteName, limit, onVanished, time);
        _start = time.GetTimestamp();
        _clock = new SilenceClock(limit);
        _timer = time.CreateTimer(static watch => ((VanishedPeerWatch)watch!).Check(), this, limit / ChecksPerLimit, limit / ChecksPerLimit);
    }

    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        if (!TcpAnswers.TryRead(_socket, out var answers))
        {
            return;
        }

        lock (_lock)
        {
            if (!_clock.IsOver(in answers, _time.GetElapsedTime(_start)))
            {
                return;
            }
        }

        _onVanished(string.Create(
            CultureInfo.InvariantCulture,
            $"{_remoteName} has left everything unanswered for {_limit.TotalSeconds:0.###} s: its host or the network is down"));
    }
}
