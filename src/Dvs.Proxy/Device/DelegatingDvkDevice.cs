using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device;

/// <summary>
/// Forwards every call to another driver: the base of one that records, delays or changes some of them. Thread rules are those of
/// <see cref="IDvkDevice"/>. Behaviour: DelegatingDvkDeviceTests.
/// </summary>
/// <param name="inner">The driver that answers; disposed with this one.</param>
public abstract class DelegatingDvkDevice(IDvkDevice inner) : DelegatingDvkProxyCalls(inner), IDvkDevice
{
    private readonly IDvkDevice _inner = inner ?? throw new ArgumentNullException(nameof(inner));

    /// <inheritdoc/>
    public virtual DataModel DataModel => _inner.DataModel;

    /// <inheritdoc/>
    public virtual void InitializeDvs(int nodeId, DvsInfo limits) => _inner.InitializeDvs(nodeId, limits);

    /// <inheritdoc/>
    public virtual void EndDvs() => _inner.EndDvs();

    /// <inheritdoc/>
    public virtual void StartDc(DcInfo dc) => _inner.StartDc(dc);

    /// <inheritdoc/>
    public virtual void EndDc(int dcId) => _inner.EndDc(dcId);

    /// <inheritdoc/>
    public virtual void AddNode(int dcId, int nodeId) => _inner.AddNode(dcId, nodeId);

    /// <inheritdoc/>
    public virtual void RemoveNode(int dcId, int nodeId) => _inner.RemoveNode(dcId, nodeId);

    /// <inheritdoc/>
    public virtual DvkError Send(int endpoint, in Message message, int timeoutMilliseconds) =>
        _inner.Send(endpoint, in message, timeoutMilliseconds);

    /// <inheritdoc/>
    public virtual DvkError Receive(int endpoint, out Message message, int timeoutMilliseconds) =>
        _inner.Receive(endpoint, out message, timeoutMilliseconds);

    /// <inheritdoc/>
    public virtual DvkError ReceiveRequest(out Message message, int timeoutMilliseconds) =>
        _inner.ReceiveRequest(out message, timeoutMilliseconds);

    /// <inheritdoc/>
    public virtual DvkError SendReceive(int endpoint, ref Message message, int timeoutMilliseconds) =>
        _inner.SendReceive(endpoint, ref message, timeoutMilliseconds);

    /// <inheritdoc/>
    public virtual DvkError Reply(int endpoint, in Message message, int timeoutMilliseconds) =>
        _inner.Reply(endpoint, in message, timeoutMilliseconds);

    /// <inheritdoc/>
    public virtual DvkError Notify(int sourceNumber, int endpoint, int value) => _inner.Notify(sourceNumber, endpoint, value);

    /// <inheritdoc/>
    public virtual DvkError Copy(in CopyDescriptor copy) => _inner.Copy(in copy);

    /// <inheritdoc/>
    public virtual DvkError WaitForBind(WaitForBindKind kind, int endpoint, int timeoutMilliseconds, out int boundEndpoint) =>
        _inner.WaitForBind(kind, endpoint, timeoutMilliseconds, out boundEndpoint);

    /// <inheritdoc/>
    public virtual DvkError GetEndpoint(int processId, out int endpoint) => _inner.GetEndpoint(processId, out endpoint);

    /// <inheritdoc/>
    public virtual DvkBuffer AllocateBuffer(int length) => _inner.AllocateBuffer(length);

    /// <inheritdoc/>
    public virtual string ReadView(string name) => _inner.ReadView(name);
}
