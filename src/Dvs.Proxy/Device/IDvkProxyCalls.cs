using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device;

/// <summary>
/// The part of the driver a proxy needs. Synchronous, blocking and thread-affine, because the driver is: it knows a proxy by the kernel
/// thread ids given to <see cref="BindProxies"/> and checks the calling thread. Calls of the hot path return a <see cref="DvkError"/> and
/// neither throw nor allocate; set-up calls throw <see cref="DvkException"/>. Unless said otherwise a call may be made from any thread.
/// </summary>
public interface IDvkProxyCalls : IDisposable
{
    /// <summary>Id by which the driver knows the calling thread (Linux: gettid).</summary>
    int CurrentThreadId { get; }

    /// <summary>Faults of the published driver that this one is known not to have. Constant.</summary>
    DvkFixes Fixes { get; }

    /// <summary>The limits of the DVS (getdvsinfo).</summary>
    /// <exception cref="DvkException"><see cref="DvkError.DvsNotInitialised"/>, or the driver cannot be reached.</exception>
    DvsInfo GetDvsInfo();

    /// <summary>Id of this node; -1 while the DVS is not initialised.</summary>
    int LocalNodeId { get; }

    /// <summary>A DC of this node (getdcinfo).</summary>
    /// <exception cref="DvkException">Bad id, or the DC does not run here.</exception>
    DcInfo GetDcInfo(int dcId);

    /// <summary>A node as this driver sees it (getnodeinfo).</summary>
    /// <exception cref="DvkException">Bad id.</exception>
    NodeInfo GetNodeInfo(int nodeId);

    /// <summary>A process slot of a DC (getprocinfo).</summary>
    /// <param name="dcId">The DC.</param>
    /// <param name="number">Slot number, not endpoint; negative for tasks.</param>
    /// <exception cref="DvkException">Bad ids, or the DC does not run here.</exception>
    ProcessInfo GetProcessInfo(int dcId, int number);

    /// <summary>
    /// Linux pid of the process in a slot, for filling in a header's <see cref="CommandHeader.ProcessId"/>: getprocinfo for the hot path.
    /// </summary>
    DvkError GetProcessId(int dcId, int number, out int processId);

    /// <summary>A proxy pair as this driver sees it (getproxyinfo).</summary>
    /// <exception cref="DvkException">Bad id.</exception>
    ProxyInfo GetProxyInfo(int proxyId);

    /// <summary>Registers a pair (proxies_bind). Both threads must be alive.</summary>
    /// <param name="name">Name of the pair, at most 15 bytes reach the driver.</param>
    /// <param name="proxyId">Id of the pair.</param>
    /// <param name="senderThreadId"><see cref="CurrentThreadId"/> of the thread that will call <see cref="GetToRemote"/>.</param>
    /// <param name="receiverThreadId"><see cref="CurrentThreadId"/> of the thread that will call <see cref="PutToLocal"/>.</param>
    /// <param name="maxPayload">Largest payload the pair carries, at most <see cref="DvsInfo.MaxCopyBuffer"/>.</param>
    /// <exception cref="DvkException"><see cref="DvkError.ResourceBusy"/>, <see cref="DvkError.BadPid"/>, <see cref="DvkError.TooBig"/>.</exception>
    void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload);

    /// <summary>
    /// Frees a pair from outside (proxies_unbind). A tool for operators: it ends the pair's threads the hard way. A proxy that shuts down
    /// lets its threads exit instead, see <see cref="OnThreadExit"/>.
    /// </summary>
    /// <exception cref="DvkException"><see cref="DvkError.NoProxy"/>: the pair is not bound.</exception>
    void UnbindProxies(int proxyId);

    /// <summary>Attaches a remote node to a bound pair (node_up).</summary>
    /// <exception cref="DvkException"><see cref="DvkError.NoProxy"/>: the pair is not bound; <see cref="DvkError.BadNodeId"/>.</exception>
    void NodeUp(string name, int nodeId, int proxyId);

    /// <summary>Detaches a remote node from its pair (node_down).</summary>
    /// <exception cref="DvkException">The node is not attached.</exception>
    void NodeDown(int nodeId);

    /// <summary>Tells the driver of a connect or disconnect (proxy_conn). Disconnecting fails the waiting local processes with <see cref="DvkError.NotConnected"/>.</summary>
    DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change);

    /// <summary>
    /// Fetches the next command for the peer (get2rmt). Only on the bound sender thread. Blocks until there is one, the time is up
    /// (<see cref="DvkError.TimedOut"/>) or <see cref="Interrupt"/> was called (<see cref="DvkError.Interrupted"/>).
    /// </summary>
    /// <param name="header">Receives the command.</param>
    /// <param name="payload">Receives its block (<see cref="CommandHeader.PayloadLength"/> bytes); at least the pair's largest payload long.</param>
    /// <param name="timeoutMilliseconds">0 does not wait, -1 waits for ever.</param>
    DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds);

    /// <summary>Hands over a command from the peer (put2lcl). Only on the bound receiver thread. An error is the outcome of this one command.</summary>
    /// <param name="header">The command; <see cref="CommandHeader.PayloadLength"/> is the length of <paramref name="payload"/>, decompressed.</param>
    /// <param name="payload">Its block; empty for commands without.</param>
    DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload);

    /// <summary>Binds a process to an endpoint (bind).</summary>
    /// <param name="request">Who and where.</param>
    /// <param name="endpoint">The endpoint got; negative for tasks.</param>
    DvkError TryBind(in BindRequest request, out int endpoint);

    /// <summary>Ends a binding (unbind).</summary>
    DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds);

    /// <summary>
    /// Wakes the thread <paramref name="threadId"/> if it sleeps in the driver, or makes its next blocking call return at once: that call
    /// ends with <see cref="DvkError.Interrupted"/>.
    /// </summary>
    void Interrupt(int threadId);

    /// <summary>
    /// The last call of a proxy thread. The kernel driver unbinds a proxy when its thread exits and needs no word; a driver that cannot see
    /// threads exit does it here.
    /// </summary>
    void OnThreadExit();

    /// <summary>
    /// Whether the driver has let go of a thread of this process that has made its last call. The kernel driver has when the kernel has, which is a
    /// moment after the thread ended for this process; a driver that cannot see threads exit has after <see cref="OnThreadExit"/>.
    /// </summary>
    /// <param name="threadId"><see cref="CurrentThreadId"/> of that thread.</param>
    bool HasEnded(int threadId) => true;
}
