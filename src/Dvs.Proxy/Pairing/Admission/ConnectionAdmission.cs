using System.Globalization;
using System.Net.Sockets;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission.Identity;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>
/// Where connections of one listener show whose they are. A silent one costs no thread: it is looked at from time to time, and only when
/// enough has come is it left to one of the few threads of the <see cref="AdmissionThreads"/>, because a connection's pipe may block its
/// reader (and where the transport cannot tell, at once). Their number (<see cref="PendingConnections"/>) and their time are limited: a
/// peer that says at once whose it is gets through. Owns the timer of the looks. Thread-safe. Behaviour: AdmissionTests,
/// HostileConnectionTests.
/// </summary>
internal sealed class ConnectionAdmission : IDisposable
{
    // How many it may look at in the time of one look: with more it comes more seldom, so that silence costs little however many are
    // silent.
    private const int LooksPerPeriod = 64;

    // How soon a look finds what has come. Looks are taken only while somebody has yet to show whose it is.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(5);

    private readonly AdmissionLimits _limits;
    private readonly PendingConnections _pending;
    private readonly ProxyEnvironment _environment;
    private readonly IConnectionIdentification _identification;
    private readonly Action<ProxyConnection, string> _turnAway;
    private readonly ITimer _timer;
    private int _isLooking;

    /// <param name="limits">The limits.</param>
    /// <param name="environment">What all pairs share.</param>
    /// <param name="identification">Finds out whose a connection is.</param>
    /// <param name="turnAway">Told why a connection was not admitted; closes it.</param>
    public ConnectionAdmission(
        AdmissionLimits limits,
        ProxyEnvironment environment,
        IConnectionIdentification identification,
        Action<ProxyConnection, string> turnAway)
    {
        (_limits, _environment, _identification, _turnAway) = (limits, environment, identification, turnAway);
        _pending = new PendingConnections(limits);
        _timer = environment.Time.CreateTimer(
            static admission => ((ConnectionAdmission)admission!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes a connection over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="order">Goes up with every connection that the listener accepts.</param>
    public void Admit(ProxyConnection connection, long order)
    {
        var pending = new PendingConnection(connection, order, _environment.Time.GetTimestamp(), Cut);
        if (!_pending.TryAdd(pending, out var victim))
        {
            _turnAway(connection, "the proxy stops");
            return;
        }

        StartLooking();
        if (victim is not null)
        {
            Cut(
                victim,
                "it had to make room for a newer one: too many connections have not yet said whose they are "
                + "(MaxPendingConnections, MaxPendingPerAddress)");
        }

        if (pending.Reads is null)
        {
            Identify(pending);
        }
    }

    /// <summary>Ends all that wait and admits no more.</summary>
    public void Stop() => Array.ForEach(_pending.Close(), pending => Cut(pending, "the proxy stops"));

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    // Where a thread or a look has it, that one closes it.
    private void Cut(PendingConnection pending, string reason)
    {
        var phase = _pending.TakeOut(pending, reason);
        if (phase == PendingPhase.Over)
        {
            return;
        }

        pending.Connection.Abort(new ConnectionEnd(ConnectionEndCause.HandshakeTimeout, reason));
        if (phase == PendingPhase.Waiting || (phase == PendingPhase.Ready && _environment.Admission.TryRemove(pending)))
        {
            _turnAway(pending.Connection, reason);
        }
    }

    private void StartLooking()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 0)
        {
            _timer.Change(LookPeriod * (1 + (_pending.Count / LooksPerPeriod)), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        FaultBarrier.Run(_environment.Logger, "the look at new connections", Look);
        Volatile.Write(ref _isLooking, 0);

        // After the write: who added one before it has seen a look under way, and relies on this one.
        Interlocked.MemoryBarrier();
        if (_pending.Count > 0)
        {
            FaultBarrier.Run(_environment.Logger, "the look at new connections", StartLooking);
        }
    }

    private void Look()
    {
        foreach (var pending in _pending.Snapshot())
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
        var isReady = pending.Phase == PendingPhase.Ready;
        if (!isReady && pending is { Seen: 0, Reads: not null } && _identification.FindSilent(pending.Connection) is { } candidate
            && _pending.TakeOut(pending, reason: null) != PendingPhase.Over)
        {
            candidate.Offer(pending.Connection, pending.Order);
            return;
        }

        var sent = isReady ? "" : $", and had sent {Counted.Of(pending.Seen, "byte")}";
        Cut(pending, string.Create(
            CultureInfo.InvariantCulture,
            $"it did not say whose it is within {_limits.Timeout.TotalSeconds:0.###} s (HandshakeTimeout){sent}"));
    }

    private void LookAt(PendingConnection pending)
    {
        if (pending.Reads is null || !_pending.TryBeginLook(pending))
        {
            return;
        }

        var hasNews = HasNews(pending);
        if (!_pending.TryEndLook(pending))
        {
            _turnAway(pending.Connection, pending.CutReason!);
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
            if (!pending.Reads!.HasInput && !pending.Connection.HasPeerEnded())
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
        if (_pending.TryMakeReady(pending) && !_environment.Admission.TryAdd(pending, Run))
        {
            const string Reason = "the system gives no more threads";
            _pending.TakeOut(pending, Reason);
            _turnAway(pending.Connection, Reason);
        }
    }

    private void Run(PendingConnection pending)
    {
        var found = pending.CutReason is { } early ? Identification.TurnAway(pending.Connection, early) : Identify(pending.Connection);
        _pending.TakeOut(pending, reason: null);
        if (pending.CutReason is { } cut)
        {
            _turnAway(found.Connection, found.Reason is null || found.Reason == cut ? cut : $"{cut} [{found.Reason}]");
        }
        else if (found.Candidate is { } candidate)
        {
            candidate.Offer(found.Connection, pending.Order, found.Introduction);
        }
        else
        {
            _turnAway(found.Connection, found.Reason!);
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
            return Identification.TurnAway(connection, exception.Message.TrimEnd('.'));
        }
    }
}
