namespace Dvs.Proxy.Emulation;

/// <summary>Which thread the driver asks to end: what the kernel driver says with SIGTERM.</summary>
public sealed class TerminateRequestedEventArgs : EventArgs
{
    internal TerminateRequestedEventArgs(int threadId, int? dcId = null, int? proxyId = null)
    {
        ThreadId = threadId;
        DcId = dcId;
        ProxyId = proxyId;
    }

    /// <summary>The thread that should end.</summary>
    public int ThreadId { get; }

    /// <summary>Where the thread is half of a proxy pair: the pair whose other half ended or that was unbound.</summary>
    public int? ProxyId { get; }

    /// <summary>Where the thread is a process: its DC, which is being ended.</summary>
    public int? DcId { get; }
}
