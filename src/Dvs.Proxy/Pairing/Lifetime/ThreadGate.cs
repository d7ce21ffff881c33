using Dvs.Proxy.Device;

namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>
/// Holds a proxy thread between its start and its registration: the thread reports its kernel thread id and waits; whoever registers the
/// pair lets it go, or sends it home. This is the order the driver wants, and it leaves no wake-up to be lost.
/// </summary>
internal sealed class ThreadGate : IDisposable
{
    private readonly ManualResetEventSlim _reported = new();
    private readonly ManualResetEventSlim _released = new();
    private volatile bool _go;
    private int _threadId;

    /// <summary>On the proxy thread: reports in and waits. False: do not serve, end.</summary>
    public bool ReportAndWait(IDvkProxyCalls device)
    {
        _threadId = device.CurrentThreadId;
        _reported.Set();
        _released.Wait();
        return _go;
    }

    /// <summary>On the registering thread: waits for the report.</summary>
    public int WaitForThreadId()
    {
        _reported.Wait();
        return _threadId;
    }

    /// <summary>Lets the thread serve.</summary>
    public void Open()
    {
        _go = true;
        _released.Set();
    }

    /// <summary>Sends the thread home if it still waits.</summary>
    public void Cancel() => _released.Set();

    public void Dispose()
    {
        _reported.Dispose();
        _released.Dispose();
    }
}
