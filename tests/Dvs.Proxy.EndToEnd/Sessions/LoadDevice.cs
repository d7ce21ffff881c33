using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>A driver with one pair and nothing behind it but what a test derives: cheap enough not to be the bottleneck of a load.</summary>
internal abstract class LoadDevice(int nodeId) : IDvkProxyCalls
{
    private readonly AutoResetEvent _wake = new(initialState: false);
    private int _senderThread = -1;
    private int _receiverThread = -1;
    private volatile bool _isInterrupted;

    public DvkFixes Fixes => DvkFixes.All;

    public int CurrentThreadId => Environment.CurrentManagedThreadId;

    public int LocalNodeId => nodeId;

    public DvsInfo GetDvsInfo() => new();

    public DcInfo GetDcInfo(int dcId) => new() { Nodes = ulong.MaxValue };

    public NodeInfo GetNodeInfo(int nodeId) => new() { NodeId = nodeId };

    public ProcessInfo GetProcessInfo(int dcId, int number) => new() { Number = number, Endpoint = number };

    public DvkError GetProcessId(int dcId, int number, out int processId)
    {
        processId = 77;
        return DvkError.Ok;
    }

    public ProxyInfo GetProxyInfo(int proxyId) =>
        new(proxyId, new ProcessInfo { LinuxProcessId = _senderThread }, new ProcessInfo { LinuxProcessId = _receiverThread });

    public void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload) =>
        (_senderThread, _receiverThread) = (senderThreadId, receiverThreadId);

    public void UnbindProxies(int proxyId)
    {
    }

    public void NodeUp(string name, int nodeId, int proxyId)
    {
    }

    public void NodeDown(int nodeId)
    {
    }

    public DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change) => DvkError.Ok;

    public DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        if (CurrentThreadId != _senderThread)
        {
            header = default;
            return DvkError.BadProxy;
        }

        if (!_isInterrupted && TryTake(out header, payload))
        {
            return DvkError.Ok;
        }

        header = default;
        if (!_isInterrupted && !_wake.WaitOne(timeoutMilliseconds))
        {
            return DvkError.TimedOut;
        }

        // Woken up to look again: the caller does it with its next call.
        _isInterrupted = false;
        return DvkError.Interrupted;
    }

    public DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        if (CurrentThreadId != _receiverThread)
        {
            return DvkError.BadProxy;
        }

        Give(in header, payload);
        return DvkError.Ok;
    }

    public DvkError TryBind(in BindRequest request, out int endpoint)
    {
        endpoint = request.Endpoint;
        return DvkError.Ok;
    }

    public DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds) => DvkError.Ok;

    public void Interrupt(int threadId)
    {
        if (threadId == _senderThread)
        {
            _isInterrupted = true;
            Wake();
        }
    }

    public void OnThreadExit()
    {
    }

    public void Dispose() => _wake.Dispose();

    /// <summary>Lets a fetch that waits look again. Any thread.</summary>
    protected void Wake() => _wake.Set();

    /// <summary>The next command for the peer, if there is one. Sender thread.</summary>
    protected abstract bool TryTake(out CommandHeader header, Span<byte> payload);

    /// <summary>A command from the peer. Receiver thread.</summary>
    protected abstract void Give(in CommandHeader header, ReadOnlySpan<byte> payload);
}
