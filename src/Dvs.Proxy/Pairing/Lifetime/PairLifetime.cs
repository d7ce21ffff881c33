namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>What a pair is to do.</summary>
internal enum PairPhase
{
    /// <summary>Connect and serve.</summary>
    Serving,

    /// <summary>Close the network, and wait outside the driver until told to serve again.</summary>
    Parking,

    /// <summary>End, for good.</summary>
    Stopping,
}

/// <summary>
/// What a pair is to do: serve, park or stop. The one owner of that fact; its two proxy threads look here before they connect, fetch or
/// wait, and wait here while they are parked. Thread-safe.
/// </summary>
internal sealed class PairLifetime : IDisposable
{
    private readonly object _gate = new();
    private CancellationTokenSource _serving = new();
    private volatile PairPhase _phase;
    private int _parked;

    /// <summary>True while the pair is to connect and serve.</summary>
    public bool IsServing => _phase == PairPhase.Serving;

    /// <summary>True once the pair is to end.</summary>
    public bool IsStopping => _phase == PairPhase.Stopping;

    /// <summary>Ends with the present time of service: the attempts and waits of it are to end, too.</summary>
    public CancellationToken Serving
    {
        get
        {
            lock (_gate)
            {
                return _serving.Token;
            }
        }
    }

    /// <summary>The pair is to end. Any number of times.</summary>
    public void Stop() => Leave(PairPhase.Stopping);

    /// <summary>The pair is to park. False: it is parked already, or ends.</summary>
    public bool Park() => Leave(PairPhase.Parking);

    /// <summary>A parked pair is to serve again. False: it is not parked.</summary>
    public bool Resume()
    {
        lock (_gate)
        {
            if (_phase != PairPhase.Parking)
            {
                return false;
            }

            // The old one is not disposed: a thread that did not come to park may still wait for it.
            _serving = new CancellationTokenSource();
            _phase = PairPhase.Serving;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>On a proxy thread that has left the driver and the network: waits while the pair is to park.</summary>
    public void WaitWhileParking()
    {
        lock (_gate)
        {
            _parked++;
            Monitor.PulseAll(_gate);
            while (_phase == PairPhase.Parking)
            {
                Monitor.Wait(_gate);
            }

            _parked--;
        }
    }

    /// <summary>Waits until both threads are parked, or need not be any more. False: the time is up.</summary>
    public bool WaitUntilParked(TimeSpan limit)
    {
        var deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (_gate)
        {
            while (_phase == PairPhase.Parking && _parked < 2)
            {
                var remaining = (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);
                if (remaining == 0)
                {
                    return false;
                }

                Monitor.Wait(_gate, remaining);
            }

            return true;
        }
    }

    public void Dispose() => _serving.Dispose();

    private bool Leave(PairPhase phase)
    {
        CancellationTokenSource serving;
        lock (_gate)
        {
            if (_phase >= phase)
            {
                return false;
            }

            _phase = phase;
            serving = _serving;
            Monitor.PulseAll(_gate);
        }

        serving.Cancel();
        return true;
    }
}
