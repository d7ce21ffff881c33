using System.Net;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>
/// Owns the connections of one listener that have yet to show whose they are, how far each has come, and who has to go when there are too
/// many: the oldest of the address that has most, so that whoever holds many silent connections loses its own. Thread-safe. Behaviour:
/// PendingConnectionsTests, AdmissionTests.
/// </summary>
internal sealed class PendingConnections(AdmissionLimits limits)
{
    private readonly Lock _lock = new();
    private readonly List<PendingConnection> _pending = [];
    private bool _isClosed;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>All there are at this moment.</summary>
    public PendingConnection[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _pending];
        }
    }

    /// <summary>Takes a connection over. Returns false if no more are taken.</summary>
    /// <param name="pending">The connection.</param>
    /// <param name="victim">The one that has to go for it; null for none. It is still there.</param>
    public bool TryAdd(PendingConnection pending, out PendingConnection? victim)
    {
        victim = null;
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            victim = FindVictim(pending.Address);
            _pending.Add(pending);
            pending.MoveTo(PendingPhase.Waiting);
            return true;
        }
    }

    /// <summary>Takes no more. Returns those that are left.</summary>
    public PendingConnection[] Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            return [.. _pending];
        }
    }

    /// <summary>A look begins. Returns false if the connection does not wait for one. Nothing may be given back under it: who cuts the
    /// connection meanwhile leaves it to the look to close.</summary>
    public bool TryBeginLook(PendingConnection pending) => TryMove(pending, PendingPhase.Waiting, PendingPhase.LookedAt);

    /// <summary>The look is over. Returns false if the connection was cut meanwhile.</summary>
    public bool TryEndLook(PendingConnection pending) => TryMove(pending, PendingPhase.LookedAt, PendingPhase.Waiting);

    /// <summary>The connection is left to the admission's threads. Returns false if it is over.</summary>
    public bool TryMakeReady(PendingConnection pending) => TryMove(pending, PendingPhase.Waiting, PendingPhase.Ready);

    /// <summary>The admission of a connection is over: from here on nobody cuts it any more. Whoever takes it out closes it, or passes it
    /// on.</summary>
    /// <param name="pending">The connection.</param>
    /// <param name="reason">Why it is cut; null where it is not.</param>
    /// <returns>How far it had come; <see cref="PendingPhase.Over"/> where another took it out before.</returns>
    public PendingPhase TakeOut(PendingConnection pending, string? reason)
    {
        lock (_lock)
        {
            var phase = pending.Phase;
            if (phase != PendingPhase.Over)
            {
                pending.MoveTo(PendingPhase.Over);
                pending.CutReason = reason;
                _pending.Remove(pending);
            }

            return phase;
        }
    }

    private bool TryMove(PendingConnection pending, PendingPhase from, PendingPhase to)
    {
        lock (_lock)
        {
            if (pending.Phase != from)
            {
                return false;
            }

            pending.MoveTo(to);
            return true;
        }
    }

    private PendingConnection? FindVictim(IPAddress? address)
    {
        if (CountOf(address) >= limits.MaxPendingPerAddress)
        {
            return OldestOf(address);
        }

        if (_pending.Count < limits.MaxPending)
        {
            return null;
        }

        var busiest = _pending[0];
        var most = 0;
        foreach (var candidate in _pending)
        {
            var count = CountOf(candidate.Address);
            if (count > most)
            {
                (busiest, most) = (candidate, count);
            }
        }

        return OldestOf(busiest.Address);
    }

    private int CountOf(IPAddress? address)
    {
        var count = 0;
        foreach (var pending in _pending)
        {
            count += Equals(pending.Address, address) ? 1 : 0;
        }

        return count;
    }

    private PendingConnection? OldestOf(IPAddress? address) => _pending.Find(pending => Equals(pending.Address, address));
}
