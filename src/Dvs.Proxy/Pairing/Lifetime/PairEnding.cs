using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Pairing.Lifetime;

/// <summary>
/// The end of a pair's two threads, in the one order that a driver survives: first both have served and the driver holds both directions
/// for disconnected (proxy_conn 3 and 4); then the sender's thread ends, and the receiver's only when the kernel has let go of that one.
/// The driver frees the pair with the first thread, so nothing can be told it afterwards, and one was seen to hang when both ended at the
/// same moment. Thread-safe.
/// </summary>
internal sealed class PairEnding(PairContext context)
{
    // A driver without the fix never lets go of a thread: the wait for it must not be one for ever.
    private static readonly TimeSpan LongestExit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ExitPoll = TimeSpan.FromMilliseconds(1);

    private readonly object _gate = new();
    private int _serving = 2;
    private bool _isToldEnd;
    private bool _mayEnd;

    /// <summary>
    /// On a proxy thread that serves no more, or in place of one that could not be started: waits for the other. Returns when both may end,
    /// the sender's first.
    /// </summary>
    /// <param name="tellDriver">Tells the driver that both directions are disconnected; called once.</param>
    public void WaitForOther(Action tellDriver)
    {
        bool isLast;
        lock (_gate)
        {
            isLast = --_serving == 0;
        }

        if (isLast)
        {
            FaultBarrier.Run(context.Logger, "telling the driver of the pair's end", tellDriver);
        }

        lock (_gate)
        {
            if (isLast)
            {
                _isToldEnd = true;
                Monitor.PulseAll(_gate);
            }

            while (!_isToldEnd || (HoldsThreads && !_mayEnd))
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>One of the threads could not be started: the other does not wait for it.</summary>
    public void OnNotStarted()
    {
        lock (_gate)
        {
            _serving--;
        }
    }

    /// <summary>Lets threads end that are held, because the proxy as a whole ends.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _mayEnd = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>On the receiver's thread: waits until the sender's is gone, for the kernel as well.</summary>
    public void WaitForSenderThread(Thread sender)
    {
        sender.Join();
        var started = context.Environment.Time.GetTimestamp();
        while (!context.Binding.HasSenderThreadEnded)
        {
            if (context.Environment.Time.GetElapsedTime(started) >= LongestExit)
            {
                ProxyLog.ThreadHeldByDriver(context.Logger, context.Name, sender.Name!);
                return;
            }

            Thread.Sleep(ExitPoll);
        }
    }

    // Where the driver does not survive the end of a bound thread, a pair that ended by a fault keeps its threads for as long as the others
    // serve.
    private bool HoldsThreads => context.Binding.IsBound && (context.Device.Fixes & DvkFixes.ThreadExit) == 0;
}
