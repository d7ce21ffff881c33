namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// Notices a peer that answers nothing although something is to be answered: a frame or a hello. TCP does not: where a box on the way, or the
/// peer's system, answers for it, the connection looks alive. Asks for the time only where an answer begins to be due. Sender thread only.
/// </summary>
/// <param name="limit">How long it may last; zero or less: for ever.</param>
/// <param name="time">Measures it.</param>
internal sealed class SilenceLimit(TimeSpan limit, TimeProvider time)
{
    private bool _awaits;
    private long _heard;
    private long _since;

    /// <summary>Milliseconds until <see cref="IsOver"/> may become true; <see cref="int.MaxValue"/> while no answer is due.</summary>
    public int RemainingMilliseconds => _awaits
        ? (int)Math.Clamp((limit - time.GetElapsedTime(_since)).TotalMilliseconds + 1, 1, int.MaxValue)
        : int.MaxValue;

    /// <summary>A new connection: no answer is due.</summary>
    public void Begin() => _awaits = false;

    /// <summary>Something was sent that the peer answers.</summary>
    /// <param name="heard">What was heard of the peer so far.</param>
    public void OnSent(long heard)
    {
        if (_awaits || limit <= TimeSpan.Zero)
        {
            return;
        }

        _awaits = true;
        _heard = heard;
        _since = time.GetTimestamp();
    }

    /// <summary>True where the peer has been silent for too long.</summary>
    /// <param name="heard">What was heard of the peer so far.</param>
    /// <param name="isMoreDue">Whether an answer is due still, if there was one.</param>
    public bool IsOver(long heard, bool isMoreDue)
    {
        if (!_awaits)
        {
            return false;
        }

        if (heard == _heard)
        {
            return time.GetElapsedTime(_since) > limit;
        }

        _awaits = isMoreDue;
        _heard = heard;
        _since = time.GetTimestamp();
        return false;
    }
}
