using System.Diagnostics.CodeAnalysis;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Owns the receiver's connection: the one in use, of which nothing else on the receiving side keeps a reference, and the one on offer. A
/// newer offer replaces what is there, because a peer that connects again has given up the old connection even if we have not noticed yet.
/// Newer is what was accepted later: one that took longer to show whose it is must not bring old commands behind new ones. Thread-safe.
/// Behaviour: ConnectionHandoverTests, the exploration of parts.
/// </summary>
/// <param name="lifetime">Whether the pair serves: otherwise no connection is taken.</param>
/// <param name="time">Measures the waits.</param>
internal sealed class ConnectionHandover(PairLifetime lifetime, TimeProvider time)
{
    private readonly object _gate = new();
    private Guest? _offered;
    private Guest? _inUse;
    private long _newest;

    private sealed record Guest(ProxyConnection Connection, SessionIntroduction? Introduction);

    /// <summary>The connection that <see cref="TryTake"/> gave out, until <see cref="Release"/>; null for none. For the receiver thread,
    /// and whoever it tells under a lock that there is one.</summary>
    public ProxyConnection? InUse => _inUse?.Connection;

    /// <summary>True while a connection is in use or on offer.</summary>
    public bool IsOccupied
    {
        get
        {
            lock (_gate)
            {
                return (_inUse ?? _offered) is not null;
            }
        }
    }

    /// <summary>Offers a connection, or closes it where the pair does not serve or has had a newer one.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="order">Goes up with every connection that the listener accepts.</param>
    /// <param name="introduction">In a session: who the peer has proven to be. Then the place of another of its processes is not
    /// taken.</param>
    public HandoverOffer Offer(ProxyConnection connection, long order, SessionIntroduction? introduction = null)
    {
        ProxyConnection? superseded;
        HandoverOffer outcome;
        lock (_gate)
        {
            if (!lifetime.IsServing || order < _newest)
            {
                superseded = connection;
                outcome = lifetime.IsServing ? HandoverOffer.Late : HandoverOffer.Closed;
            }
            else if (introduction is not null && IsHeldByLiving(introduction))
            {
                superseded = connection;
                outcome = HandoverOffer.Contested;
            }
            else
            {
                superseded = _offered?.Connection;
                outcome = (_inUse ?? _offered) is null ? HandoverOffer.Taken : HandoverOffer.Replaces;
                _offered = new Guest(connection, introduction);
                _newest = order;
                _inUse?.Connection.Abort(new ConnectionEnd(
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

    /// <summary>
    /// Blocks until no connection of another process is in use or on offer any more. Returns false when the time is up, unless that process
    /// has ended its connection and only what it sent before is still being delivered.
    /// </summary>
    public bool WaitUntilFreeFor(SessionIntroduction introduction, TimeSpan limit)
    {
        var deadline = new Deadline(time, limit);
        lock (_gate)
        {
            while (lifetime.IsServing && IsHeldByAnother(introduction))
            {
                if (deadline.IsOver)
                {
                    return !IsHeldByLiving(introduction);
                }

                Monitor.Wait(_gate, deadline.RemainingMilliseconds);
            }

            return true;
        }
    }

    /// <summary>Blocks until a connection is offered, and takes it into use. Returns false if the pair does not serve, or the time is
    /// up.</summary>
    public bool TryTake(TimeSpan limit, [NotNullWhen(true)] out ProxyConnection? connection, out SessionIntroduction? introduction)
    {
        var deadline = new Deadline(time, limit);
        lock (_gate)
        {
            while (_offered is null && lifetime.IsServing && !deadline.IsOver)
            {
                Monitor.Wait(_gate, deadline.RemainingMilliseconds);
            }

            (_inUse, _offered) = (_offered, null);
            (connection, introduction) = (_inUse?.Connection, _inUse?.Introduction);
            return connection is not null;
        }
    }

    /// <summary>Ends the use of the connection that <see cref="TryTake"/> gave out: no other thread touches it any more, and whoever took
    /// it disposes of it. The receiver thread only.</summary>
    public void Release()
    {
        lock (_gate)
        {
            Invariant.Require(_inUse is not null, "A connection is released that is not in use.");
            _inUse = null;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Has the receiver thread end the connection in use, if any, in order; cuts it where that was asked before. The next one is
    /// welcome.</summary>
    public void EndInUse(ConnectionEnd end)
    {
        lock (_gate)
        {
            if (_inUse is { Connection.OwnEnd: null })
            {
                _inUse.Connection.RequestEnd(end);
            }
            else
            {
                _inUse?.Connection.Abort();
            }
        }
    }

    /// <summary>Cuts the connection in use, if any; the next one is welcome.</summary>
    public void CutInUse(ConnectionEnd end)
    {
        lock (_gate)
        {
            _inUse?.Connection.Abort(end);
        }
    }

    /// <summary>The pair does not serve any more: closes the connection on offer, ends a waiting <see cref="TryTake"/>, and has the
    /// receiver thread end the one in use.</summary>
    public void Close(ConnectionEnd end)
    {
        ProxyConnection? offered;
        lock (_gate)
        {
            _inUse?.Connection.RequestEnd(end);
            (offered, _offered) = (_offered?.Connection, null);
            Monitor.PulseAll(_gate);
        }

        if (offered is not null)
        {
            offered.Abort();
            Discard(offered);
        }
    }

    private bool IsHeldByAnother(SessionIntroduction introduction) =>
        (_inUse?.Introduction ?? _offered?.Introduction) is { } holder && holder.Open.Id.Process != introduction.Open.Id.Process;

    private bool IsHeldByLiving(SessionIntroduction introduction) =>
        IsHeldByAnother(introduction) && !(_inUse ?? _offered)!.Connection.HasPeerEnded();

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

    /// <summary>Closed: the pair does not serve.</summary>
    Closed,
}
