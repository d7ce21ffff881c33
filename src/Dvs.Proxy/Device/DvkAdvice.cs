namespace Dvs.Proxy.Device;

/// <summary>
/// What a user can do about a refused driver call, in one place for every device and tool. The words in quotes are verbs of the host.
/// </summary>
public static class DvkAdvice
{
    /// <summary>Full sentences that say what to do, or null where the error's meaning says all there is to say.</summary>
    /// <param name="call">What was called.</param>
    /// <param name="error">What the driver answered.</param>
    /// <param name="subject">What it was about.</param>
    public static string? For(DvkCall call, DvkError error, DvkSubject subject = default) =>
        ForCall(call, error, subject) ?? ForError(error, subject);

    /// <summary>The exception for a refused call, advice included.</summary>
    /// <param name="call">What was called.</param>
    /// <param name="error">What the driver answered.</param>
    /// <param name="attempted">What was tried, with its arguments: <c>add node 1 to DC 0</c>.</param>
    /// <param name="subject">What it was about.</param>
    public static DvkException Refusal(DvkCall call, DvkError error, string attempted, DvkSubject subject = default) =>
        new(error, attempted, For(call, error, subject));

    private static string? ForCall(DvkCall call, DvkError error, DvkSubject about) => (call, error) switch
    {
        (DvkCall.AddNode, DvkError.NodeFree) =>
            $"{Capital(about.Node)} has no running proxy on this node. Start the proxy for it first ('run --config FILE' with a section for {about.Node}), "
            + "check with 'node info', then add the node to the DC again.",
        (DvkCall.AddNode, DvkError.NodeInDc) => $"There is nothing to do: {about.Dc} already extends to {about.Node}.",
        (DvkCall.AddNode or DvkCall.RemoveNode, DvkError.BadNodeId) =>
            "Name a remote node: the local node is always part of its DCs, and ids end at the limit that 'dvs info' shows.",
        (DvkCall.AddNode, DvkError.ResourceBusy) =>
            $"{Capital(about.Dc)} extends to as many nodes as it may. Take one out with 'node del', or start the DC with a higher node limit.",
        (DvkCall.RemoveNode, DvkError.NodeNotInDc or DvkError.NodeInDc) => $"There is nothing to do: {about.Dc} does not extend to {about.Node}. 'dc info' shows its nodes.",
        (DvkCall.StartDc, DvkError.DcRunning) => $"{Capital(about.Dc)} already runs on this node; 'dc info' shows it. Choose another id or end it first.",
        (DvkCall.StartDc, DvkError.BadRange) => "The limits of a DC must not exceed those of the DVS; 'dvs info' shows them.",
        (DvkCall.InitializeDvs, DvkError.DvsBusy) => "The DVS is initialised already; 'dvs info' shows it. To change its limits, end all DCs and the DVS first.",
        (DvkCall.InitializeDvs, DvkError.BadNodeId) => "Node ids run from 0 to the node limit minus 1.",
        (DvkCall.EndDvs, DvkError.DvsBusy) => "End the DCs and stop the proxies of this node first.",
        (DvkCall.NodeUp, DvkError.NoProxy or DvkError.ProxyFree) => $"{Capital(about.Pair)} is not bound: a proxy must register its two threads before it attaches a node.",
        (DvkCall.NodeUp, DvkError.BadNodeId) => "The id is that of the local node, or beyond the limit that 'dvs info' shows.",
        (DvkCall.NodeUp, DvkError.NodeBusy or DvkError.ResourceBusy) => $"{Capital(about.Node)} is attached already; 'node info' shows by which pair.",
        (DvkCall.NodeDown, DvkError.NodeFree or DvkError.NoProxy) => $"There is nothing to do: {about.Node} is not attached.",
        (DvkCall.BindProxies, DvkError.ResourceBusy or DvkError.ProxyRunning) =>
            $"{Capital(about.Pair)} is in use: another proxy process serves this peer, or one that ended has not been cleaned up yet. 'proxy info' shows its threads; "
            + "stop that process, or choose another proxyid.",
        (DvkCall.BindProxies, DvkError.BadPid) => "Both threads of a pair must be alive when it is registered, and be named by their kernel thread ids.",
        (DvkCall.BindProxies, DvkError.TooBig) => "The driver carries at most 65,536 bytes of payload per command.",
        (DvkCall.BindProxies, DvkError.ProxyId or DvkError.BadProxy or DvkError.BadNodeId) => "Proxy ids run from 0 to the node limit minus 1, and the local node's is not one of them.",
        (DvkCall.UnbindProxies or DvkCall.SetProxyConnection, DvkError.NoProxy or DvkError.ProxyFree) =>
            $"{Capital(about.Pair)} is not bound: no proxy runs for it. 'proxy info' shows the pairs.",
        (DvkCall.Bind, DvkError.NodeNotInDc) => $"Let {about.Dc} extend to {about.Node} first: 'node add'.",
        (DvkCall.Bind, DvkError.SlotUsed) => "Another process holds this endpoint; 'proc info' shows which. Unbind it or choose another endpoint.",
        (DvkCall.Bind, DvkError.BadNodeId) => "A remote bind names a remote node, a local bind none.",
        (DvkCall.ReadView, DvkError.NoEntry) =>
            "The views are info, nodes, proxies/info, proxies/procs, and DCn/info and DCn/procs of a running DC; they are there while the driver is loaded.",
        _ => null,
    };

    private static string? ForError(DvkError error, DvkSubject about) => error switch
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
        DvkError.Fault => "The driver could not read or write the caller's memory: driver and process may have been built for different data models (32 and 64 bits).",
        DvkError.NoMemory or DvkError.AllocateMemory => "The kernel is out of memory; see its log ('dmesg').",
        _ => null,
    };

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
