using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>
/// Where connections of one listener show whose they are. A silent one costs no thread: it is looked at from time to time, and only when
/// enough has come is it left to one of the few threads of the <see cref="AdmissionThreads"/>, because a connection's pipe may block its
/// reader (and where the transport cannot tell, at once). Their number and their time are limited. When it is full the newest comes in and
/// the oldest of the address that has most has to go: whoever holds many silent connections loses its own, and a peer that says at once
/// whose it is gets through. Thread-safe.
/// </summary>
internal sealed class ConnectionAdmission : IDisposable
{
    // How soon a look finds what has come, and how many it may look at in that time: with more it comes more seldom, so that silence costs little
    // however many are silent. Looks are taken only while somebody has yet to show whose it is.
    private const int LookMilliseconds = 5;
    private const int LooksPerPeriod = 64;

    private readonly AdmissionLimits _limits;
    private readonly ProxyEnvironment _environment;
    private readonly IConnectionIdentification _identification;
    private readonly Action<ProxyConnection, string> _refuse;
    private readonly List<PendingConnection> _pending = [];
    private readonly Timer _timer;
    private bool _isLooking;
    private bool _stopped;

    /// <param name="limits">The limits.</param>
    /// <param name="environment">What all pairs share.</param>
    /// <param name="identification">Finds out whose a connection is.</param>
    /// <param name="refuse">Told why a connection was not admitted; closes it.</param>
    public ConnectionAdmission(
        AdmissionLimits limits, ProxyEnvironment environment, IConnectionIdentification identification, Action<ProxyConnection, string> refuse)
    {
        (_limits, _environment, _identification, _refuse) = (limits, environment, identification, refuse);
        _timer = new Timer(static admission => ((ConnectionAdmission)admission!).OnTimer(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Takes a connection over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="order">Goes up with every connection that the listener accepts.</param>
    public void Admit(ProxyConnection connection, long order)
    {
        var pending = new PendingConnection(connection, order, _environment.Time.GetTimestamp(), Cut);
        PendingConnection? victim;
        lock (_pending)
        {
            if (_stopped)
            {
                victim = pending;
            }
            else
            {
                victim = FindVictim(pending.Address);
                _pending.Add(pending);
                pending.IsPending = true;
                StartLooking();
            }
        }

        if (victim == pending)
        {
            _refuse(connection, "the proxy stops");
            return;
        }

        if (victim is not null)
        {
            Cut(
                victim,
                "it had to make room for a newer one: too many connections have not yet said whose they are "
                + "(MaxPendingConnections, MaxPendingPerAddress)");
        }

        if (pending.Pollable is null)
        {
            Identify(pending);
        }
    }

    /// <summary>Ends all that wait and admits no more.</summary>
    public void Stop()
    {
        PendingConnection[] rest;
        lock (_pending)
        {
            _stopped = true;
            rest = [.. _pending];
        }

        Array.ForEach(rest, pending => Cut(pending, "the proxy stops"));
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    // A connection leaves the list once, and whoever takes it out closes it; where a thread has it, the thread does.
    private void Cut(PendingConnection pending, string reason)
    {
        bool isOurs;
        lock (_pending)
        {
            if (!Remove(pending))
            {
                return;
            }

            pending.CutReason = reason;
            isOurs = !pending.IsReady && !pending.IsLookedAt;
        }

        pending.Connection.Abort(new ConnectionEnd(ConnectionEndCause.HandshakeTimeout, reason));
        if (isOurs || _environment.Admission.TryRemove(pending))
        {
            _refuse(pending.Connection, reason);
        }
    }

    private PendingConnection? FindVictim(IPAddress? address)
    {
        if (CountOf(address) >= _limits.MaxPendingPerAddress)
        {
            return OldestOf(address);
        }

        if (_pending.Count < _limits.MaxPending)
        {
            return null;
        }

        PendingConnection busiest = _pending[0];
        int most = 0;
        foreach (var candidate in _pending)
        {
            int count = CountOf(candidate.Address);
            if (count > most)
            {
                (busiest, most) = (candidate, count);
            }
        }

        return OldestOf(busiest.Address);
    }

    private int CountOf(IPAddress? address)
    {
        int count = 0;
        foreach (var pending in _pending)
        {
            count += Equals(pending.Address, address) ? 1 : 0;
        }

        return count;
    }

    private PendingConnection? OldestOf(IPAddress? address) => _pending.Find(pending => Equals(pending.Address, address));

    private void StartLooking()
    {
        if (!_isLooking)
        {
            _isLooking = true;
            _timer.Change(LookMilliseconds * (1 + (_pending.Count / LooksPerPeriod)), Timeout.Infinite);
        }
    }

    private void OnTimer()
    {
        FaultBarrier.Run(_environment.Logger, "the look at new connections", Look);
        lock (_pending)
        {
            _isLooking = false;
            if (_pending.Count > 0)
            {
                FaultBarrier.Run(_environment.Logger, "the look at new connections", StartLooking);
            }
        }
    }

    private void Look()
    {
        List<PendingConnection> all;
        lock (_pending)
        {
            all = [.. _pending];
        }

        foreach (var pending in all)
        {
            if (_environment.Time.GetElapsedTime(pending.Started) >= _limits.Timeout)
            {
                Expire(pending);
            }
            else
            {
                LookAt(pending);
            }
        }
    }

    // A classic proxy that is cut off never comes again: where its address is enough, its silence is no reason.
    private void Expire(PendingConnection pending)
    {
        if (pending is { IsReady: false, Seen: 0, Pollable: not null }
            && _identification.FindSilent(pending.Connection) is { } pair && Leave(pending))
        {
            pair.Offer(pending.Connection, pending.Order);
            return;
        }

        var sent = pending.IsReady ? "" : $", and had sent {Counted.Of(pending.Seen, "byte")}";
        Cut(pending, string.Create(
            CultureInfo.InvariantCulture, $"it did not say whose it is within {_limits.Timeout.TotalSeconds:0.###} s (HandshakeTimeout){sent}"));
    }

    // Whoever cuts it meanwhile leaves it to us to close: nothing may be given back under a read.
    private void LookAt(PendingConnection pending)
    {
        lock (_pending)
        {
            if (pending.IsReady || !pending.IsPending)
            {
                return;
            }

            pending.IsLookedAt = true;
        }

        var hasNews = HasNews(pending);
        lock (_pending)
        {
            pending.IsLookedAt = false;
        }

        if (pending.CutReason is { } cut)
        {
            _refuse(pending.Connection, cut);
        }
        else if (hasNews)
        {
            Identify(pending);
        }
    }

    // Reads what is there, which does not block, and leaves it in the pipe.
    private bool HasNews(PendingConnection pending)
    {
        try
        {
            if (!pending.Pollable!.Poll(0, SelectMode.SelectRead))
            {
                return false;
            }

            var input = pending.Connection.Input;
            var result = input.ReadBlocking();
            pending.Seen = result.Buffer.Length;
            var isEnough = result.IsCompleted || _identification.IsEnough(pending.Connection, result.Buffer);
            input.AdvanceTo(result.Buffer.Start, isEnough ? result.Buffer.Start : result.Buffer.End);
            return isEnough;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended: the identification finds out how.
            return true;
        }
    }

    private void Identify(PendingConnection pending)
    {
        lock (_pending)
        {
            if (!pending.IsPending)
            {
                return;
            }

            pending.IsReady = true;
        }

        if (!_environment.Admission.TryAdd(pending, Run))
        {
            Leave(pending);
            _refuse(pending.Connection, "the system gives no more threads");
        }
    }

    // From here on nobody cuts it any more.
    private bool Leave(PendingConnection pending)
    {
        lock (_pending)
        {
            return Remove(pending);
        }
    }

    private bool Remove(PendingConnection pending)
    {
        if (!pending.IsPending)
        {
            return false;
        }

        pending.IsPending = false;
        _pending.Remove(pending);
        return true;
    }

    private void Run(PendingConnection pending)
    {
        var found = pending.CutReason is null ? Identify(pending.Connection) : Identification.Refuse(pending.Connection, pending.CutReason);
        Leave(pending);
        if (pending.CutReason is { } cut)
        {
            _refuse(found.Connection, found.Refusal is null || found.Refusal == cut ? cut : $"{cut} [{found.Refusal}]");
        }
        else if (found.Pair is { } pair)
        {
            pair.Offer(found.Connection, pending.Order, found.Introduction);
        }
        else
        {
            _refuse(found.Connection, found.Refusal!);
        }
    }

    private Identification Identify(ProxyConnection connection)
    {
        try
        {
            return _identification.Identify(connection);
        }
#pragma warning disable CA1031 // Whatever a stranger's bytes, or a registered transport, bring about: it ends this connection, not the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Identification.Refuse(connection, exception.Message.TrimEnd('.'));
        }
    }
}

/// <summary>Limits for connections that have yet to show whose they are.</summary>
/// <param name="Timeout">Longest time, TLS handshake included.</param>
/// <param name="MaxPending">Most per listener.</param>
/// <param name="MaxPendingPerAddress">Most per listener from one address.</param>
internal sealed record AdmissionLimits(TimeSpan Timeout, int MaxPending, int MaxPendingPerAddress);
