using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device;

/// <summary>
/// Forwards every call of a proxy to another driver: the base of one that records, delays or changes some of them. Thread rules are those of
/// <see cref="IDvkProxyCalls"/>. Behaviour: DelegatingDvkDeviceTests.
/// </summary>
/// <param name="inner">The driver that answers; disposed with this one.</param>
public abstract class DelegatingDvkProxyCalls(IDvkProxyCalls inner) : IDvkProxyCalls
{
    private readonly IDvkProxyCalls _inner = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual int CurrentThreadId => _inner.CurrentThreadId;

    /// <inheritdoc/>
    public virtual DvkFixes Fixes => _inner.Fixes;

    /// <inheritdoc/>
    public virtual DvsInfo GetDvsInfo() => _inner.GetDvsInfo();

    /// <inheritdoc/>
    public virtual int LocalNodeId => _inner.LocalNodeId;

    /// <inheritdoc/>
    public virtual DcInfo GetDcInfo(int dcId) => _inner.GetDcInfo(dcId);

    /// <inheritdoc/>
    public virtual NodeInfo GetNodeInfo(int nodeId) => _inner.GetNodeInfo(nodeId);

    /// <inheritdoc/>
    public virtual ProcessInfo GetProcessInfo(int dcId, int number) => _inner.GetProcessInfo(dcId, number);

    /// <inheritdoc/>
    public virtual DvkError GetProcessId(int dcId, int number, out int processId) => _inner.GetProcessId(dcId, number, out processId);

    /// <inheritdoc/>
    public virtual ProxyInfo GetProxyInfo(int proxyId) => _inner.GetProxyInfo(proxyId);

    /// <inheritdoc/>
    public virtual void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload) =>
        _inner.BindProxies(name, proxyId, senderThreadId, receiverThreadId, maxPayload);

    /// <inheritdoc/>
    public virtual void UnbindProxies(int proxyId) => _inner.UnbindProxies(proxyId);

    /// <inheritdoc/>
    public virtual void NodeUp(string name, int nodeId, int proxyId) => _inner.NodeUp(name, nodeId, proxyId);

    /// <inheritdoc/>
    public virtual void NodeDown(int nodeId) => _inner.NodeDown(nodeId);

    /// <inheritdoc/>
    public virtual DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change) => _inner.SetProxyConnection(proxyId, change);

    /// <inheritdoc/>
    public virtual DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds) =>
        _inner.GetToRemote(out header, payload, timeoutMilliseconds);

    /// <inheritdoc/>
    public virtual DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload) => _inner.PutToLocal(in header, payload);

    /// <inheritdoc/>
    public virtual DvkError TryBind(in BindRequest request, out int endpoint) => _inner.TryBind(in request, out endpoint);

    /// <inheritdoc/>
    public virtual DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds) =>
        _inner.TryUnbind(dcId, endpoint, timeoutMilliseconds);

    /// <inheritdoc/>
    public virtual void Interrupt(int threadId) => _inner.Interrupt(threadId);

    /// <inheritdoc/>
    public virtual void OnThreadExit() => _inner.OnThreadExit();

    /// <inheritdoc/>
    public virtual bool HasEnded(int threadId) => _inner.HasEnded(threadId);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the driver behind this one.</summary>
    /// <param name="disposing">False in a finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }
    }
}
