using System.Collections.Concurrent;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>
/// A driver that does what the test says: hands out the commands queued with <see cref="Enqueue"/>, records what it is given, and answers
/// with what <see cref="OnPut"/> returns. Checks the thread rules. A pair is free once one of its threads has ended, as with a mended
/// driver.
/// </summary>
internal sealed class ScriptedProxyDevice(int nodeId) : IDvkProxyCalls
{
    private readonly ConcurrentDictionary<int, Pair> _pairs = new();

    public delegate DvkError PutHandler(in CommandHeader header, ReadOnlySpan<byte> payload);

    public PutHandler OnPut { get; set; } = static (in CommandHeader _, ReadOnlySpan<byte> _) => DvkError.Ok;

    public Func<BindRequest, (DvkError Error, int Endpoint)> OnBind { get; set; } = static request => (DvkError.Ok, request.Endpoint);

    public Func<int, ProcessInfo> OnProcessInfo { get; set; } = static number => new ProcessInfo { Number = number, Endpoint = number };

    public ConcurrentQueue<(CommandHeader Header, byte[] Payload)> Delivered { get; } = new();

    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>How long a sender was ready to wait for a command, in milliseconds, each time it was ready to.</summary>
    public ConcurrentQueue<int> Waits { get; } = new();

    public DcInfo Dc { get; set; } = new() { Nodes = ulong.MaxValue };

    public int SourceProcessId { get; set; } = 4711;

    public DvsInfo Limits { get; init; } = new();

    public DvkFixes Fixes { get; set; } = DvkFixes.All;

    /// <summary>What proxy_conn answers while the pair is bound.</summary>
    public Func<ProxyConnectionChange, DvkError> OnConnectionChange { get; set; } = static _ => DvkError.Ok;

    /// <summary>What the registration of a pair answers.</summary>
    public Func<int, DvkError> OnBindProxies { get; set; } = static _ => DvkError.Ok;

    /// <summary>What node_up of a node answers.</summary>
    public Func<int, DvkError> OnNodeUp { get; set; } = static _ => DvkError.Ok;

    /// <summary>Flags that the node of a pair has once it is up.</summary>
    public NodeFlags FlagsAfterNodeUp { get; set; } = NodeFlags.Attached;

    /// <summary>Questions whether a thread is gone that are answered with no before the first yes.</summary>
    public int ExitDelay { get; set; }

    /// <summary>Threads that ended while the other one of their pair was still there.</summary>
    public int OverlappingExits { get; private set; }

    public int CurrentThreadId => Environment.CurrentManagedThreadId;

    public int LocalNodeId => nodeId;

    public void Enqueue(in CommandHeader header, byte[]? payload = null) => Enqueue(header, payload, DvkError.Ok);

    /// <summary>The next get2rmt of the pair throws what nobody expects.</summary>
    public void EnqueueFault(int proxyId) => EnqueueError((DvkError)int.MinValue, proxyId);

    /// <summary>The next get2rmt of the pair throws what ends a pair.</summary>
    public void EnqueueBrokenInvariant(int proxyId) => EnqueueError((DvkError)(int.MinValue + 1), proxyId);

    public void EnqueueError(DvkError error, int proxyId) => Enqueue(new CommandHeader { DestinationNode = proxyId }, null, error);

    /// <summary>Commands that were queued for a pair and not fetched yet.</summary>
    public int Waiting(int proxyId) => PairOf(proxyId).Waiting;

    /// <summary>Commands of a pair that were fetched.</summary>
    public int Fetched(int proxyId) => PairOf(proxyId).Fetched;

    /// <summary>Forgets a pair, as proxies_unbind does.</summary>
    public void Unbind(int proxyId) => PairOf(proxyId).IsFree = true;

    public DvsInfo GetDvsInfo() => Limits;

    public DcInfo GetDcInfo(int dcId) => Dc;

    public NodeInfo GetNodeInfo(int nodeId) => new() { NodeId = nodeId, Flags = FlagsAfterNodeUp };

    public ProcessInfo GetProcessInfo(int dcId, int number) => OnProcessInfo(number);

    public DvkError GetProcessId(int dcId, int number, out int processId)
    {
        Calls.Enqueue($"getprocinfo {dcId} {number}");
        processId = SourceProcessId;
        return DvkError.Ok;
    }

    public ProxyInfo GetProxyInfo(int proxyId) => PairOf(proxyId).IsFree ? throw new DvkException(DvkError.ProxyFree, $"read pair {proxyId}") : new(
        proxyId, new ProcessInfo { LinuxProcessId = PairOf(proxyId).SenderThread }, new ProcessInfo { LinuxProcessId = PairOf(proxyId).ReceiverThread });

