using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Sender and receiver for one peer node: owns both threads and registers them with the driver. Start, stop, park and resume come from one
/// thread at a time; the rest is thread-safe.
/// </summary>
internal sealed class ProxyPair : IDisposable
{
    private readonly PairContext _context;
    private readonly ConnectionHandover _slot = new();
    private readonly SenderProxy _sender;
    private readonly ReceiverProxy _receiver;
    private readonly ControlHandler _control;
    private readonly PeerAddresses _addresses;
    private readonly SessionContest _contest;
    private readonly PairThreads _threads;
    private readonly HalfThereWatch _halfThere;
    private int _isEnding;

    public ProxyPair(ResolvedPeer peer, ProxyEnvironment environment)
    {
        _context = new PairContext(peer, environment);
        _addresses = new PeerAddresses(peer, environment.Time);
        _halfThere = new HalfThereWatch(_context);
        _control = new ControlHandler(_context);
        _sender = new SenderProxy(_context, _control.CreateHello);
        _receiver = new ReceiverProxy(_context, _slot, _control);

        _contest = new SessionContest(_context, _slot, _receiver.Probe);

        // One thread alone serves nobody: where one ends by itself, unbound or by a fault, the other follows.
        _threads = new PairThreads(_context, _sender.Run, _receiver.Run, EndService, TellDisconnected);
    }

    /// <summary>Id of the peer's node.</summary>
    public int NodeId => _context.Peer.NodeId;

    /// <summary>Name of the peer.</summary>
    public string Name => _context.Name;

    /// <summary>What the proxy itself wants sent to the peer.</summary>
    public Outbox Outbox => _context.Outbox;

    /// <summary>Control messages to and from the peer.</summary>
    public ControlHandler Control => _control;

    /// <summary>True while the driver knows the pair.</summary>
    public bool IsBound => _context.Binding.IsBound;

    /// <summary>Has the peer at a connection prove itself, and find no other process of its node in its place. Blocks; any thread.</summary>
    public Identification Introduce(ProxyConnection connection)
    {
        var introduction = _contest.Introduce(connection, out var end);
        if (introduction is null)
        {
            _context.ReceiverCounters.LastEnd = end;
            return Identification.Refuse(connection, end!.Text);
        }

        return Identification.Of(this, connection) with { Introduction = introduction };
    }

    /// <summary>True while the receiver has a connection, or one on offer.</summary>
    public bool IsReceiverConnected => _slot.IsOccupied;

    /// <summary>
    /// Starts both threads and registers the pair: bind the threads, bring the node up, let them go. A node that a proxy before us left
    /// behind as connected is put right in between.
    /// </summary>
    /// <exception cref="DvkException">The driver refused.</exception>
    public void Start()
    {
        var (senderId, receiverId) = _threads.Start();
        var peer = _context.Peer;
        try
        {
            _context.Device.BindProxies(peer.DriverName, peer.ProxyId, senderId, receiverId, _context.Environment.Limits.MaxCopyBuffer);
            _context.Binding.OnBound(senderId, receiverId);
            _context.Device.NodeUp(peer.DriverName, peer.NodeId, peer.ProxyId);
            if ((_context.Device.GetNodeInfo(peer.NodeId).Flags & (NodeFlags.SenderConnected | NodeFlags.ReceiverConnected)) != 0)
            {
                TellDisconnected();
            }
        }
        catch
        {
            _threads.Cancel();
            throw;
        }

        // Also where a stop came meanwhile: threads that are bound end in order, and not before.
        ProxyLog.PairBound(_context.Logger, Name, peer.ProxyId, senderId, receiverId);
        _threads.Open();
    }

    /// <summary>Asks both threads to end; returns at once. Any thread, any number of times.</summary>
    public void RequestStop()
    {
        _threads.Release();
        EndService();
    }

    /// <summary>Waits until both threads ended; cuts their connections at half of the time. False: one was left behind.</summary>
    public bool Join(TimeSpan timeout)
    {
        var started = _context.Environment.Time.GetTimestamp();
        if (!_threads.JoinSender(timeout / 2))
        {
            CutConnections(ConnectionEnd.Stopped);
        }

        if (_threads.Join(timeout, started))
        {
            return true;
        }

        // The process may end now, and with it both threads: what the driver must hear before, it hears from here.
        TellDisconnected();
        return false;
    }

    /// <summary>
    /// Asks both threads to close their connections, tell the driver and wait outside of it, still bound. Returns at once. False: the pair
    /// ends, or has ended, or is parked already.
    /// </summary>
    public bool RequestPark()
    {
        if (!_context.Lifetime.Park())
        {
            return false;
        }

        _slot.Close(ConnectionEnd.Parked);
        _sender.Wake();
        return true;
    }

