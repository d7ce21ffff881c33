using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;

namespace Dvs.Proxy.Pairing.Control;

/// <summary>
/// Owns the control messages between the two proxies: load, and remote bind requests, in both roles. Incoming ones come from the receiver
/// thread, requests from any; answers leave through the outbox, on the sender's connection. Waits end with the pair's
/// <see cref="Lifetime.PairLifetime.Stopping"/>. Behaviour: ControlHandlerTests, ControlMessageExchangeTests.
/// </summary>
internal sealed class ControlHandler : IDisposable
{
    // The format has no request ids: one request of a kind at a time, so that an answer can only be to that.
    private readonly PendingControlRequest _remoteBind = new();
    private readonly PendingControlRequest _loadThresholds = new();
    private readonly PairContext _context;
    private readonly RemoteBinder _binder;
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
        if (!ControlMessage.IsMarked(in header))
        {
            // An old classic proxy's hello: what it seems to say was left in its buffer.
            return;
        }

        switch ((ControlType)header.Message.Type)
        {
            case ControlType.LoadLevel when ControlMessage.TryRead(in header, Model, out LoadReport load):
                _peerCpuPercent = Math.Clamp(load.CpuPercent, 0, 100);
                break;
            case ControlType.LoadThresholds when ControlMessage.TryRead(in header, Model, out LoadThresholds thresholds):
                AnswerThresholds(thresholds);
                break;
            case ControlType.LoadThresholdsAnswer when ControlMessage.TryRead(in header, Model, out LoadReport load):
                _peerCpuPercent = Math.Clamp(load.CpuPercent, 0, 100);
                _loadThresholds.TryAnswer(load.CpuPercent);
                break;
            case ControlType.RemoteBind when ControlMessage.TryRead(in header, Model, out RemoteBindRequest request):
                _binder.Bind(request, AnswerRemoteBind, _context.Lifetime.Stopping);
                break;
            case ControlType.RemoteBindAnswer when ControlMessage.TryReadRemoteBindResult(in header, Model, out var result):
                _remoteBind.TryAnswer(result);
                break;
            default:
                ProxyLog.UnknownControl(_context.Logger, _context.Name, header.Message.Type);
                break;
        }
    }

    /// <summary>Asks the peer to bind a process of this node; the result is the peer driver's.</summary>
    public async Task<DvkError> RequestRemoteBindAsync(int dcId, int endpoint, string name, CancellationToken cancellationToken)
    {
        var bind = new RemoteBindRequest(dcId, endpoint, LocalNode, name);
        var request = ControlMessage.RemoteBind(LocalNode, PeerNode, bind, Model, Now);
        return (DvkError)await _remoteBind.SendAsync(
            () => Post(in request), _context.Lifetime.Stopping, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets the peer's load thresholds; the result is its CPU load in percent.</summary>
    public Task<int> RequestLoadThresholdsAsync(LoadThresholds thresholds, CancellationToken cancellationToken)
    {
        var request = ControlMessage.SetLoadThresholds(LocalNode, PeerNode, thresholds, Model, Now);
        return _loadThresholds.SendAsync(() => Post(in request), _context.Lifetime.Stopping, cancellationToken);
    }

    /// <summary>This node's hello, with the pid of the proxy as classic ones carry it.</summary>
    public CommandHeader CreateHello()
    {
        var hello = ControlMessage.Hello(LocalNode, PeerNode, _context.Environment.Load.Measure(), Model, Now);
        hello.ProcessId = Environment.ProcessId;
        return hello;
    }

    public void Dispose()
    {
        _remoteBind.Dispose();
        _loadThresholds.Dispose();
    }

    private int LocalNode => _context.Environment.LocalNodeId;

    private int PeerNode => _context.Peer.NodeId;

    private DataModel Model => _context.Layout.DataModel;

    private Timestamp Now => Timestamp.Now(_context.Environment.Time);

    private void AnswerThresholds(LoadThresholds thresholds)
    {
        _context.Environment.Load.TrySetThresholds(thresholds);
        Post(ControlMessage.LoadThresholdsAnswer(LocalNode, PeerNode, _context.Environment.Load.Measure(), Model, Now));
    }

    private void AnswerRemoteBind(RemoteBindRequest request, DvkError result)
    {
        ProxyLog.RemoteBindAnswered(_context.Logger, _context.Name, request.Name, request.Endpoint, request.DcId, result.Describe());
        Post(ControlMessage.RemoteBindAnswer(LocalNode, PeerNode, (int)result, Model, Now));
    }

    private bool Post(in CommandHeader message) => _context.Outbox.TryPost(in message);
}
