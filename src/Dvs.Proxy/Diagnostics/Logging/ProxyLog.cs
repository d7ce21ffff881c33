using Dvs.Proxy.Protocol;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Diagnostics.Logging;

/// <summary>
/// Every log message of the proxy. Event ids are stable: 1xx life cycle, 2xx connections, 3xx commands, 4xx input that was not fit, 5xx
/// control messages, 6xx TLS. What is not exempt (<see cref="IsLimited"/>) is limited in number by the <see cref="ProxyLogger"/>.
/// </summary>
internal static partial class ProxyLog
{
    /// <summary>
    /// False for the few messages that only the operator, the driver or the life of the proxy itself brings about, a bounded number of times;
    /// everything else a peer, a stranger or a fault may cause again and again.
    /// </summary>
    public static bool IsLimited(int eventId) => eventId is not (
        (>= 100 and <= 102) or (>= 104 and <= 117) // start, stop, park and their outcome; bindings and DCs of this driver
        or 119 // the end of a pair by a broken invariant: there is one for each thread
        or 210 or 212 // what became of commands at the stop
        or 600); // TLS files read at the start

    [LoggerMessage(100, LogLevel.Information, "Node {NodeId}: proxy started with {Peers}.")]
    public static partial void Started(ILogger logger, int nodeId, string peers);

    [LoggerMessage(101, LogLevel.Information, "Node {NodeId}: proxy stopped.")]
    public static partial void Stopped(ILogger logger, int nodeId);

    [LoggerMessage(102, LogLevel.Warning, "Peer {Peer}: {Thread} did not end within {Timeout}; it is left behind.")]
    public static partial void ThreadLeftBehind(ILogger logger, string peer, string thread, TimeSpan timeout);

    [LoggerMessage(103, LogLevel.Error, "Peer {Peer}: a fault in the {Thread}. Its connection is given up and the driver is told; it serves again in {Delay}.")]
    public static partial void ThreadFaulted(ILogger logger, string peer, string thread, TimeSpan delay, Exception exception);

    [LoggerMessage(104, LogLevel.Warning, "Peer {Peer}: the driver unbound this pair; its {Thread} ends.")]
    public static partial void PairUnbound(ILogger logger, string peer, string thread);

    [LoggerMessage(105, LogLevel.Information,
        "Peer {Peer}: pair {ProxyId} bound to the driver (sender thread {SenderThread}, receiver thread {ReceiverThread}).")]
    public static partial void PairBound(ILogger logger, string peer, int proxyId, int senderThread, int receiverThread);

    [LoggerMessage(106, LogLevel.Information, "Listening on {Endpoint} ({Transport}) for {Peers}.")]
    public static partial void Listening(ILogger logger, string endpoint, string transport, string peers);

    [LoggerMessage(107, LogLevel.Warning, "Configuration: {Diagnostic}")]
    public static partial void ConfigurationWarning(ILogger logger, string diagnostic);

    [LoggerMessage(108, LogLevel.Warning,
        "Node {NodeId}: this driver is not known to survive the end of a thread that is bound to it. As published it then deadlocks: "
        + "the process stays as a zombie, every call on its pairs hangs, and only a reboot helps. If the driver is mended, say so "
        + "(--driver-fixes thread-exit); if not, let a stop park (--on-stop park), and neither kill nor restart this process.")]
    public static partial void DriverKeepsThreads(ILogger logger, int nodeId);

    [LoggerMessage(109, LogLevel.Warning,
        "Node {NodeId}: the threads of {Pairs} end now. A driver as published does not let them go: if this process does not end, "
        + "nothing but a reboot of the machine will end it (see --driver-fixes and --on-stop park).")]
    public static partial void ThreadsEnd(ILogger logger, int nodeId, string pairs);

    [LoggerMessage(110, LogLevel.Warning,
        "Node {NodeId}: parked. Bound to the driver, which holds them for disconnected, stay {Pairs}; no network connection is open.")]
    public static partial void Parked(ILogger logger, int nodeId, string pairs);

