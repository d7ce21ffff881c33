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
/// Owns what a pair is to do: serve, park or stop, and whether its connections are cut because it took too long. All parts of the pair look
/// here before they connect, fetch, accept or wait, and keep no flag of their own; the two proxy threads wait here while they are parked.
/// Thread-safe. Behaviour: ParkTests, PlannedStopTests, the exploration of pairs.
/// </summary>
internal sealed class PairLifetime : IDisposable
{
    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private CancellationTokenSource _serving = new();
    private volatile PairPhase _phase;
    private int _isCut;
    private int _parked;

    public PairLifetime(TimeProvider time)
    {
        _time = time;
        Stopping = _stopping.Token;
    }

    /// <summary>True while the pair is to connect and serve.</summary>
    public bool IsServing => _phase == PairPhase.Serving;

    /// <summary>True once the pair is to end.</summary>
    public bool IsStopping => _phase == PairPhase.Stopping;

    /// <summary>True from <see cref="Cut"/> until the pair serves again: no connection may live.</summary>
    public bool IsCut => Volatile.Read(ref _isCut) != 0;

    /// <summary>Is canceled when the pair is to end; a pair that parks goes on.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Is canceled at the end of the present time of service: its attempts and waits are to end, too.</summary>
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

    /// <summary>The time to close the connections in order is over. Whoever has seen this has seen all that was written before
    /// it.</summary>
    public void Cut() => Interlocked.Exchange(ref _isCut, 1);

    /// <summary>The pair is to end. Any number of times.</summary>
    public void Stop() => Leave(PairPhase.Stopping);

    /// <summary>The pair is to park. Returns false if it is parked already, or ends.</summary>
    public bool Park() => Leave(PairPhase.Parking);

    /// <summary>A parked pair is to serve again. Returns false if it is not parked.</summary>
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
            Interlocked.Exchange(ref _isCut, 0);
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

    /// <summary>Waits until both threads are parked, or need not be any more. Returns false if the time is up first.</summary>
    public bool WaitUntilParked(TimeSpan limit)
    {
        var deadline = new Deadline(_time, limit);
        lock (_gate)
        {
            while (_phase == PairPhase.Parking && _parked < 2)
            {
                if (deadline.IsOver)
                {
                    return false;
                }

                Monitor.Wait(_gate, deadline.RemainingMilliseconds);
            }

            return true;
        }
    }

    public void Dispose()
    {
        _serving.Dispose();
        _stopping.Dispose();
    }

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
        if (phase == PairPhase.Stopping)
        {
            _stopping.Cancel();
        }

        return true;
    }
}
