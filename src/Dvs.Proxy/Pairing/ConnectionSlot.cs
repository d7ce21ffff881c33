using System.Diagnostics.CodeAnalysis;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Where accepted connections wait for the receiver thread. Holds at most one in use and one offered; a newer offer replaces what is there,
/// because a peer that connects again has given up the old connection even if we have not noticed yet. Newer is what was accepted later: one
/// that took longer to show whose it is must not bring old commands behind new ones. Thread-safe.
/// </summary>
internal sealed class ConnectionSlot
{
    private readonly object _gate = new();
    private ProxyConnection? _offered;
    private ProxyConnection? _current;
    private long _newest;
    private bool _closed;

    /// <summary>True while a connection is in use or on offer.</summary>
    public bool IsOccupied
    {
        get
        {
            lock (_gate)
            {
                return _offered is not null || _current is not null;
            }
        }
    }

    /// <summary>Offers a connection, or closes it where the slot is closed or has had a newer one.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="order">Goes up with every connection that the listener accepts.</param>
    public SlotOffer Offer(ProxyConnection connection, long order)
    {
        ProxyConnection? superseded;
        SlotOffer outcome;
        lock (_gate)
        {
            if (_closed || order < _newest)
            {
                superseded = connection;
                outcome = _closed ? SlotOffer.Closed : SlotOffer.Late;
            }
            else
            {
                superseded = _offered;
                outcome = _offered is not null || _current is not null ? SlotOffer.Replaces : SlotOffer.Taken;
                _offered = connection;
                _newest = order;
                _current?.Abort(new ConnectionEnd(
                    ConnectionEndCause.Replaced, $"replaced by a newer connection from {connection.RemoteName}"));
                Monitor.PulseAll(_gate);
            }
        }

        if (superseded is not null)
        {
            superseded.Abort();
            Discard(superseded);
        }

        return outcome;
    }

    /// <summary>Blocks until a connection is offered, and takes it into use. False when the slot was closed or the time is up.</summary>
    public bool TryTake(TimeSpan limit, [NotNullWhen(true)] out ProxyConnection? connection)
    {
        var deadline = limit == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (_gate)
        {
            while (_offered is null && !_closed)
            {
                var remaining = deadline == long.MaxValue ? Timeout.Infinite : (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);
                if (remaining == 0)
                {
                    break;
                }

                Monitor.Wait(_gate, remaining);
            }

            (_current, _offered) = (_offered, null);
            connection = _current;
            return connection is not null;
        }
    }

    /// <summary>Ends the use of the connection that <see cref="TryTake"/> returned.</summary>
    public void Release(ProxyConnection connection)
    {
        lock (_gate)
        {
            _current = null;
        }

        connection.Abort();
        Discard(connection);
    }

    /// <summary>Ends the connection in use, if any; the slot goes on.</summary>
    public void AbortCurrent(ConnectionEnd end)
    {
        lock (_gate)
        {
            _current?.Abort(end);
        }
    }

    /// <summary>Ends everything: the connection in use, the one on offer, and a waiting <see cref="TryTake"/>.</summary>
    public void Close(ConnectionEnd end)
    {
        ProxyConnection? offered;
        lock (_gate)
        {
            _closed = true;
            _current?.Abort(end);
            (offered, _offered) = (_offered, null);
            Monitor.PulseAll(_gate);
        }

        if (offered is not null)
        {
            offered.Abort();
            Discard(offered);
        }
    }

    /// <summary>Takes <see cref="Close"/> back.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _closed = false;
        }
    }

    // The connections of this library dispose synchronously; another's may not, and nobody here may wait for it.
    private static void Discard(ProxyConnection connection)
    {
        var disposal = connection.DisposeAsync();
        if (!disposal.IsCompletedSuccessfully)
        {
            disposal.AsTask().ContinueWith(static task => _ = task.Exception, TaskScheduler.Default);
        }
    }
}

/// <summary>What became of an offer.</summary>
internal enum SlotOffer
{
    /// <summary>Taken; there was none.</summary>
    Taken,

    /// <summary>Taken in place of another.</summary>
    Replaces,

    /// <summary>Closed: a newer one came before.</summary>
    Late,

    /// <summary>Closed: the slot is.</summary>
    Closed,
}
