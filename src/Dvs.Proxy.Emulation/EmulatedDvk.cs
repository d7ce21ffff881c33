using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation.Calls;
using Dvs.Proxy.Emulation.Copies;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Records;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation;

/// <summary>
/// The driver of one node, in this process: nodes, DCs, endpoints, messages and copies behave as the kernel module's. Several can live in
/// one process, one per emulated node. A thread may be a process or a proxy of each of them. Copies reach nothing but buffers from
/// <see cref="AllocateBuffer"/> of the process that is named, so no address that comes over a network can touch other memory.
/// Thread rules and results are those of <see cref="IDvkDevice"/>; the calls of the hot path allocate nothing in steady state.
/// </summary>
/// <remarks>
/// <para>It answers as the module does, call by call: the conformance tests hold it against the module's recorded answers.</para>
/// <para>It differs where the module never returns or takes the kernel down. A thread may end while it is bound. A receive from oneself, from NONE
/// or out of range, and a notification to oneself or out of range, get the module's error, and the thread goes on. A second bind of a thread is
/// <see cref="DvkError.SlotUsed"/>, and a limited wait for an unbind <see cref="DvkError.Locked"/>. A copy that a third process asks for needs nothing bound
/// but the three, and its source's receive goes on instead of ending with <see cref="DvkError.UserToUser"/>. EndDvs ends what is bound, and
/// UnbindProxies returns once the receiver's thread is gone. <see cref="EmulatedDvkOptions.StrictlyAsReal"/> brings some of it back.</para>
/// <para>Not offered: migration, and an unbound thread that acts for its process's main thread in calls other than wait4bind and getep.</para>
/// </remarks>
public sealed class EmulatedDvk : IDvkDevice
{
    private readonly DriverState _state;
    private readonly Administration _administration;
    private readonly ProxyAdministration _proxies;
    private readonly Binding _binding;
    private readonly BindWaits _bindWaits;
    private readonly Inspection _inspection;
    private readonly Views _views;
    private readonly CommandFetch _fetch;
    private readonly PutToLocalCall _putToLocal;
    private readonly MessageCalls _messages;
    private readonly Notifications _notifications;
    private readonly CopyCalls _copies;

    /// <summary>A driver just loaded: not initialised, it answers <see cref="DvkError.DvsNotInitialised"/> to nearly everything.</summary>
    /// <param name="options">Its behaviour; null for the defaults.</param>
    public EmulatedDvk(EmulatedDvkOptions? options = null)
    {
        _state = new DriverState(options ?? new EmulatedDvkOptions())
        {
            TerminateRequested = arguments => TerminateRequested?.Invoke(this, arguments),
        };
        _administration = new Administration(_state);
        _proxies = new ProxyAdministration(_state);
        _binding = new Binding(_state);
        _bindWaits = new BindWaits(_state);
        _inspection = new Inspection(_state);
        _views = new Views(_state, _inspection);
        _fetch = new CommandFetch(_state);
        _putToLocal = new PutToLocalCall(_state);
        _messages = new MessageCalls(_state);
        _notifications = new Notifications(_state);
        _copies = new CopyCalls(_state);
    }

    /// <summary>
    /// The driver asks a thread to end, where the kernel driver sends SIGTERM: the other half of a pair ended, or the pair was unbound by
    /// <see cref="UnbindProxies"/>. Raised on the thread that caused it, without locks.
    /// </summary>
    public event EventHandler<TerminateRequestedEventArgs>? TerminateRequested;

    /// <summary>A driver that is node <paramref name="nodeId"/> already.</summary>
    /// <param name="nodeId">Id of the node.</param>
    /// <param name="limits">Limits of the DVS; null for the classic ones.</param>
    /// <param name="options">Its behaviour; null for the defaults.</param>
    /// <exception cref="DvkException">Bad id or limits.</exception>
    public static EmulatedDvk StartNode(int nodeId, DvsInfo? limits = null, EmulatedDvkOptions? options = null)
    {
        var device = new EmulatedDvk(options);
        device.InitializeDvs(nodeId, limits ?? new DvsInfo());
        return device;
    }

    /// <inheritdoc/>
    public DvkFixes Fixes => _state.Options.Fixes;

    /// <inheritdoc/>
    public DataModel DataModel => _state.Options.DataModel;

    /// <inheritdoc/>
    public int CurrentThreadId => LinuxThreads.CurrentId;

    /// <inheritdoc/>
    public int LocalNodeId => _state.LocalNodeId;

    /// <inheritdoc/>
    public DvsInfo GetDvsInfo() => _inspection.GetDvsInfo();

    /// <inheritdoc/>
    public DcInfo GetDcInfo(int dcId) => _inspection.GetDcInfo(dcId);

    /// <inheritdoc/>
    public NodeInfo GetNodeInfo(int nodeId) => _inspection.GetNodeInfo(nodeId);

    /// <inheritdoc/>
    public ProcessInfo GetProcessInfo(int dcId, int number) => _inspection.GetProcessInfo(dcId, number);

    /// <inheritdoc/>
    public DvkError GetProcessId(int dcId, int number, out int processId) => _inspection.GetProcessId(dcId, number, out processId);

    /// <inheritdoc/>
    public ProxyInfo GetProxyInfo(int proxyId) => _inspection.GetProxyInfo(proxyId);

    /// <inheritdoc/>
    public string ReadView(string name) => _views.Read(name);