    public void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload)
    {
        Calls.Enqueue($"proxies_bind {name} {proxyId} {maxPayload}");
        DvkException.ThrowIfFailed(OnBindProxies(proxyId), $"register pair {proxyId}");
        (PairOf(proxyId).SenderThread, PairOf(proxyId).ReceiverThread, PairOf(proxyId).IsFree) = (senderThreadId, receiverThreadId, false);
    }

    public void UnbindProxies(int proxyId) => Calls.Enqueue($"proxies_unbind {proxyId}");

    public void NodeUp(string name, int nodeId, int proxyId)
    {
        Calls.Enqueue($"node_up {name} {nodeId} {proxyId}");
        DvkException.ThrowIfFailed(OnNodeUp(nodeId), $"attach node {nodeId}");
    }

    public void NodeDown(int nodeId) => Calls.Enqueue($"node_down {nodeId}");

    public DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change)
    {
        Calls.Enqueue($"proxy_conn {proxyId} {change}");
        return PairOf(proxyId).IsFree ? DvkError.ProxyFree : OnConnectionChange(change);
    }

    public DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        header = default;
        if (timeoutMilliseconds > 0)
        {
            Waits.Enqueue(timeoutMilliseconds);
        }

        var pair = _pairs.Values.SingleOrDefault(candidate => candidate.SenderThread == CurrentThreadId);
        var error = pair is { IsFree: false } ? pair.Take(out header, payload, timeoutMilliseconds) : DvkError.NotBind;
        return (int)error switch
        {
            int.MinValue => throw new InvalidOperationException("the script says so"),
            int.MinValue + 1 => throw new BrokenInvariantException("the script says so"),
            _ => error,
        };
    }

    public DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        if (_pairs.Values.All(pair => pair.IsFree || pair.ReceiverThread != CurrentThreadId))
        {
            return DvkError.NotBind;
        }

        Delivered.Enqueue((header, payload.ToArray()));
        return OnPut(in header, payload);
    }

    public DvkError TryBind(in BindRequest request, out int endpoint)
    {
        Calls.Enqueue($"bind {request.Kind} {request.DcId} {request.Endpoint} {request.NodeId} {request.Name}");
        (var error, endpoint) = OnBind(request);
        return error;
    }

    public DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds)
    {
        Calls.Enqueue($"unbind {dcId} {endpoint}");
        return DvkError.Ok;
    }

    public void Interrupt(int threadId)
    {
        foreach (var pair in _pairs.Values.Where(pair => pair.SenderThread == threadId))
        {
            pair.Add(default, [], DvkError.Interrupted);
        }
    }

    public void OnThreadExit()
    {
        foreach (var (proxyId, pair) in _pairs)
        {
            if (pair.SenderThread == CurrentThreadId || pair.ReceiverThread == CurrentThreadId)
            {
                Calls.Enqueue($"exit {proxyId} {(pair.SenderThread == CurrentThreadId ? "sender" : "receiver")}");
                OverlappingExits += pair.Exiting is { IsAlive: true } || pair.ExitQuestions < 0 ? 1 : 0;
                (pair.Exiting, pair.ExitQuestions, pair.IsFree) = (Thread.CurrentThread, -ExitDelay, true);
                return;
            }
        }

        Calls.Enqueue("exit");
    }

    public bool HasEnded(int threadId) =>
        _pairs.Values.FirstOrDefault(pair => pair.SenderThread == threadId) is not { } pair || pair.ExitQuestions++ >= 0;

    public void Dispose()
    {
        foreach (var pair in _pairs.Values)
        {
            pair.Dispose();
        }
    }

    private void Enqueue(CommandHeader header, byte[]? payload, DvkError error) => PairOf(header.DestinationNode).Add(header, payload ?? [], error);

    private Pair PairOf(int proxyId) => _pairs.GetOrAdd(proxyId, static _ => new Pair());

    private sealed class Pair : IDisposable
    {
        private readonly BlockingCollection<(CommandHeader Header, byte[] Payload, DvkError Error)> _queue = [];

        public int SenderThread { get; set; } = -1;

        public int ReceiverThread { get; set; } = -1;

        public bool IsFree { get; set; } = true;

        /// <summary>The thread that ended last.</summary>
        public Thread? Exiting { get; set; }

        /// <summary>Up to 0: how often it is still said to be there.</summary>
        public int ExitQuestions { get; set; }

        public int Waiting => _queue.Count;

        public int Fetched { get; private set; }

        public void Add(CommandHeader header, byte[] payload, DvkError error) => _queue.Add((header, payload, error));

        public DvkError Take(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
        {
            header = default;
            if (!_queue.TryTake(out var next, timeoutMilliseconds))
            {
                return DvkError.TimedOut;
            }

            header = next.Header;
            next.Payload.CopyTo(payload);
            Fetched += next.Error == DvkError.Ok ? 1 : 0;
            return next.Error;
        }

        public void Dispose() => _queue.Dispose();
    }
}