    [LoggerMessage(111, LogLevel.Information, "Node {NodeId}: resumed; serving again: {Pairs}.")]
    public static partial void Resumed(ILogger logger, int nodeId, string pairs);

    [LoggerMessage(112, LogLevel.Warning,
        "Peer {Peer}: a thread of the pair does not come out of a call within {Timeout} to be parked. Its connections are closed and "
        + "the driver is told; it parks when the call returns.")]
    public static partial void NotParked(ILogger logger, string peer, TimeSpan timeout);

    [LoggerMessage(113, LogLevel.Warning, "Peer {Peer}: the driver does not let {Thread} go; the other thread of the pair ends now, too.")]
    public static partial void ThreadHeldByDriver(ILogger logger, string peer, string thread);

    [LoggerMessage(114, LogLevel.Information, "Peer {Peer}: DC {DcId} extends to node {NodeId} again ({Reason}).")]
    public static partial void NodeAddedAgain(ILogger logger, string peer, int dcId, int nodeId, string reason);

    [LoggerMessage(115, LogLevel.Warning, "Peer {Peer}: DC {DcId} does not extend to node {NodeId}, though it should: {Error}")]
    public static partial void NodeNotAdded(ILogger logger, string peer, int dcId, int nodeId, string error);

    [LoggerMessage(116, LogLevel.Warning,
        "Peers have DCs configured that their nodes are to be part of, but this driver device has no administration calls "
        + "(IDvkAdministrationCalls): 'node add' is left to the operator.")]
    public static partial void NoAdministration(ILogger logger);

    [LoggerMessage(117, LogLevel.Error, "Node {NodeId}: the proxy could not be ended in order before its process.")]
    public static partial void ExitFailed(ILogger logger, int nodeId, Exception exception);

    [LoggerMessage(118, LogLevel.Error, "A fault in {What}. The proxy goes on.")]
    public static partial void UnexpectedFault(ILogger logger, string what, Exception exception);

    [LoggerMessage(119, LogLevel.Critical,
        "Peer {Peer}: the state of the {Thread} contradicts itself; the pair ends so that nothing is delivered twice or to the wrong "
        + "one. The other peers go on; this one needs a restart of the proxy. Please report it.")]
    public static partial void InvariantBroken(ILogger logger, string peer, string thread, Exception exception);

    [LoggerMessage(200, LogLevel.Information, "Peer {Peer}: sender connected to {Remote}.")]
    public static partial void SenderConnected(ILogger logger, string peer, string remote);

    [LoggerMessage(201, LogLevel.Warning, "Peer {Peer}: sender {Verb} its connection to {Remote}: {Reason}. {Outcome}.")]
    public static partial void SenderDisconnected(ILogger logger, string peer, string verb, string remote, string reason, string outcome);

    [LoggerMessage(212, LogLevel.Warning, "Peer {Peer}: the sender's connection to {Remote} was closed ({Reason}) before everything was sent. {Outcome}.")]
    public static partial void LostAtStop(ILogger logger, string peer, string remote, string reason, string outcome);

    [LoggerMessage(202, LogLevel.Warning,
        "Peer {Peer}: cannot connect to {Endpoint}: {Reason}. Trying again, at first in {Delay}; further failures for this reason are "
        + "not logged until it works.")]
    public static partial void ConnectFailed(ILogger logger, string peer, string endpoint, string reason, TimeSpan delay);

    [LoggerMessage(203, LogLevel.Information, "Peer {Peer}: receiver connected from {Remote}.")]
    public static partial void ReceiverConnected(ILogger logger, string peer, string remote);

    [LoggerMessage(204, LogLevel.Warning, "Peer {Peer}: receiver {Verb} its connection from {Remote}: {Reason}.")]
    public static partial void ReceiverDisconnected(ILogger logger, string peer, string verb, string remote, string reason);

    [LoggerMessage(205, LogLevel.Information, "Peer {Peer}: a new connection from {Remote} replaces the present one.")]
    public static partial void ConnectionReplaced(ILogger logger, string peer, string remote);

