namespace Dvs.Proxy.Protocol.Compression;

/// <summary>
/// Decides whether compressing the next payload is worth a try. Payloads of one pair resemble each other: after several in a row that did not
/// get smaller, most of the next are sent as they are and only one now and then is tried, so that the sender does not spend its time on data
/// that is compressed already. For one thread at a time.
/// </summary>
internal sealed class CompressionHistory
{
    /// <summary>Failures in a row from which on tries are left out.</summary>
    internal const int FailuresBeforeSkipping = 4;

    /// <summary>Most payloads in a row that are not tried.</summary>
    internal const int MostSkipped = 31;

    private int _failures;
    private int _toSkip;

    /// <summary>What <see cref="ShouldTry"/> is going to say.</summary>
    public bool IsTryDue => _toSkip == 0;

    /// <summary>True where the next payload is to be tried; <see cref="Note"/> follows then.</summary>
    public bool ShouldTry()
    {
        if (_toSkip == 0)
        {
            return true;
        }

        _toSkip--;
        return false;
    }

    /// <summary>What was is no guide to what comes.</summary>
    public void Forget() => (_failures, _toSkip) = (0, 0);

    /// <summary>A try is over.</summary>
    /// <param name="gotSmaller">Whether it was worth it.</param>
    public void Note(bool gotSmaller)
    {
        if (gotSmaller)
        {
            _failures = 0;
        }
        else if (++_failures >= FailuresBeforeSkipping)
        {
            // 1, 3, 7, 15, 31: a single odd payload costs little, a long run of them hardly a try.
            _toSkip = Math.Min((1 << Math.Min(_failures - FailuresBeforeSkipping + 1, 8)) - 1, MostSkipped);
        }
    }
}
