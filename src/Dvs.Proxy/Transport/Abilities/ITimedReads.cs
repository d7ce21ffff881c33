namespace Dvs.Proxy.Transport.Abilities;

/// <summary>
/// An ability that a <see cref="ProxyConnection"/> may have: its reads can be limited in time. With it, a receiver gathers acknowledgements for
/// a moment; without it, every acknowledgement is sent at once.
/// </summary>
public interface ITimedReads
{
    /// <summary>Limits how long each later read may block: a read whose time is up completes with what there is, marked as canceled.
    /// <see cref="Timeout.InfiniteTimeSpan"/>, as in the beginning, lifts the limit. The reading thread only; never throws.</summary>
    /// <param name="timeout">More than zero, or infinite. May be rounded to what the system can measure.</param>
    void SetReadTimeout(TimeSpan timeout);
}