    /// <inheritdoc/>
    public void InitializeDvs(int nodeId, DvsInfo limits) => _administration.InitializeDvs(nodeId, limits);

    /// <inheritdoc/>
    public void EndDvs() => _administration.EndDvs();

    /// <inheritdoc/>
    public void StartDc(DcInfo dc) => _administration.StartDc(dc);

    /// <inheritdoc/>
    public void EndDc(int dcId) => _administration.EndDc(dcId);

    /// <inheritdoc/>
    public void AddNode(int dcId, int nodeId) => _administration.AddNode(dcId, nodeId);

    /// <inheritdoc/>
    public void RemoveNode(int dcId, int nodeId) => _administration.RemoveNode(dcId, nodeId);

    /// <inheritdoc/>
    public void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload)
    {
        _proxies.Bind(name, proxyId, senderThreadId, receiverThreadId, maxPayload);
        _state.RaiseTerminations();
    }

    /// <inheritdoc/>
    /// <remarks>Waits until the receiver thread is gone, or an <see cref="Interrupt"/> of the caller.</remarks>
    public void UnbindProxies(int proxyId) => _proxies.Unbind(proxyId);

    /// <inheritdoc/>
    public void NodeUp(string name, int nodeId, int proxyId) => _proxies.NodeUp(name, nodeId, proxyId);

    /// <inheritdoc/>
    public void NodeDown(int nodeId) => _proxies.NodeDown(nodeId);

    /// <inheritdoc/>
    public DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change) => _proxies.SetConnection(proxyId, change);

    /// <inheritdoc/>
    public DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds) =>
        _fetch.Fetch(out header, payload, timeoutMilliseconds);

    /// <inheritdoc/>
    public DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload) => _putToLocal.Deliver(header, payload);

    /// <inheritdoc/>
    /// <remarks><see cref="BindKind.Backup"/> and <see cref="BindKind.Replica"/> are not emulated: <see cref="DvkError.BindType"/>.</remarks>
    public DvkError TryBind(in BindRequest request, out int endpoint)
    {
        var error = _binding.Bind(request, out endpoint);
        _state.RaiseTerminations();
        return error;
    }

    /// <inheritdoc/>
    /// <remarks>Done at once: the time-out never runs.</remarks>
    public DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds) => _binding.Unbind(dcId, endpoint);

    /// <inheritdoc/>
    public void Interrupt(int threadId)
    {
        lock (_state.Lock)
        {
            if (_state.Threads.RegisterAlive(threadId) is { } thread)
            {
                thread.InterruptPending = true;
                thread.Sleeper.Kick();
            }
        }

        _state.RaiseTerminations();
    }

    /// <inheritdoc/>
    public void OnThreadExit()
    {
        lock (_state.Lock)
        {
            if (_state.Threads.Current is { } thread)
            {
                _state.Lifetimes.EndThread(thread);
            }
        }

        _state.RaiseTerminations();
    }

    /// <inheritdoc/>
    public DvkError Send(int endpoint, in Message message, int timeoutMilliseconds)
    {
        var copy = message;
        return _messages.Send(WaitKind.Send, endpoint, ref copy, timeoutMilliseconds);
    }

    /// <inheritdoc/>
    public DvkError Receive(int endpoint, out Message message, int timeoutMilliseconds) =>
        _messages.Receive(endpoint, takesNotifications: true, out message, timeoutMilliseconds);

    /// <inheritdoc/>
    public DvkError ReceiveRequest(out Message message, int timeoutMilliseconds) =>
        _messages.Receive(WellKnownEndpoint.Any, takesNotifications: false, out message, timeoutMilliseconds);

    /// <inheritdoc/>
    public DvkError SendReceive(int endpoint, ref Message message, int timeoutMilliseconds) =>
        _messages.Send(WaitKind.SendReceive, endpoint, ref message, timeoutMilliseconds);

    /// <inheritdoc/>
    public DvkError Reply(int endpoint, in Message message, int timeoutMilliseconds)
    {
        var copy = message;
        return _messages.Send(WaitKind.Reply, endpoint, ref copy, timeoutMilliseconds);
    }

    /// <inheritdoc/>
    public DvkError Notify(int sourceNumber, int endpoint, int value) => _notifications.Notify(sourceNumber, endpoint, value);

    /// <inheritdoc/>
    public DvkError Copy(in CopyDescriptor copy) => _copies.Copy(copy);

    /// <inheritdoc/>
    public DvkError WaitForBind(WaitForBindKind kind, int endpoint, int timeoutMilliseconds, out int boundEndpoint) =>
        _bindWaits.WaitForBind(kind, endpoint, timeoutMilliseconds, out boundEndpoint);

    /// <inheritdoc/>
    public DvkError GetEndpoint(int processId, out int endpoint) => _binding.GetEndpoint(processId, out endpoint);

    /// <inheritdoc/>
    public DvkBuffer AllocateBuffer(int length) => _binding.AllocateBuffer(length);

    /// <summary>Ends the wait of a process; its call returns <see cref="DvkError.WokenUp"/> (wakeup). Any thread.</summary>
    /// <param name="dcId">DC of the process.</param>
    /// <param name="endpoint">Its endpoint.</param>
    public DvkError WakeUp(int dcId, int endpoint) => _binding.WakeUp(dcId, endpoint);

    /// <summary>Unloads the driver: everything ends as with <see cref="EndDvs"/>, blocked calls return.</summary>
    public void Dispose() => _administration.EndDvs(force: true);
}
