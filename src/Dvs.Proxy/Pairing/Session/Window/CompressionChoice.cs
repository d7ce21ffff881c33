namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>
/// Whether data blocks are to be compressed: what has been faster lately, measured by trying the other for a short while, again and again. No model of line,
/// processor or data; no clock of its own, no I/O. Begins without. Sender thread only. Behaviour: CompressionChoiceTests.
/// </summary>
/// <remarks>
/// The measure is bytes before compression that the peer has acknowledged, per time in which something was under way; so idle time counts for nothing,
/// and a sender that is never idle, one that waits for answers and one that sends in bursts are measured alike. What is acknowledged are the
/// connection's bytes; what they were before compression follows from the ratio of what was sent the same way.
/// A great difference decides at once; a small one when several trials together leave no doubt, so that noise decides nothing. A trial that loses costs
/// throughput, so the next is the farther away the more one costs.
/// </remarks>
internal sealed class CompressionChoice
{
    /// <summary>Part of the throughput that trials may cost.</summary>
    internal const double Budget = 0.02;

    /// <summary>Compressing has to be faster by this much (as a logarithm) to be chosen, for it costs CPU.</summary>
    internal const double LeastGain = 0.05;

    /// <summary>Bytes before compression that are sent between two trials at least: who sends less is left alone.</summary>
    internal const int LeastRestBytes = 4 << 20;

    // To go back takes a gain that is a little less, or a sender with just that gain would change again and again.
    private const double LeastGainKept = 0.04;

    // A difference beyond this (as logarithm) is none of noise.
    private const double GreatDifference = 0.25;

    // Trials that agree, and how sure they have to be, in standard deviations of their mean.
    private const int LeastTrials = 4;
    private const int Sureness = 3;
    private const int MostTrials = 32;
    private const double LeastDeviation = 0.02;

    private const int LeastMeasuredBytes = 512 * 1024;
    private const int MeasuredRounds = 4;

    // A window that sizes itself, and TCP, have found their size by then.
    private const int RestRounds = 16;

    private readonly long _firstRest;
    private readonly long _leastRest;
    private readonly long _mostRest;
    private readonly long _leastMeasure;
    private readonly long _settling;

    private Phase _phase;

    // The clock: ticks in which something was under way.
    private long _busy;
    private long _lookedAt;
    private bool _isBusy;

    // A round is over when all that had been sent when it began has been acknowledged.
    private long _roundEnd;
    private int _roundsLeft;

    private long _phaseEnd;
    private long _restBytesEnd;
    private long _switchedAt;
    private Measure _measure;
    private double _chosenRate;

    // Of the trials since the last decision: how much more than it takes to change, as logarithms.
    private int _trials;
    private double _sum;
    private double _squares;

    /// <param name="ticksPerSecond">Of the timestamps given.</param>
    public CompressionChoice(long ticksPerSecond)
    {
        _firstRest = ticksPerSecond / 20;
        _leastRest = ticksPerSecond / 2;
        _mostRest = 10 * ticksPerSecond;
        _leastMeasure = ticksPerSecond / 50;
        _settling = ticksPerSecond / 400;
        Rest(_firstRest, default);
    }

    /// <summary>Whether the blocks from now on are to be compressed, be it for a trial.</summary>
    public bool IsOn { get; private set; }

    /// <summary>Whether compressing is the better, as far as is known.</summary>
    public bool IsChosen { get; private set; }

    /// <summary>Another connection: the choice stays, the measures do not, for what is sent again is none and the path may be another.</summary>
    public void Begin(in SentTotals totals, long now)
    {
        IsOn = IsChosen;
        (_isBusy, _lookedAt) = (false, now);
        ForgetTrials();
        Rest(_firstRest, in totals);
    }

    /// <summary>Something has been given to the connection.</summary>
    public void OnSent(long now)
    {
        Advance(now);
        _isBusy = true;
    }

    /// <summary>There is nothing under way, and nothing to send.</summary>
    public void OnIdle(long now)
    {
        Advance(now);
        _isBusy = false;
    }

    /// <summary>The peer has acknowledged more.</summary>
    public void OnAcknowledged(in SentTotals totals, long now)
    {
        Advance(now);
        CountRound(in totals);
        switch (_phase)
        {
            case Phase.Resting when _busy >= _phaseEnd && _roundsLeft <= 0 && totals.RawBytes >= _restBytesEnd:
                Enter(Phase.MeasuringChosen, in totals);
                _measure = new Measure(totals, totals.AcknowledgedBytes, _busy);
                break;
            case Phase.MeasuringChosen when IsMeasured(in totals):
                _chosenRate = _measure.Rate(in totals, _busy);
                IsOn = !IsChosen;
                _switchedAt = _busy;
                _measure = new Measure(totals, totals.AcknowledgedBytes, _busy);
                Enter(Phase.AwaitingFirst, in totals);
                _roundsLeft = 1;
                break;
            case Phase.AwaitingFirst when _roundsLeft <= 0:
                _phase = Phase.Settling;
                _phaseEnd = _busy + _settling;
                break;
            case Phase.Settling when _busy >= _phaseEnd:
                Enter(Phase.MeasuringOther, in totals);
                _measure = _measure with { AcknowledgedBytes = totals.AcknowledgedBytes, BeganAt = _busy };
                break;
            case Phase.MeasuringOther when IsMeasured(in totals) || IsPlainlyWorse(in totals):
                Conclude(in totals);
                break;
        }
    }

