namespace Dvs.Proxy.Device.Administration;

/// <summary>A proxy pair as the driver sees it: its two threads (classic getproxyinfo). Immutable, for any thread.</summary>
/// <param name="proxyId">Id of the pair.</param>
/// <param name="sender">The sender thread.</param>
/// <param name="receiver">The receiver thread.</param>
public sealed class ProxyInfo(int proxyId, ProcessInfo sender, ProcessInfo receiver)
{
    /// <summary>Id of the pair; the proxies take the peer's node id.</summary>
    public int ProxyId { get; } = proxyId;

    /// <summary>The sender thread; its <see cref="ProcessInfo.LinuxProcessId"/> is -1 while the pair is free.</summary>
    public ProcessInfo Sender { get; } = sender;

    /// <summary>The receiver thread.</summary>
    public ProcessInfo Receiver { get; } = receiver;
}
