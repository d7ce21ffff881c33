using Dvs.Proxy.Device;

namespace Dvs.Proxy.Pairing.Driver;

/// <summary>
/// Owns what the driver knows of the pair: the ids of its two threads, and whether they are bound. Both directions ask here. Thread-safe.
/// Behaviour: DriverErrorsTests.
/// </summary>
internal sealed class DriverBinding(IDvkProxyCalls device, int proxyId)
{
    private int _senderThreadId;
    private int _receiverThreadId;
    private volatile bool _isBound;

    /// <summary>True from the registration until the driver is known to have let go of the pair.</summary>
    public bool IsBound => _isBound;

    /// <summary>The sender's thread as the kernel numbers it; 0 before it started.</summary>
    public int SenderThreadId => Volatile.Read(ref _senderThreadId);

    /// <summary>The receiver's thread as the kernel numbers it; 0 before it started.</summary>
    public int ReceiverThreadId => Volatile.Read(ref _receiverThreadId);

    /// <summary>True where the kernel does not hold the sender's thread any more.</summary>
    public bool HasSenderThreadEnded => SenderThreadId == 0 || device.HasEnded(SenderThreadId);

    /// <summary>The sender's thread runs.</summary>
    public void OnSenderStarted(int threadId) => Volatile.Write(ref _senderThreadId, threadId);

    /// <summary>The receiver's thread runs.</summary>
    public void OnReceiverStarted(int threadId) => Volatile.Write(ref _receiverThreadId, threadId);

    /// <summary>The pair was registered.</summary>
    public void OnBound() => _isBound = true;

    /// <summary>Gets the sender's thread out of the driver, to look at what there is to do. An interrupt is kept for its next
    /// wait.</summary>
    public void WakeSender()
    {
        var threadId = SenderThreadId;
        if (threadId != 0)
        {
            device.Interrupt(threadId);
        }
    }

    /// <summary>
    /// Decides whether an error means that the pair is to end, and asks the driver where the error alone does not tell. From then on
    /// nothing is told to the driver any more: the pair's id may be another process's by now.
    /// </summary>
    /// <param name="verdict">What <see cref="DriverErrors"/> says of the error.</param>
    /// <param name="errorsInARow">How many errors came in a row, this one included.</param>
    public bool CheckLost(PairVerdict verdict, int errorsInARow = 1)
    {
        var isLost = verdict == PairVerdict.Unbound
            || ((verdict == PairVerdict.Unclear || errorsInARow % DriverErrors.SuspiciousCount == 0) && !Ask());
        if (isLost)
        {
            _isBound = false;
        }

        return isLost;
    }

    // Returns false if the pair is free, or other threads are bound to it.
    private bool Ask()
    {
        try
        {
            var pair = device.GetProxyInfo(proxyId);
            return pair.Sender.LinuxProcessId == SenderThreadId && pair.Receiver.LinuxProcessId == ReceiverThreadId;
        }
        catch (DvkException exception)
        {
            return DriverErrors.Of(DriverCall.NamesPair, exception.Error) != PairVerdict.Unbound;
        }
    }
}
