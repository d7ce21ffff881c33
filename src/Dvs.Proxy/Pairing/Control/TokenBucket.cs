namespace Dvs.Proxy.Pairing.Control;

/// <summary>Limits how often something may be done: a burst at once, then so many per second. Owned by one thread. Behaviour:
/// RemoteBinderTests.</summary>
internal sealed class TokenBucket(TimeProvider time, int burst, double perSecond)
{
    private double _tokens = burst;
    private long _last = time.GetTimestamp();

    /// <summary>Takes a token. Returns false if there is none: do not do it.</summary>
    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(burst, _tokens + (time.GetElapsedTime(_last, now).TotalSeconds * perSecond));
        _last = now;
        if (_tokens < 1)
        {
            return false;
        }

        _tokens--;
        return true;
    }
}
