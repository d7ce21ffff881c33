namespace Dvs.Proxy.Transport;

/// <summary>
/// How long to wait before connecting again: a random time between the minimum and a ceiling that doubles with every attempt, up to the
/// maximum. Random so that the nodes of a cluster that lost a peer together do not come back together. Pure computation: the caller waits.
/// Not thread-safe.
/// </summary>
internal sealed class ReconnectBackoff
{
    private readonly TimeSpan _minimum;
    private readonly TimeSpan _maximum;
    private readonly Random _random;
    private TimeSpan _ceiling;

    /// <param name="minimum">Shortest wait; more than 0.</param>
    /// <param name="maximum">Longest wait; at least <paramref name="minimum"/>.</param>
    /// <param name="random">Seeded where waits must repeat.</param>
    internal ReconnectBackoff(TimeSpan minimum, TimeSpan maximum, Random? random = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(minimum, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, minimum);
        _minimum = minimum;
        _maximum = maximum;
        _random = random ?? Random.Shared;
        _ceiling = minimum;
    }

    /// <summary>The next wait is at most this.</summary>
    internal TimeSpan NextCeiling => _ceiling >= _maximum / 2 ? _maximum : _ceiling * 2;

    /// <summary>The wait before the next attempt.</summary>
    internal TimeSpan Next()
    {
        _ceiling = NextCeiling;
        return _minimum + ((_ceiling - _minimum) * _random.NextDouble());
    }

    /// <summary>A connection ended. One that lived at least as long as the longest wait starts the waits anew; one that was closed right
    /// away (a
    /// peer that accepts and refuses) does not, or two nodes would hammer each other at the shortest wait.</summary>
    internal void ConnectionEnded(TimeSpan lived)
    {
        if (lived >= _maximum)
        {
            Reset();
        }
    }

    /// <summary>Starts the waits anew.</summary>
    internal void Reset() => _ceiling = _minimum;
}
