namespace Dvs.Proxy.Device.Administration;

/// <summary>
/// What a user can do about a refused driver call, in one place for every device and tool. The words in quotes are verbs of the command
/// <c>dvs-proxy</c>.
/// </summary>
public static class DvkAdvice
{
    /// <summary>Full sentences that say what to do, or null where the error's meaning says all there is to say.</summary>
    /// <param name="call">What was called.</param>
    /// <param name="error">What the driver answered.</param>
    /// <param name="nodeId">The node it was about, if any.</param>
    /// <param name="dcId">The DC it was about, if any.</param>
    /// <param name="proxyId">The proxy pair it was about, if any.</param>
    public static string? For(DvkCall call, DvkError error, int? nodeId = null, int? dcId = null, int? proxyId = null)
    {
        var subject = new Subject(nodeId, dcId, proxyId);
        return ForCall(call, error, subject) ?? ForError(error, subject);
    }

    /// <summary>The exception for a refused call, advice included.</summary>
    /// <param name="call">What was called.</param>
    /// <param name="error">What the driver answered.</param>
    /// <param name="attempted">What was tried, with its arguments: <c>add node 1 to DC 0</c>.</param>
    /// <param name="nodeId">The node it was about, if any.</param>
    /// <param name="dcId">The DC it was about, if any.</param>
    /// <param name="proxyId">The proxy pair it was about, if any.</param>
    public static DvkException Refusal(
        DvkCall call, DvkError error, string attempted, int? nodeId = null, int? dcId = null, int? proxyId = null) =>
        new(error, attempted, For(call, error, nodeId, dcId, proxyId), InCode(error, dcId));

    /// <summary>What to write in a program about it; null where an operator's way is the only one.</summary>
    private static string? InCode(DvkError error, int? dcId) => error switch
    {
        DvkError.DvsNotInitialised => "device.InitializeDvs, or EmulatedDvk.StartNode",
        DvkError.DcNotRunning => $"device.StartDc(new DcInfo {{ DcId = {dcId ?? 0} }})",
        DvkError.NodeFree => "MultiNodeProxy.StartAsync, with a peer of that ProxyId; one that names the DC in Dcs adds the node by itself",
        DvkError.NodeNotInDc => "device.AddNode, or name the DC in PeerOptions.Dcs",
        _ => null,
    };

    private static string? ForCall(DvkCall call, DvkError error, Subject about) => (call, error) switch
    {
        (DvkCall.AddNode, DvkError.NodeFree) =>
            $"{Capital(about.Node)} has no running proxy on this node. Start the proxy for it first ('run --config FILE' with a section for {about.Node}), "
            + "check with 'node info', then add the node to the DC again.",
        (DvkCall.AddNode, DvkError.NodeInDc) => $"There is nothing to do: {about.Dc} already extends to {about.Node}.",
        (DvkCall.AddNode or DvkCall.RemoveNode, DvkError.BadNodeId) =>
            "Name a remote node: the local node is always part of its DCs, and ids end at the limit that 'dvs info' shows.",
        (DvkCall.AddNode, DvkError.ResourceBusy) =>
            $"{Capital(about.Dc)} extends to as many nodes as it may. Take one out with 'node del', or start the DC with a higher node limit.",
        (DvkCall.RemoveNode, DvkError.NodeNotInDc or DvkError.NodeInDc) =>
            $"There is nothing to do: {about.Dc} does not extend to {about.Node}. 'dc info' shows its nodes.",
        (DvkCall.StartDc, DvkError.ResourceBusy or DvkError.DcRunning) =>
            $"{Capital(about.Dc)} already runs on this node, or another DC that runs has this name; 'dc info' shows them. Choose "
                + $"another id and name, or end that one first.",
        (DvkCall.StartDc, DvkError.BadRange) =>
            "Id and limits of a DC must not exceed those of the DVS, which 'dvs info' shows, and it has more system processes than tasks.",
        (DvkCall.EndDc or DvkCall.NodeDown, DvkError.Fault) => "Ids run from 0: the driver takes a negative one for an address.",
        (DvkCall.InitializeDvs, DvkError.DvsBusy) =>
            "The DVS is initialised already; 'dvs info' shows it. To change its limits, end all DCs and the DVS first.",
        (DvkCall.InitializeDvs, DvkError.BadNodeId) => "Node ids run from 0 to the node limit minus 1.",
        (DvkCall.InitializeDvs, DvkError.BadRange) =>
            "The driver allows at most 32 nodes, 32 DCs, 221 processes, 35 tasks and 64 system processes, and more system processes than tasks.",
        (DvkCall.InitializeDvs, DvkError.BadValue) =>
            "A command carries at most 65,536 bytes, a copy at most 1,048,576, and a copy not less than a command.",
        (DvkCall.EndDvs, DvkError.DvsBusy) => "End the DCs and stop the proxies of this node first.",
        (DvkCall.NodeUp, DvkError.NoProxy or DvkError.ProxyFree) =>
            $"{Capital(about.Pair)} is not bound: a proxy must register its two threads before it attaches a node.",
        (DvkCall.NodeUp, DvkError.BadNodeId) => "The id is that of the local node, or beyond the limit that 'dvs info' shows.",
        (DvkCall.NodeUp, DvkError.NodeBusy or DvkError.ResourceBusy) => $"{Capital(about.Node)} is attached already; 'node info' shows by which pair.",
        (DvkCall.NodeDown, DvkError.NodeFree or DvkError.NoProxy) => $"There is nothing to do: {about.Node} is not attached.",
        (DvkCall.BindProxies, DvkError.ResourceBusy or DvkError.ProxyRunning) =>
            $"{Capital(about.Pair)} or its name is in use. Another proxy process serves this peer: stop it, or choose another proxyid "
                + $"and name ('proxy info' shows its threads). "
            + "Or a proxy that ended is still held by the driver: a driver as published never lets go of it, 'ps' shows the process as "
                + "a zombie, and only a reboot frees the pair.",
        (DvkCall.BindProxies, DvkError.BadPid) => "Both threads of a pair must be alive when it is registered, and be named by their kernel thread ids.",
        (DvkCall.BindProxies, DvkError.TooBig) => "The driver carries at most 65,536 bytes of payload per command.",
        (DvkCall.BindProxies, DvkError.ProxyId or DvkError.BadProxy or DvkError.BadNodeId) =>
            "Proxy ids run from 0 to the node limit minus 1, and the local node's is not one of them.",
        (DvkCall.UnbindProxies or DvkCall.SetProxyConnection or DvkCall.GetProxyInfo, DvkError.NoProxy or DvkError.ProxyFree) =>
            $"{Capital(about.Pair)} is not bound: no proxy runs for it. 'proxy info' shows the pairs.",
        (DvkCall.Bind, DvkError.NodeNotInDc) => $"Let {about.Dc} extend to {about.Node} first: 'node add'.",
        (DvkCall.Bind, DvkError.SlotUsed) =>
            "Another process holds this endpoint, or the thread is bound already: 'proc info' shows which. Unbind it, choose another "
                + "endpoint, or bind another thread.",
        (DvkCall.Bind, DvkError.BadDcId) =>
            "The id of the DC, or the endpoint, is out of range: 'dvs info' shows the limit of the ids, 'dc info' the endpoints of a "
                + "DC, which run from minus its tasks to its processes minus 1.",
        (DvkCall.Bind, DvkError.BadPid) => "No thread has this id: a local bind names a live thread by its kernel thread id.",
        (DvkCall.Message, DvkError.Endpoint) =>
            "A process does not receive from itself, send requests to itself or notify itself; nor do endpoints have generations.",
        (DvkCall.Message, DvkError.BadCall) =>
            "A user process may make requests and nothing else: send, receive, reply, notify and copies are for system processes, whose "
            + "numbers 'dc info' shows.",
        (DvkCall.Bind, DvkError.BadNodeId) => "A remote bind names a remote node, a local bind none.",
        (DvkCall.ReadView, DvkError.NoEntry) =>
            "The views are info, nodes, proxies/info, proxies/procs, proxies/ipcto and proxies/dvkcalls, and DCn/info, DCn/procs, "
                + "DCn/stats, DCn/ipcto and DCn/dvkcalls of a running DC; "
            + "they are there while the driver is loaded.",
        _ => null,
    };