    private void Advance(long now)
    {
        _busy += _isBusy ? now - _lookedAt : 0;
        _lookedAt = now;
    }

    private void CountRound(in SentTotals totals)
    {
        if (totals.AcknowledgedBytes >= _roundEnd)
        {
            _roundsLeft--;
            _roundEnd = totals.WireBytes;
        }
    }

    private void Enter(Phase phase, in SentTotals totals)
    {
        _phase = phase;
        (_roundsLeft, _roundEnd) = (MeasuredRounds, totals.WireBytes);
    }

    private void Rest(long time, in SentTotals totals)
    {
        Enter(Phase.Resting, in totals);
        _roundsLeft = RestRounds;
        _phaseEnd = _busy + time;
        _restBytesEnd = totals.RawBytes + LeastRestBytes;
    }

    private bool IsMeasured(in SentTotals totals) =>
        _roundsLeft <= 0 && _busy - _measure.BeganAt >= _leastMeasure && _measure.RawBytes(in totals) >= LeastMeasuredBytes;

    // A loopback that is five times faster without need not be kept waiting for a fine measure.
    private bool IsPlainlyWorse(in SentTotals totals) =>
        _roundsLeft < MeasuredRounds && _busy - _measure.BeganAt >= _leastMeasure / 3 && _measure.Rate(in totals, _busy) < _chosenRate / 2;

    private void Conclude(in SentTotals totals)
    {
        // A rate of nothing has no logarithm.
        var otherRate = Math.Max(_measure.Rate(in totals, _busy), _chosenRate / 1000);
        var gain = Math.Log(IsChosen ? _chosenRate / otherRate : otherRate / _chosenRate);
        var isChange = IsChange(gain);
        if (isChange)
        {
            IsChosen = !IsChosen;
            ForgetTrials();
        }

        IsOn = IsChosen;
        var isOtherBetter = otherRate > _chosenRate;
        var cost = (_busy - _switchedAt) * (1 - (Math.Min(otherRate, _chosenRate) / Math.Max(otherRate, _chosenRate))) / Budget;

        // A change is looked at again soon: it may have been a mistake.
        var rest = isChange ? cost / 2 : isOtherBetter ? 0 : cost;
        Rest((long)Math.Clamp(rest, _leastRest, _mostRest), in totals);
    }

    // Whether the other is to be chosen, after one more trial.
    private bool IsChange(double gain)
    {
        var least = IsChosen ? LeastGainKept : LeastGain;
        var excess = IsChosen ? least - gain : gain - least;
        var isGreat = Math.Abs(excess) > GreatDifference;
        if (isGreat || _trials == MostTrials)
        {
            ForgetTrials();
        }

        if (isGreat)
        {
            return excess > 0;
        }

        _trials++;
        _sum += excess;
        _squares += excess * excess;
        var mean = _sum / _trials;
        var deviation = Math.Max(LeastDeviation, Math.Sqrt(Math.Max(0, (_squares / _trials) - (mean * mean))));
        return _trials >= LeastTrials && mean > Sureness * deviation / Math.Sqrt(_trials);
    }

    private void ForgetTrials() => (_trials, _sum, _squares) = (0, 0, 0);

    private enum Phase
    {
        /// <summary>Until the next trial.</summary>
        Resting,

        /// <summary>Measures what is chosen, to compare the other with.</summary>
        MeasuringChosen,

        /// <summary>Has changed over: what was under way then is still to be acknowledged.</summary>
        AwaitingFirst,

        /// <summary>Lets the window find its size.</summary>
        Settling,

        /// <summary>Measures the other.</summary>
        MeasuringOther,
    }

    /// <summary>A measure of the throughput.</summary>
    /// <param name="First">Where the mode began: the ratio counts from here.</param>
    /// <param name="AcknowledgedBytes">What had been acknowledged when it began.</param>
    /// <param name="BeganAt">When it began.</param>
    private readonly record struct Measure(SentTotals First, long AcknowledgedBytes, long BeganAt)
    {
        /// <summary>Acknowledged since it began, before compression.</summary>
        public double RawBytes(in SentTotals totals)
        {
            var wireBytes = totals.WireBytes - First.WireBytes;
            return wireBytes == 0 ? 0 : (totals.AcknowledgedBytes - AcknowledgedBytes) * ((totals.RawBytes - First.RawBytes) / (double)wireBytes);
        }

        /// <summary>Bytes before compression per tick.</summary>
        public double Rate(in SentTotals totals, long busy) => RawBytes(in totals) / Math.Max(1, busy - BeganAt);
    }
}

/// <summary>What a sender of a session has sent, counted through all time.</summary>
/// <param name="RawBytes">Bytes of its frames before compression.</param>
/// <param name="WireBytes">Bytes of its frames.</param>
/// <param name="AcknowledgedBytes">Of these, acknowledged.</param>
internal readonly record struct SentTotals(long RawBytes, long WireBytes, long AcknowledgedBytes);
