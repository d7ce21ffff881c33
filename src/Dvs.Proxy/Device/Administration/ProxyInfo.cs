namespace Dvs.Proxy.Device.Administration;

/// <summary>A proxy pair as the driver sees it: its two threads (classic getproxyinfo).</summary>
/// <param name="ProxyId">Id of the pair, by habit the peer's node id.</param>
/// <param name="Sender">The sender thread; its <see cref="ProcessInfo.LinuxProcessId"/> is -1 while the pair is free.</param>
/// <param name="Receiver">The receiver thread.</param>
public sealed record ProxyInfo(int ProxyId, ProcessInfo Sender, ProcessInfo Receiver);
