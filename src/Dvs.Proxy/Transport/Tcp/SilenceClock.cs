namespace Dvs.Proxy.Transport.Tcp;

/// <summary>
/// Measures how long a peer has left everything unanswered. A peer that does not read but answers the kernel's probes lives, however long it
/// takes; and silence counts only from the moment it was asked something, not from its last word before.
/// </summary>
internal struct SilenceClock(TimeSpan limit)
{
    // A living system may pass over one probe: answers to probes are rationed.
    private const int Suspicious = 2;

    private TimeSpan? _askedAt;

    /// <summary>To be asked again and again.</summary>
    /// <param name="answers">What the kernel says now.</param>
    /// <param name="now">The time, from any origin.</param>
    /// <returns>True once the limit is over.</returns>
    internal bool IsOver(in TcpAnswers answers, TimeSpan now)
    {
        if (answers.Unanswered == 0)
        {
            _askedAt = null;
            return false;
        }

        if (_askedAt is not { } askedAt || now - answers.SinceLastAnswer > askedAt)
        {
            _askedAt = now;
            return false;
        }

        return answers.Unanswered >= Suspicious && now - askedAt >= limit;
    }
}