    [LoggerMessage(211, LogLevel.Information, "Peer {Peer}: the connection from {Remote} is closed: it showed whose it is only after a newer one.")]
    public static partial void ConnectionLate(ILogger logger, string peer, string remote);

    [LoggerMessage(206, LogLevel.Error, "Listener {Endpoint} failed: {Reason}. Trying again in {Delay}.")]
    public static partial void ListenerFailed(ILogger logger, string endpoint, string reason, TimeSpan delay);

    [LoggerMessage(207, LogLevel.Warning,
        "Peer {Peer}: the connection did not come back within {ResumeWindow}; the driver is told now, and waiting processes fail with "
        + "EDVSNOTCONN. What is unacknowledged is kept.")]
    public static partial void ResumeWindowOver(ILogger logger, string peer, TimeSpan resumeWindow);

    [LoggerMessage(208, LogLevel.Information, "Peer {Peer}: session resumed; to be sent again: {Frames}.")]
    public static partial void SessionResumed(ILogger logger, string peer, string frames);

    [LoggerMessage(209, LogLevel.Error, "Peer {Peer}: {Reason}. Of unknown fate, and dropped: {UnknownFate}; sent again, and may arrive twice: {Repeated}.")]
    public static partial void SessionLost(ILogger logger, string peer, string reason, string unknownFate, string repeated);

    [LoggerMessage(210, LogLevel.Warning, "Peer {Peer}: stopped with unacknowledged commands. Of unknown fate: {UnknownFate}; never sent: {Lost}.")]
    public static partial void LeftUnacknowledged(ILogger logger, string peer, string unknownFate, string lost);

    [LoggerMessage(213, LogLevel.Warning,
        "Peer {Peer}: connected, but it has read nothing from us for {Seconds} s. A classic proxy whose receiving thread sleeps or "
        + "spins does that: restart it.")]
    public static partial void PeerReadsNothing(ILogger logger, string peer, double seconds);

    [LoggerMessage(214, LogLevel.Warning,
        "Peer {Peer}: it takes our connection, but has made none to us at {Endpoint} for {Seconds} s. See its log, and its host and "
        + "ports for this node; a classic proxy that lost its connection does not make another: restart it.")]
    public static partial void PeerDoesNotConnect(ILogger logger, string peer, double seconds, string endpoint);

    [LoggerMessage(215, LogLevel.Information, "Peer {Peer}: {Condition} is over.")]
    public static partial void HalfThereOver(ILogger logger, string peer, string condition);

    [LoggerMessage(216, LogLevel.Error,
        "Peer {Peer}: another process at {Remote} speaks for node {NodeId}, too, while that at {Current} is alive; it is refused. Two "
        + "proxies run with one node id: end one of them, or give it another nodeid.")]
    public static partial void AnotherProcess(ILogger logger, string peer, string remote, int nodeId, string current);

    [LoggerMessage(300, LogLevel.Warning, "Peer {Peer}: the driver failed one command to the peer: {Error}.")]
    public static partial void FetchRefused(ILogger logger, string peer, string error);

    [LoggerMessage(301, LogLevel.Warning, "Peer {Peer}: the driver refused {Command} from the peer: {Error}. {Advice}{Answer}")]
    public static partial void DeliveryFailed(ILogger logger, string peer, CommandHeader command, string error,
        Pairing.Receiving.DriverErrorAdvice advice, string answer);

    [LoggerMessage(302, LogLevel.Information, "Peer {Peer}: autobind bound endpoint {Endpoint} of DC {DcId}.")]
    public static partial void AutoBound(ILogger logger, string peer, int endpoint, int dcId);

    [LoggerMessage(303, LogLevel.Error, "Peer {Peer}: the driver refused {Change}: {Error}.")]
    public static partial void ConnectionChangeRefused(ILogger logger, string peer, string change, string error);

    [LoggerMessage(304, LogLevel.Error, "Peer {Peer}: {Command} never arrived intact; it is given up and answered with EDVSIO (answer: {Route}).")]
    public static partial void CommandGivenUp(ILogger logger, string peer, CommandHeader command, string route);

