namespace Dvs.Proxy.Emulation;

/// <summary>Which thread the driver asks to end: what the kernel driver says with SIGTERM.</summary>
/// <param name="proxyId">Id of the proxy pair.</param>
/// <param name="threadId">The thread that should end.</param>
public sealed class TerminateRequestedEventArgs(int proxyId, int threadId) : EventArgs
{
    /// <summary>Id of the proxy pair whose other half ended or that was unbound.</summary>
    public int ProxyId { get; } = proxyId;

    /// <summary>The thread that should end.</summary>
    public int ThreadId { get; } = threadId;
}
