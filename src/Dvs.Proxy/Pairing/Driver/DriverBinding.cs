using Dvs.Proxy.Device;

namespace Dvs.Proxy.Pairing.Driver;

/// <summary>Whether the driver knows the pair: the one owner of that fact for both directions. Thread-safe.</summary>
internal sealed class DriverBinding(IDvkProxyCalls device, int proxyId)
{
    private int _senderThreadId;
    private int _receiverThreadId;
    private volatile bool _isBound;

    /// <summary>True from the registration until the driver is known to have let go of the pair.</summary>
    public bool IsBound => _isBound;

    /// <summary>The pair was registered.</summary>
    public void OnBound(int senderThreadId, int receiverThreadId)
    {
        (_senderThreadId, _receiverThreadId) = (senderThreadId, receiverThreadId);
        _isBound = true;
    }

    /// <summary>
    /// Whether an error means that the pair is to end. From then on nothing is told to the driver any more: the pair's id may be another
    /// process's by now.
    /// </summary>
    /// <param name="verdict">What <see cref="DriverErrors"/> says of the error.</param>
    /// <param name="errorsInARow">How many errors came in a row, this one included.</param>
    public bool IsLost(PairVerdict verdict, int errorsInARow = 1)
    {
        var isLost = verdict == PairVerdict.Unbound
            || ((verdict == PairVerdict.Unclear || errorsInARow % DriverErrors.SuspiciousCount == 0) && !Ask());
        if (isLost)
        {
            _isBound = false;
        }

        return isLost;
    }

    /// <summary>Asks the driver. False: the pair is free, or other threads are bound to it.</summary>
    private bool Ask()
    {
        try
        {
            var pair = device.GetProxyInfo(proxyId);
            return pair.Sender.LinuxProcessId == _senderThreadId && pair.Receiver.LinuxProcessId == _receiverThreadId;
        }
        catch (DvkException exception)
        {
            return DriverErrors.OfPair(exception.Error) != PairVerdict.Unbound;
        }
    }
}
