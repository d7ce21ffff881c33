namespace Dvs.Proxy.Configuration;

/// <summary>What a stop of a running proxy does (classic key <c>onstop</c>).</summary>
public enum ProxyStopMode
{
    /// <summary>The proxy ends: threads, connections, bindings.</summary>
    End,

    /// <summary>
    /// The proxy parks: the driver is told that all peers are disconnected and the network is closed, but the threads stay, bound to the
    /// driver, and the proxy can be resumed. For drivers that deadlock when a bound thread ends, on machines that cannot be rebooted.
    /// </summary>
    Park,
}
