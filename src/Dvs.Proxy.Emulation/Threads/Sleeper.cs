namespace Dvs.Proxy.Emulation.Threads;

/// <summary>How a sleep ended.</summary>
internal enum WakeReason
{
    TimedOut,
    Woken,
    Kicked,
}

/// <summary>
/// Where one thread sleeps. <see cref="Prepare"/>, <see cref="Wake"/> and <see cref="Kick"/> are called with the node's lock held, so a wake
/// cannot slip between the decision to sleep and the sleep; <see cref="Wait"/> is called without it.
/// </summary>
internal sealed class Sleeper
{
    private readonly object _gate = new();
    private bool _woken;
    private bool _kicked;

    /// <summary>Whether <see cref="Wake"/> came since <see cref="Prepare"/>. With the node's lock held.</summary>
    public bool IsWoken => _woken;

    public void Prepare()
    {
        lock (_gate)
        {
            _woken = false;
            _kicked = false;
        }
    }

    /// <summary>What the thread waits for is there.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>The thread is to look around: somebody interrupts it.</summary>
    public void Kick()
    {
        lock (_gate)
        {
            _kicked = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Sleeps until woken or kicked. -1 is for ever.</summary>
    public WakeReason Wait(int timeoutMilliseconds)
    {
        var deadline = timeoutMilliseconds < 0 ? long.MaxValue : Environment.TickCount64 + timeoutMilliseconds;
        lock (_gate)
        {
            while (!_woken && !_kicked)
            {
                var remaining = deadline == long.MaxValue ? Timeout.Infinite : (int)Math.Min(int.MaxValue, deadline - Environment.TickCount64);
                if (deadline != long.MaxValue && remaining <= 0)
                {
                    return WakeReason.TimedOut;
                }

                Monitor.Wait(_gate, remaining);
            }

            return _woken ? WakeReason.Woken : WakeReason.Kicked;
        }
    }
}
