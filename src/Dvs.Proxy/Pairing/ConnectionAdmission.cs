using System.Net;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Where connections of one listener show whose they are: one short-lived thread each, because a connection's pipe may block its reader; so
/// their number and their time are limited. When it is full the newest comes in and the oldest of the address that has most has to go:
/// whoever holds many silent connections loses its own, and a peer that says at once whose it is gets through. Thread-safe.
/// </summary>
internal sealed class ConnectionAdmission(AdmissionLimits limits)
{
    private const int StackSize = 256 * 1024;

    private readonly List<PendingConnection> _pending = [];
    private int _running;
    private bool _stopped;

    /// <summary>Takes a connection over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="order">Goes up with every connection that the listener accepts.</param>
    /// <param name="identify">Finds out whose it is; may block until the connection ends.</param>
    /// <param name="refuse">Told why a connection was not admitted; closes it.</param>
    public void Admit(ProxyConnection connection, long order, Func<ProxyConnection, Identification> identify, Action<ProxyConnection, string> refuse)
    {
        var pending = new PendingConnection(connection, order);
        if (Enter(pending) is { } full)
        {
            refuse(connection, full);
            return;
        }

        try
        {
            new Thread(() => Run(pending, identify, refuse), StackSize) { IsBackground = true, Name = "dvs admission" }.Start();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            Leave(pending);
            refuse(connection, "the system gives no more threads");
        }
    }

    /// <summary>Ends all that wait and admits no more.</summary>
    public void Stop()
    {
        lock (_pending)
        {
            _stopped = true;
            _pending.ForEach(static pending => pending.Cut("the proxy stops"));
        }
    }

    private string? Enter(PendingConnection pending)
    {
        PendingConnection? victim;
        lock (_pending)
        {
            if (_stopped)
            {
                return "the proxy stops";
            }

            // Those that had to go and have not gone yet have threads, too.
            if (_running >= 2 * limits.MaxPending)
            {
                return "too many connections come at once that have not yet said whose they are (MaxPendingConnections)";
            }

            victim = FindVictim(pending.Address);
            if (victim is not null)
            {
                _pending.Remove(victim);
            }

            _pending.Add(pending);
            _running++;
        }

        victim?.Cut("it had to make room for a newer one: too many connections have not yet said whose they are (MaxPendingConnections, MaxPendingPerAddress)");
        return null;
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

    private void Leave(PendingConnection pending)
    {
        lock (_pending)
        {
            _pending.Remove(pending);
            _running--;
        }
    }

    private void Run(PendingConnection pending, Func<ProxyConnection, Identification> identify, Action<ProxyConnection, string> refuse)
    {
        Identification found;
        using (new Timer(Expire, pending, limits.Timeout, Timeout.InfiniteTimeSpan))
        {
            found = Identify(pending.Connection, identify);
        }

        Leave(pending);
        if (pending.CutReason is { } cut)
        {
            refuse(found.Connection, found.Refusal is null ? cut : $"{cut} [{found.Refusal}]");
        }
        else if (found.Pair is { } pair)
        {
            pair.Offer(found.Connection, pending.Order, found.Introduction);
        }
        else
        {
            refuse(found.Connection, found.Refusal!);
        }
    }

    private void Expire(object? state) => ((PendingConnection)state!).Cut(
        $"it did not say whose it is within {limits.Timeout.TotalSeconds:0.###} s (HandshakeTimeout)");

    private static Identification Identify(ProxyConnection connection, Func<ProxyConnection, Identification> identify)
    {
        try
        {
            return identify(connection);
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
