namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>A proxy pair that was registered through this device.</summary>
internal readonly record struct BoundPair(int ProxyId, int SenderThreadId, int ReceiverThreadId, int MaxPayload);

/// <summary>The pairs registered through one device: who may call what, and how much the driver may write. Thread-safe; reading takes no lock.</summary>
internal sealed class BoundPairs
{
    /// <summary>What the driver itself allows at most; holds while nothing is known of the caller's pair.</summary>
    private const int LargestOfAll = 65_536;

    private readonly Lock _lock = new();
    private BoundPair[] _pairs = [];
    private volatile int _largestPayload = LargestOfAll;

    /// <summary>The pairs, a snapshot.</summary>
    internal ReadOnlySpan<BoundPair> All => Volatile.Read(ref _pairs);

    /// <summary>The largest payload of any pair.</summary>
    internal int LargestPayload => _largestPayload;

    /// <summary>True when a pair has this thread as its sender, or receiver.</summary>
    internal bool Contains(int threadId, bool asSender)
    {
        foreach (ref readonly var pair in All)
        {
            if ((asSender ? pair.SenderThreadId : pair.ReceiverThreadId) == threadId)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds or replaces a pair.</summary>
    internal void Set(BoundPair pair)
    {
        lock (_lock)
        {
            Publish([.. _pairs.Where(other => other.ProxyId != pair.ProxyId), pair]);
        }
    }

    /// <summary>Forgets a pair.</summary>
    internal void Remove(int proxyId)
    {
        lock (_lock)
        {
            Publish([.. _pairs.Where(other => other.ProxyId != proxyId)]);
        }
    }

    private void Publish(BoundPair[] pairs)
    {
        _largestPayload = pairs.Length == 0 ? LargestOfAll : pairs.Max(pair => pair.MaxPayload);
        Volatile.Write(ref _pairs, pairs);
    }
}