    private static string? ForError(DvkError error, Subject about) => error switch
    {
        DvkError.DvsNotInitialised => "Make this machine a node of the DVS first: 'dvs init'.",
        DvkError.Privileges or DvkError.Perm or DvkError.Access =>
            "The driver wants the capability CAP_SYS_ADMIN: run as root, or give the service AmbientCapabilities=CAP_SYS_ADMIN.",
        DvkError.DcNotRunning => $"Start {about.Dc} on this node first ('dc init'); 'dc info' shows what runs.",
        DvkError.BadDcId => "DC ids run from 0 to the DC limit minus 1 that 'dvs info' shows.",
        DvkError.BadNodeId => "Node ids run from 0 to the node limit minus 1 that 'dvs info' shows.",
        DvkError.NodeNotInDc => $"Let {about.Dc} extend to {about.Node} first: 'node add'.",
        DvkError.NodeFree => $"No proxy has brought {about.Node} up. Start the proxy for it, then check with 'node info'.",
        DvkError.NoProxy or DvkError.ProxyFree => $"No proxy serves {about.Node}. Start one and check with 'proxy info'.",
        DvkError.NotConnected => "The proxies run but are not connected to their peer: see the log of both sides, 'proxy info' and 'node info'.",
        DvkError.ProxyId or DvkError.BadProxy => "Proxy ids run from 0 to the node limit minus 1 that 'dvs info' shows.",
        DvkError.BadProcess => "Process numbers run from minus the number of tasks to the process limit minus 1; 'dc info' shows both.",
        DvkError.ResourceBusy => "Something holds it already; 'node info', 'proxy info' and 'proc info' show what is in use.",
        DvkError.Range or DvkError.BadRange => "One of the numbers is beyond the limits that 'dvs info' and 'dc info' show.",
        DvkError.NotTty or DvkError.BadIoctl => "The driver does not know this call: it is another version, or the path is not a DVK.",
        DvkError.Fault => "The driver could not read or write the caller's memory: driver and process may have been built for different "
            + "data models (32 and 64 bits).",
        DvkError.NoMemory or DvkError.AllocateMemory => "The kernel is out of memory; see its log ('dmesg').",
        _ => null,
    };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private readonly record struct Subject(int? NodeId, int? DcId, int? ProxyId)
    {
        public string Node => NodeId is { } id ? $"node {id}" : "the node";

        public string Dc => DcId is { } id ? $"DC {id}" : "the DC";

        public string Pair => ProxyId is { } id ? $"proxy pair {id}" : "the proxy pair";
    }
}
