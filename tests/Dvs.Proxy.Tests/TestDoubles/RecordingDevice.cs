using System.Collections.Concurrent;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>Stands in front of another driver and writes down what the proxy hands over to it, and what it answers.</summary>
internal sealed class RecordingDevice(IDvkProxyCalls inner) : IDvkProxyCalls
{
    public ConcurrentQueue<(CommandHeader Header, byte[] Payload, DvkError Result)> Put { get; } = new();

    public DvkFixes Fixes { get; init; } = inner.Fixes;

    /// <summary>Hands out COPYIN_RQST as published drivers do: with the destination node's id in place of the endpoint.</summary>
    public bool NamesNodeAsDestination { get; init; }

    public int CurrentThreadId => inner.CurrentThreadId;

    public int LocalNodeId => inner.LocalNodeId;

    public DvsInfo GetDvsInfo() => inner.GetDvsInfo();

    public DcInfo GetDcInfo(int dcId) => inner.GetDcInfo(dcId);

    public NodeInfo GetNodeInfo(int nodeId) => inner.GetNodeInfo(nodeId);

    public ProcessInfo GetProcessInfo(int dcId, int number) => inner.GetProcessInfo(dcId, number);

    public DvkError GetProcessId(int dcId, int number, out int processId) => inner.GetProcessId(dcId, number, out processId);

    public ProxyInfo GetProxyInfo(int proxyId) => inner.GetProxyInfo(proxyId);

    public void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload) =>
        inner.BindProxies(name, proxyId, senderThreadId, receiverThreadId, maxPayload);

    public void UnbindProxies(int proxyId) => inner.UnbindProxies(proxyId);

    public void NodeUp(string name, int nodeId, int proxyId) => inner.NodeUp(name, nodeId, proxyId);

    public void NodeDown(int nodeId) => inner.NodeDown(nodeId);

    public DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change) => inner.SetProxyConnection(proxyId, change);

    public DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        var error = inner.GetToRemote(out header, payload, timeoutMilliseconds);
        if (NamesNodeAsDestination && header.Command == CommandCode.CopyInRequest)
        {
            header.DestinationEndpoint = header.DestinationNode;
        }

        return error;
    }

    public DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        var result = inner.PutToLocal(in header, payload);
        Put.Enqueue((header, payload.ToArray(), result));
        return result;
    }

    public DvkError TryBind(in BindRequest request, out int endpoint) => inner.TryBind(in request, out endpoint);

    public DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds) => inner.TryUnbind(dcId, endpoint, timeoutMilliseconds);

    public void Interrupt(int threadId) => inner.Interrupt(threadId);

    public void OnThreadExit() => inner.OnThreadExit();

    public bool HasEnded(int threadId) => inner.HasEnded(threadId);

    public void Dispose() => inner.Dispose();
}
