using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Exploration.Scheduling;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Exploration.Scenarios;

/// <summary>
/// A driver in the scheduler's primitives: hands out numbered commands, records what it is given and told, keeps an interrupt for the next
/// blocking call of its thread. Every call is one step.
/// </summary>
internal sealed class ControlledDevice(int nodeId, int peerNode, int commands) : IDvkProxyCalls
{
    private readonly HashSet<int> _interrupted = [];
    private int _senderThread = -1;
    private int _receiverThread = -1;
    private int _boundSender = -1;
    private int _boundReceiver = -1;
    private bool _isUnbound;

    /// <summary>Commands handed out.</summary>
    public int Fetched { get; private set; }

    /// <summary>Numbers of the commands given to it.</summary>
    public List<int> Delivered { get; } = [];

    /// <summary>What it was told of the connections.</summary>
    public List<ProxyConnectionChange> Changes { get; } = [];

    /// <summary>What it was told of the connections, and which threads of the pair took leave, in order.</summary>
    public List<string> Events { get; } = [];

    /// <summary>Threads that took leave.</summary>
    public int Exits { get; private set; }

    /// <summary>Deliveries do not return while it is set.</summary>
    public bool HoldsDelivery { get; set; }

    /// <summary>The pair is refused at registration.</summary>
    public bool RefusesPair { get; init; }

    /// <summary>True once the pair was unbound, or where it was refused.</summary>
    public bool IsUnbound => _isUnbound || RefusesPair;

    public DvkFixes Fixes => DvkFixes.All;

    public int CurrentThreadId => Scheduler.Running!.Index + 1;

    public int LocalNodeId => nodeId;

    /// <summary>As proxies_unbind: both threads learn of it from their next call.</summary>
    public void UnbindProxies(int proxyId)
    {
        Controlled.Point("driver: unbind");
        (_isUnbound, _senderThread, _receiverThread) = (true, -1, -1);
    }

    public void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload)
    {
        Controlled.Point("driver: bind");
        if (RefusesPair)
        {
            throw new DvkException(DvkError.ResourceBusy, "bind the pair");
        }

        (_senderThread, _receiverThread) = (_boundSender, _boundReceiver) = (senderThreadId, receiverThreadId);
    }

    public void NodeUp(string name, int nodeId, int proxyId)
    {
    }

    public ProxyInfo GetProxyInfo(int proxyId) =>
        new(proxyId, new ProcessInfo { LinuxProcessId = _senderThread }, new ProcessInfo { LinuxProcessId = _receiverThread });

    public DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change)
    {
        Controlled.Point($"driver: {change}");
        if (_isUnbound)
        {
            return DvkError.NoProxy;
        }

        Changes.Add(change);
        Events.Add(change.ToString());
        return DvkError.Ok;
    }

    public DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        header = default;
        Controlled.Point("driver: get2rmt");
        var thread = CurrentThreadId;
        if (timeoutMilliseconds != 0
            && !Controlled.Block(() => _isUnbound || Fetched < commands || _interrupted.Contains(thread), timeoutMilliseconds))
        {
            return DvkError.TimedOut;
        }

        if (_isUnbound)
        {
            return DvkError.NoProxy;
        }

        if (timeoutMilliseconds != 0 && _interrupted.Remove(thread))
        {
            return DvkError.Interrupted;
        }

        if (Fetched == commands)
        {
            return DvkError.TimedOut;
        }

        header = ScriptedNode.Message(nodeId, peerNode, ++Fetched);
        return DvkError.Ok;
    }

    public DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        Controlled.Point("driver: put2lcl");
        Controlled.Block(() => !HoldsDelivery);
        if (_isUnbound)
        {
            return DvkError.NoProxy;
        }

        Delivered.Add(header.Message.Type);
        return DvkError.Ok;
    }

    public void Interrupt(int threadId)
    {
        Controlled.Point("driver: interrupt");
        _interrupted.Add(threadId);
    }

    public void OnThreadExit()
    {
        Controlled.Point("driver: exit");
        Exits++;
        Events.Add(CurrentThreadId == _boundSender ? "exit of the sender" : CurrentThreadId == _boundReceiver ? "exit of the receiver" : "exit");
    }

    public DvkError GetProcessId(int dcId, int number, out int processId)
    {
        processId = 1;
        return DvkError.Ok;
    }

    public DvsInfo GetDvsInfo() => Limits;

    /// <summary>Small, so that a schedule is quickly set up.</summary>
    public static DvsInfo Limits { get; } = new() { MaxCopyBuffer = 1024, MaxDcs = 1 };

    public DcInfo GetDcInfo(int dcId) => throw new NotSupportedException();

    public NodeInfo GetNodeInfo(int nodeId) => new() { NodeId = nodeId, Flags = NodeFlags.Attached };

    public ProcessInfo GetProcessInfo(int dcId, int number) => throw new NotSupportedException();

    public void NodeDown(int nodeId) => throw new NotSupportedException();

    public DvkError TryBind(in BindRequest request, out int endpoint) => throw new NotSupportedException();

    public DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
