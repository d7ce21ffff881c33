using System.Net;

namespace Dvs.Proxy.Pairing.Admission.Sessions;

/// <summary>
/// Owns how often handshakes may come from one address: more than a peer ever makes, and too few to guess anything or to keep the machine
/// busy. Thread-safe. Behaviour: OpenRateTests.
/// </summary>
internal sealed class OpenRate(TimeProvider time)
{
    private const double Burst = 200;
    private const double PerSecond = 100;

    // Addresses that are refused elsewhere do not come here, so there are few.
    private const int MaxAddresses = 1024;

    private readonly Dictionary<IPAddress, Bucket> _buckets = [];

    private readonly record struct Bucket(double Tokens, long At);

    /// <summary>Addresses that are remembered.</summary>
    public int Addresses
    {
        get
        {
            lock (_buckets)
            {
                return _buckets.Count;
            }
        }
    }

    /// <summary>Counts a handshake. Returns false if it is one too many.</summary>
    public bool TryEnter(IPAddress? address)
    {
        var key = address ?? IPAddress.None;
        var now = time.GetTimestamp();
        lock (_buckets)
        {
            if (_buckets.Count >= MaxAddresses && !_buckets.ContainsKey(key))
            {
                _buckets.Clear();
            }

            var bucket = _buckets.TryGetValue(key, out var known) ? known : new Bucket(Burst, now);
            var tokens = Math.Min(Burst, bucket.Tokens + (time.GetElapsedTime(bucket.At, now).TotalSeconds * PerSecond));
            _buckets[key] = new Bucket(tokens < 1 ? tokens : tokens - 1, now);
            return tokens >= 1;
        }
    }
}