    [LoggerMessage(305, LogLevel.Error, "Peer {Peer}: the error that answers {Command} could not be passed on; whoever waits for it runs into its time-out.")]
    public static partial void AnswerNotSent(ILogger logger, string peer, CommandHeader command);

    [LoggerMessage(306, LogLevel.Error,
        "Peer {Peer}: {Command} was answered with {Error} and not handed to the driver: as published, a copy between two processes of "
        + "this node that a third one asks for brings the node down. If the driver is mended, say so (--driver-fixes third-party-copy).")]
    public static partial void ThirdPartyCopyAnswered(ILogger logger, string peer, CommandHeader command, string error);

    [LoggerMessage(400, LogLevel.Error,
        "Peer {Peer}: malformed frame from {Remote}: {Fault}. The connection is closed; nothing of the frame reached the driver.")]
    public static partial void MalformedFrame(ILogger logger, string peer, string remote, string fault);

    [LoggerMessage(402, LogLevel.Error, "Peer {Peer}: damaged frame {Sequence} from {Remote} ({Command}): {Fault}. {Outcome}.")]
    public static partial void DamagedFrame(ILogger logger, string peer, ulong sequence, string remote, CommandHeader command, string fault, string outcome);

    [LoggerMessage(401, LogLevel.Warning, "Listener {Endpoint}: connection from {Remote} refused: {Reason}.")]
    public static partial void ConnectionTurnedAway(ILogger logger, string endpoint, string remote, string reason);

    [LoggerMessage(403, LogLevel.Error,
        "Peer {Peer}: bad frame from {Remote} ({Command}): {Fault}. It is skipped and nothing of it reached the driver; the connection "
        + "goes on, because a classic proxy does not make another.")]
    public static partial void FrameSkipped(ILogger logger, string peer, string remote, CommandHeader command, string fault);

    [LoggerMessage(404, LogLevel.Error, "Peer {Peer}: {Command} in a batch is left out: {Fault}. The others of the batch are delivered.")]
    public static partial void BatchedCommandLeftOut(ILogger logger, string peer, CommandHeader command, string fault);

    [LoggerMessage(405, LogLevel.Error,
        "Peer {Peer}: frame {Sequence} from {Remote} ({Command}) comes again and again, intact and against the rules: {Fault}. It is "
        + "given up, so that the session goes on; nothing of it reached the driver.")]
    public static partial void FrameGivenUp(ILogger logger, string peer, ulong sequence, string remote, CommandHeader command, string fault);

    [LoggerMessage(500, LogLevel.Debug, "Peer {Peer}: control message 0x{Type:x} of unknown type ignored.")]
    public static partial void UnknownControl(ILogger logger, string peer, int type);

    [LoggerMessage(501, LogLevel.Information, "Peer {Peer}: remote bind of \"{Name}\" (endpoint {Endpoint}, DC {DcId}) answered with {Result}.")]
    public static partial void RemoteBindAnswered(ILogger logger, string peer, string name, int endpoint, int dcId, string result);

    [LoggerMessage(600, LogLevel.Information, "TLS: this node's certificate is {Subject} from {File}, valid until {Expiry}.")]
    public static partial void CertificateLoaded(ILogger logger, string subject, string file, string expiry);

    [LoggerMessage(601, LogLevel.Information, "TLS: the files changed; new connections use the certificate {Subject} from {File}, valid until {Expiry}.")]
    public static partial void CertificateReloaded(ILogger logger, string subject, string file, string expiry);

    [LoggerMessage(602, LogLevel.Error,
        "TLS: the files changed, but cannot be used: {Problems}. The certificate {Subject}, valid until {Expiry}, stays in use.")]
    public static partial void CertificateReloadFailed(ILogger logger, string problems, string subject, string expiry);

    [LoggerMessage(603, LogLevel.Information, "Peer {Peer}: TLS with {Remote}: {Protocol}; its certificate is {Subject}, valid until {Expiry}.")]
    public static partial void TlsEstablished(ILogger logger, string peer, string remote, string protocol, string subject, string expiry);
}
