namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>
/// Holds a proxy thread between its start and the pair's registration: the thread reports in and waits; whoever registers the pair waits
/// for the report and lets it go. This is the order the driver wants, and it leaves no wake-up to be lost. Whether the thread has anything
/// to serve is the <see cref="PairLifetime"/>'s to say. Thread-safe. Behaviour: the exploration of pairs.
/// </summary>
internal sealed class ThreadGate : IDisposable
{
    private readonly ManualResetEventSlim _reported = new();
    private readonly ManualResetEventSlim _released = new();

    /// <summary>On the proxy thread: reports in and waits.</summary>
    public void ReportAndWait()
    {
        _reported.Set();
        _released.Wait();
    }

    /// <summary>On the registering thread: waits for the report.</summary>
    public void WaitForReport() => _reported.Wait();

    /// <summary>Lets the thread go on.</summary>
    public void Open() => _released.Set();

    public void Dispose()
    {
        _reported.Dispose();
        _released.Dispose();
    }
}
