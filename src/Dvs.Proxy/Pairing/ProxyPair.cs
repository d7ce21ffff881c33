using System.Globalization;
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

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Sender and receiver for one peer node: owns both, their threads and their registration with the driver. Start, stop, park and resume
/// come from one thread at a time; the rest is thread-safe. Behaviour: PairEndingTests, ParkTests, SurvivalTests, the exploration of pairs.
/// </summary>
internal sealed class ProxyPair : IDisposable
{
    private readonly PairContext _context;
    private readonly ConnectionHandover _handover;
    private readonly SenderProxy _sender;
    private readonly ReceiverProxy _receiver;
    private readonly ControlHandler _control;
    private readonly PairThreads _threads;
    private readonly HalfThereWatch _halfThere;

    public ProxyPair(ResolvedPeer peer, ProxyEnvironment environment)
    {
        _context = new PairContext(peer, environment);
        _handover = new ConnectionHandover(_context.Lifetime, environment.Time);
        _halfThere = new HalfThereWatch(_context);
        _control = new ControlHandler(_context);
        _sender = new SenderProxy(_context, _control.CreateHello);
        _receiver = new ReceiverProxy(_context, _handover, _control);
        Admission = new PairAdmission(_context, _handover, _receiver.Probe);

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

    /// <summary>Whether the options let a DC extend to the peer's node.</summary>
    public bool ServesDc(int dcId) => (_context.Peer.Dcs & (1UL << dcId)) != 0;

    /// <summary>True while the driver knows the pair.</summary>
    public bool IsBound => _context.Binding.IsBound;

    /// <summary>What admission sees of the pair.</summary>
    public PairAdmission Admission { get; }

    /// <summary>The pair's log.</summary>
    public ProxyLogger Logger => _context.Logger;

    /// <summary>
    /// Starts both threads and registers the pair: bind the threads, bring the node up, let them go. A node that a proxy before us left
    /// behind as connected is put right in between.
    /// </summary>
    /// <exception cref="DvkException">The driver refused.</exception>
    public void Start()
    {
        _threads.Start();
        var peer = _context.Peer;
        var binding = _context.Binding;
        try
        {
            _context.Device.BindProxies(
                peer.DriverName, peer.ProxyId, binding.SenderThreadId, binding.ReceiverThreadId, _context.Environment.Limits.MaxCopyBuffer);
            binding.OnBound();
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
        ProxyLog.PairBound(_context.Logger, Name, peer.ProxyId, binding.SenderThreadId, binding.ReceiverThreadId);
        _threads.Open();
    }

    /// <summary>Asks both threads to end; returns at once. Any thread, any number of times.</summary>
    public void RequestStop()
    {
        _threads.Release();
        EndService();
    }

    /// <summary>Waits until both threads ended; cuts their connections at half of the time. Returns false if one was left behind.</summary>
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
    /// Asks both threads to close their connections, tell the driver and wait outside of it, still bound. Returns at once; false if the
    /// pair ends, or has ended, or is parked already.
    /// </summary>
    public bool RequestPark()
    {
        if (!_context.Lifetime.Park())
        {
            return false;
        }

        _handover.Close(ConnectionEnd.Parked);
        _sender.Wake();
        return true;
    }

    /// <summary>Waits until both threads are parked; cuts their connections at half of the time. Returns false if one is held up.</summary>
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

    /// <summary>Lets a parked pair serve again. Returns at once; false if it ends, or has ended.</summary>
    public bool Resume() => _context.Lifetime.Resume();

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
        AnotherProcess = Admission.AnotherProcess,
        PeerCpuPercent = _control.PeerCpuPercent,
        Conditions = _halfThere.Conditions,
        OwnCertificateSubject = _context.Tls?.OwnSubject,
        OwnCertificateExpires = _context.Tls?.OwnExpires,
        Sender = _context.SenderCounters.Snapshot(),
        Receiver = _context.ReceiverCounters.Snapshot(),
    };

    public void Dispose()
    {
        _handover.Close(ConnectionEnd.Stopped);
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
            _handover.EndInUse(new ConnectionEnd(
                ConnectionEndCause.Idle,
                string.Create(CultureInfo.InvariantCulture, $"it was idle for more than {limit.TotalSeconds:0.###} s (idle)")));
        }
    }

    // Where the driver has unbound the pair while both threads wait for their peer, outside the driver, they do not hear of it; and whoever
    // unbinds waits for the receiver thread to go.
    private void EndIfUnbound()
    {
        if (!_context.Lifetime.IsStopping && _context.Binding.CheckLost(PairVerdict.Unclear))
        {
            _context.EndUnbound("pair");
            EndService();
        }
    }

    private void CutConnections(ConnectionEnd end)
    {
        _handover.CutInUse(end);
        _sender.AbortConnection();
        _sender.Wake();
    }

    private void EndService()
    {
        _sender.RequestStop();
        _receiver.RequestStop();
    }

    private void TellDisconnected()
    {
        _sender.Driver.End();
        _receiver.Driver.End();
    }
}
