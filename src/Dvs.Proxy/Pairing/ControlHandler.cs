using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Control messages between the two proxies: load, and remote bind requests, in both roles. Incoming ones come from the receiver thread,
/// requests from any; answers leave through the outbox, on the sender's connection.
/// </summary>
internal sealed class ControlHandler
{
    // The format has no request ids: one request of a kind at a time, so that an answer can only be to that.
    private readonly PendingControlRequest _remoteBind = new();
    private readonly PendingControlRequest _loadThresholds = new();
    private readonly PairContext _context;
    private readonly RemoteBinder _binder;
    private readonly CancellationTokenSource _stop = new();
    private volatile int _peerCpuPercent = -1;

    public ControlHandler(PairContext context)
    {
        _context = context;
        _binder = new RemoteBinder(context);
    }

    /// <summary>The peer's CPU load in percent by its last hello; null before one came.</summary>
    public int? PeerCpuPercent => _peerCpuPercent is >= 0 and var percent ? percent : null;

    /// <summary>Acts on a control message of the peer. Receiver thread; never blocks.</summary>
    public void Handle(in CommandHeader header)
    {
        switch (ControlMessage.GetType(in header))
        {
            case ControlMessageType.LoadLevel:
                _peerCpuPercent = Math.Clamp(ControlMessage.ReadLoadLevel(in header, _context.Layout.DataModel).CpuPercent, 0, 100);
                break;
            case ControlMessageType.LoadThresholds:
                AnswerThresholds(in header);
                break;
            case ControlMessageType.LoadThresholdsAnswer:
                var load = ControlMessage.ReadLoadLevel(in header, _context.Layout.DataModel);
                _peerCpuPercent = Math.Clamp(load.CpuPercent, 0, 100);
                _loadThresholds.TryAnswer(load.CpuPercent);
                break;
            case ControlMessageType.RemoteBind:
                _binder.Bind(ControlMessage.ReadRemoteBind(in header, _context.Layout.DataModel), Post, _stop.Token);
                break;
            case ControlMessageType.RemoteBindAnswer:
                _remoteBind.TryAnswer(ControlMessage.ReadRemoteBindAnswer(in header, _context.Layout.DataModel));
                break;
            default:
                ProxyLog.UnknownControl(_context.Logger, _context.Name, header.Message.Type);
                break;
        }
    }

    /// <summary>Asks the peer to bind a process of this node; the result is an endpoint or an error.</summary>
    public Task<int> RequestRemoteBindAsync(int dcId, int endpoint, string name, CancellationToken cancellationToken)
    {
        var request = ControlMessage.RemoteBind(Addressing, new RemoteBindRequest(dcId, endpoint, _context.Environment.LocalNodeId, name));
        return _remoteBind.SendAsync(() => Post(in request), _stop.Token, cancellationToken);
    }

    /// <summary>Sets the peer's load thresholds; the result is its CPU load in percent.</summary>
    public Task<int> RequestLoadThresholdsAsync(LoadThresholds thresholds, CancellationToken cancellationToken)
    {
        var request = ControlMessage.LoadThresholds(Addressing, thresholds);
        return _loadThresholds.SendAsync(() => Post(in request), _stop.Token, cancellationToken);
    }

    /// <summary>This node's hello.</summary>
    public CommandHeader CreateHello()
    {
        var (percent, level) = _context.Environment.Load.Measure();
        return ControlMessage.LoadLevel(Addressing, new LoadReport(percent, level, _context.Environment.Load.Thresholds.PeriodSeconds));
    }

    /// <summary>Ends waits and requests in progress.</summary>
    public void Stop() => _stop.Cancel();

    private ControlAddressing Addressing => new(
        _context.Environment.LocalNodeId, _context.Peer.NodeId, _context.Layout.DataModel, Timestamp.Now(_context.Environment.Time), Environment.ProcessId);

    private void AnswerThresholds(in CommandHeader header)
    {
        _context.Environment.Load.TrySetThresholds(ControlMessage.ReadLoadThresholds(in header, _context.Layout.DataModel));
        var (percent, level) = _context.Environment.Load.Measure();
        Post(ControlMessage.LoadThresholdsAnswer(Addressing, new LoadReport(percent, level, _context.Environment.Load.Thresholds.PeriodSeconds)));
    }

    private bool Post(in CommandHeader message) => _context.Outbox.TryPost(in message, _context.Device);
}
