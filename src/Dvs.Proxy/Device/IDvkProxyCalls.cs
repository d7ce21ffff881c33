using Dvs.Proxy.Device.Administration;
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

    /// <summary>
    /// A DC of this node (getdcinfo). The driver also answers for one that does not run: look at <see cref="DcInfo.IsRunning"/>.
    /// </summary>
    /// <exception cref="DvkException"><see cref="DvkError.BadDcId"/>.</exception>
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
    /// <exception cref="DvkException"><see cref="DvkError.ProxyFree"/>: the pair is not bound; <see cref="DvkError.ProxyId"/>: bad id.</exception>
    ProxyInfo GetProxyInfo(int proxyId);

    /// <summary>Registers a pair (proxies_bind). Both threads must be alive.</summary>
    /// <param name="name">Name of the pair, at most 15 bytes reach the driver.</param>
    /// <param name="proxyId">Id of the pair.</param>
    /// <param name="senderThreadId"><see cref="CurrentThreadId"/> of the thread that will call <see cref="GetToRemote"/>.</param>
    /// <param name="receiverThreadId"><see cref="CurrentThreadId"/> of the thread that will call <see cref="PutToLocal"/>.</param>
    /// <param name="maxPayload">Largest payload the pair carries, at most <see cref="DvsInfo.MaxCopyBuffer"/>.</param>
    /// <exception cref="DvkException"><see cref="DvkError.BadPid"/>: a thread does not live; <see cref="DvkError.ResourceBusy"/>: the pair
    /// or the name is in use, if only by a proxy that died on a driver that does not let go of it; <see cref="DvkError.BadNodeId"/>: bad
    /// id.</exception>
    void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload);

    /// <summary>
    /// Frees a pair from outside (proxies_unbind). A tool for operators: it ends the pair's threads the hard way. The kernel driver as published never
    /// returns from it, and only a reboot helps. A proxy that shuts down lets its threads exit instead, see <see cref="OnThreadExit"/>.
    /// </summary>
    /// <exception cref="DvkException"><see cref="DvkError.ProxyFree"/>: the pair is not bound.</exception>
    void UnbindProxies(int proxyId);

    /// <summary>Attaches a node to a bound pair (node_up). The driver also does it for a node that is attached already, and for the local one.</summary>
    /// <exception cref="DvkException"><see cref="DvkError.ProxyFree"/>: the pair is not bound; <see cref="DvkError.BadNodeId"/>;
    /// <see cref="DvkError.ProxyId"/>.</exception>
    void NodeUp(string name, int nodeId, int proxyId);

    /// <summary>Detaches a node from its pair (node_down). The driver leaves it attached, and in its DCs, all the same.</summary>
    /// <exception cref="DvkException"><see cref="DvkError.BadNodeId"/>; <see cref="DvkError.Fault"/> for a negative id.</exception>
    void NodeDown(int nodeId);

    /// <summary>
    /// Tells the driver of a connect or disconnect (proxy_conn). A sender's disconnect fails the local processes whose command is still queued with
    /// <see cref="DvkError.NotConnected"/>; those whose command was fetched, and that wait for an acknowledgement or a reply, a receiver's.
    /// <see cref="DvkError.ProxyFree"/> while the pair is not bound, also once one of its threads has ended.
    /// </summary>
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

    /// <summary>
    /// Binds a process to an endpoint (bind). <see cref="DvkError.BadDcId"/> for an endpoint out of range, too;
    /// <see cref="DvkError.SlotUsed"/> where another process has the endpoint, or the thread one. There are no generations: the number
    /// alone counts.
    /// </summary>
    /// <param name="request">Who and where.</param>
    /// <param name="endpoint">The endpoint got; negative for tasks.</param>
    DvkError TryBind(in BindRequest request, out int endpoint);

    /// <summary>Ends a binding (unbind). <see cref="DvkError.NotBind"/> where there is none.</summary>
    /// <param name="dcId">The DC.</param>
    /// <param name="endpoint">What is bound there.</param>
    /// <param name="timeoutMilliseconds">0 does not wait, -1 waits for ever.</param>
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
    /// Whether the driver has let go of a thread of this process that has made its last call. The kernel driver has when the kernel has,
    /// which is a moment after the thread ended for this process; a driver that cannot see threads exit has after
    /// <see cref="OnThreadExit"/>.
    /// </summary>
    /// <param name="threadId"><see cref="CurrentThreadId"/> of that thread.</param>
    bool HasEnded(int threadId) => true;
}
