using System.Diagnostics.CodeAnalysis;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Where accepted connections wait for the receiver thread. Holds at most one in use and one offered; a newer offer replaces what is there,
/// because a peer that connects again has given up the old connection even if we have not noticed yet. Newer is what was accepted later: one
/// that took longer to show whose it is must not bring old commands behind new ones. Thread-safe.
/// </summary>
internal sealed class ConnectionHandover
{
    private readonly object _gate = new();
    private ProxyConnection? _offered;
    private ProxyConnection? _current;
    private SessionIntroduction? _offeredIntroduction;
    private SessionIntroduction? _currentIntroduction;
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
    /// <param name="introduction">In a session: who the peer has proven to be. Then the place of another of its processes is not taken.</param>
    public HandoverOffer Offer(ProxyConnection connection, long order, SessionIntroduction? introduction = null)
    {
        ProxyConnection? superseded;
        HandoverOffer outcome;
        lock (_gate)
        {
            if (_closed || order < _newest)
            {
                superseded = connection;
                outcome = _closed ? HandoverOffer.Closed : HandoverOffer.Late;
            }
            else if (introduction is not null && IsHeldByLiving(introduction))
            {
                superseded = connection;
                outcome = HandoverOffer.Contested;
            }
            else
            {
                superseded = _offered;
                outcome = _offered is not null || _current is not null ? HandoverOffer.Replaces : HandoverOffer.Taken;
                (_offered, _offeredIntroduction) = (connection, introduction);
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

    /// <summary>True while a connection of another process than this is in use or on offer.</summary>
    public bool IsHeldByAnotherThan(SessionIntroduction introduction)
    {
        lock (_gate)
        {
            return IsHeldByAnother(introduction);
        }
    }

    /// <summary>Blocks until no connection of another process is in use or on offer any more. False when the time is up, unless that process has ended
    /// its connection and only what it sent before is still being delivered.</summary>
    public bool WaitUntilFreeFor(SessionIntroduction introduction, TimeSpan limit)
    {
        var deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        lock (_gate)
        {
            while (!_closed && IsHeldByAnother(introduction))
            {
                var remaining = (int)Math.Clamp(deadline - Environment.TickCount64, 0, int.MaxValue);
                if (remaining == 0)
                {
                    return !IsHeldByLiving(introduction);
                }

                Monitor.Wait(_gate, remaining);
            }

            return true;
        }
    }

    /// <summary>Blocks until a connection is offered, and takes it into use. False when the slot was closed or the time is up.</summary>
    public bool TryTake(TimeSpan limit, [NotNullWhen(true)] out ProxyConnection? connection, out SessionIntroduction? introduction)
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
            (_currentIntroduction, _offeredIntroduction) = (_offeredIntroduction, null);
            (connection, introduction) = (_current, _currentIntroduction);
            return connection is not null;
        }
    }

    /// <summary>Ends the use of the connection that <see cref="TryTake"/> returned.</summary>
    public void Release(ProxyConnection connection)
    {
        lock (_gate)
        {
            (_current, _currentIntroduction) = (null, null);
            Monitor.PulseAll(_gate);
        }

        connection.Abort();
        Discard(connection);
    }

    /// <summary>Has the connection in use ended, if any, by the thread that uses it; at once, where it was asked to before. The slot goes on.</summary>
    public void EndCurrent(ConnectionEnd end)
    {
        lock (_gate)
        {
            if (_current is { OwnEnd: null })
            {
                _current.RequestEnd(end);
            }
            else
            {
                _current?.Abort();
            }
        }
    }

    /// <summary>Ends the connection in use, if any; the slot goes on.</summary>
    public void AbortCurrent(ConnectionEnd end)
    {
        lock (_gate)
        {
            _current?.Abort(end);
        }
    }

    /// <summary>Ends everything: the one on offer, a waiting <see cref="TryTake"/>, and the connection in use by the thread that uses it.</summary>
    public void Close(ConnectionEnd end)
    {
        ProxyConnection? offered;
        lock (_gate)
        {
            _closed = true;
            _current?.RequestEnd(end);
            (offered, _offered) = (_offered, null);
            _offeredIntroduction = null;
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

    private bool IsHeldByAnother(SessionIntroduction introduction) =>
        (_currentIntroduction ?? _offeredIntroduction) is { } holder && holder.Open.Id.Process != introduction.Open.Id.Process;

    private bool IsHeldByLiving(SessionIntroduction introduction) => IsHeldByAnother(introduction) && !(_current ?? _offered)!.HasPeerEnded;

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
internal enum HandoverOffer
{
    /// <summary>Taken; there was none.</summary>
    Taken,

    /// <summary>Taken in place of another.</summary>
    Replaces,

    /// <summary>Closed: a newer one came before.</summary>
    Late,

    /// <summary>Closed: another living process of the same node holds the place.</summary>
    Contested,

    /// <summary>Closed: the slot is.</summary>
    Closed,
}
