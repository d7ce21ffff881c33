namespace Dvs.Proxy.Emulation.Clusters.Links;

/// <summary>All connections between two nodes, and the faults between them. Thread-safe.</summary>
internal sealed class ClusterLink
{
    private readonly Lock _lock = new();
    private readonly HashSet<ClusterConnection> _connections = [];

    // Ends with the stall; null while there is none.
    private volatile TaskCompletionSource? _stall;
    private int _stalls;
    private int _refusals;

    /// <summary>False while nothing passes.</summary>
    public bool Passes => _stall is null;

    /// <summary>True while no connection is let in.</summary>
    public bool Refuses
    {
        get
        {
            lock (_lock)
            {
                return _refusals > 0;
            }
        }
    }

    /// <summary>Takes a new connection on; false while none is let in.</summary>
    public bool TryAdd(ClusterConnection connection)
    {
        lock (_lock)
        {
            return _refusals == 0 && _connections.Add(connection);
        }
    }

    /// <summary>A connection is over.</summary>
    public void Remove(ClusterConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    /// <summary>Blocks while nothing passes.</summary>
    /// <exception cref="OperationCanceledException">The connection was aborted meanwhile.</exception>
    public void WaitUntilItPasses(CancellationToken aborted) => _stall?.Task.Wait(aborted);

    public void Cut()
    {
        ClusterConnection[] connections;
        lock (_lock)
        {
            connections = [.. _connections];
        }

        foreach (var connection in connections)
        {
            connection.Abort();
        }
    }

    public IDisposable Stall()
    {
        lock (_lock)
        {
            _stalls++;
            _stall ??= new TaskCompletionSource();
        }

        return new Fault(EndStall);
    }

    public IDisposable Disconnect()
    {
        lock (_lock)
        {
            _refusals++;
        }

        Cut();
        return new Fault(EndRefusal);
    }

    public void EndFaults()
    {
        lock (_lock)
        {
            (_stalls, _refusals) = (0, 0);
            LetPass();
        }
    }

    private void EndStall()
    {
        lock (_lock)
        {
            if (_stalls > 0 && --_stalls == 0)
            {
                LetPass();
            }
        }
    }

    // With the lock held.
    private void LetPass()
    {
        _stall?.SetResult();
        _stall = null;
    }

    private void EndRefusal()
    {
        lock (_lock)
        {
            _refusals = Math.Max(0, _refusals - 1);
        }
    }

    private sealed class Fault(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