    /// <summary>Waits until both threads are parked; cuts their connections at half of the time. False: one is held up.</summary>
    public bool WaitUntilParked(TimeSpan timeout)
    {
        if (_context.Lifetime.WaitUntilParked(timeout / 2))
        {
            return true;
        }

        CutConnections(ConnectionEnd.Parked);
        if (_context.Lifetime.WaitUntilParked(timeout / 2))
        {
            return true;
        }

        ProxyLog.NotParked(_context.Logger, Name, timeout);
        _sender.Driver.Disconnect();
        _receiver.Driver.Disconnect();
        return false;
    }

    /// <summary>Lets a parked pair serve again; returns at once. False: it ends, or has ended.</summary>
    public bool Resume()
    {
        _sender.AllowConnections();
        _slot.Open();
        if (_context.Lifetime.Resume())
        {
            return true;
        }

        _slot.Close(ConnectionEnd.Stopped);
        return false;
    }

    /// <summary>True where the peer is a classic proxy, or is spoken to as one.</summary>
    public bool IsClassic => !_context.Peer.UseSession;

    /// <summary>Where connections of the peer may come from.</summary>
    public PeerAddresses Addresses => _addresses;

    /// <summary>TLS with the peer; null for none.</summary>
    public PeerTls? Tls => _context.Tls;

    /// <summary>The pair's log.</summary>
    public ProxyLogger Logger => _context.Logger;

    /// <summary>Gives the receiver a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="order">Goes up with every connection that the listener accepts.</param>
    /// <param name="introduction">With a session: who the peer has proven to be.</param>
    public void Offer(ProxyConnection connection, long order, SessionIntroduction? introduction = null)
    {
        var remote = connection.RemoteName;
        var outcome = _slot.Offer(connection, order, introduction);
        if (outcome is HandoverOffer.Late or HandoverOffer.Contested)
        {
            CountRefusedConnection();
        }

        if (outcome == HandoverOffer.Replaces)
        {
            ProxyLog.ConnectionReplaced(_context.Logger, Name, remote);
        }
        else if (outcome == HandoverOffer.Late)
        {
            ProxyLog.ConnectionLate(_context.Logger, Name, remote);
        }
    }

    /// <summary>Counts a connection that was refused at this pair's port.</summary>
    public void CountRefusedConnection() => _context.ReceiverCounters.CountRefused();

    /// <summary>To be called now and then: sees what no thread of the pair would notice by itself.</summary>
    public void Watch()
    {
        CloseIfIdle();
        _halfThere.Update(_sender.BlockedTime);
        EndIfUnbound();
    }

    /// <summary>The pair at this moment.</summary>
    public PairStatus GetStatus() => new()
    {
        Name = Name,
        NodeId = NodeId,
        ConnectsTo = _context.Peer.Remote.ToString(),
        ListensOn = _context.Peer.Listen.ToString(),
        AnotherProcess = _contest.Latest,
        PeerCpuPercent = _control.PeerCpuPercent,
        Conditions = _halfThere.Conditions,
        OwnCertificateSubject = _context.Tls?.OwnSubject,
        OwnCertificateExpires = _context.Tls?.OwnExpires,
        Sender = _context.SenderCounters.Snapshot(),
        Receiver = _context.ReceiverCounters.Snapshot(),
    };

    public void Dispose()
    {
        _slot.Close(ConnectionEnd.Stopped);
        _threads.Dispose();
        _sender.Dispose();
        _control.Dispose();
        _context.Lifetime.Dispose();
    }

    // Closes a receiver's connection that has brought nothing for too long.
    private void CloseIfIdle()
    {
        var limit = _context.Peer.IdleTimeout;
        if (limit > TimeSpan.Zero && _receiver.IdleTime > limit)
        {
            _slot.EndCurrent(new ConnectionEnd(
                ConnectionEndCause.Idle, string.Create(CultureInfo.InvariantCulture, $"it was idle for more than {limit.TotalSeconds:0.###} s (idle)")));
        }
    }

    // Where the driver has unbound the pair while both threads wait for their peer, outside the driver, they do not hear of it; and whoever
    // unbinds waits for the receiver thread to go.
    private void EndIfUnbound()
    {
        if (Volatile.Read(ref _isEnding) == 0 && _context.Binding.IsLost(PairVerdict.Unclear))
        {
            ProxyLog.PairUnbound(_context.Logger, Name, "pair");
            EndService();
        }
    }

    private void CutConnections(ConnectionEnd end)
    {
        _slot.AbortCurrent(end);
        _sender.AbortConnection();
        _sender.Wake();
    }

    private void EndService()
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0)
        {
            return;
        }

        _control.Stop();
        _sender.RequestStop();
        _receiver.RequestStop();
    }

    private void TellDisconnected()
    {
        _sender.Driver.End();
        _receiver.Driver.End();
    }
}
