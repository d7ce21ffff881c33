using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Transport.Tcp;

/// <summary>What counts as silence: asked at least twice, and nothing heard for the whole limit.</summary>
public class SilenceClockTests
{
    private SilenceClock _clock = new(TimeSpan.FromSeconds(30));

    [Fact]
    public void Silence_counts_from_the_question_not_from_the_last_word_before()
    {
        Assert.False(Look(at: 1000, unanswered: 0, silent: 900));
        Assert.False(Look(at: 1010, unanswered: 3, silent: 910));
        Assert.False(Look(at: 1039, unanswered: 7, silent: 939));
        Assert.True(Look(at: 1040, unanswered: 7, silent: 940));
    }

    [Fact]
    public void An_answer_between_two_looks_begins_the_count_anew()
    {
        Assert.False(Look(at: 0, unanswered: 2, silent: 5));
        Assert.False(Look(at: 20, unanswered: 2, silent: 10));
        Assert.False(Look(at: 49, unanswered: 5, silent: 39));
        Assert.True(Look(at: 50, unanswered: 5, silent: 40));
    }

    [Fact]
    public void Nothing_asked_is_nothing_unanswered()
    {
        Assert.False(Look(at: 0, unanswered: 2, silent: 5));
        Assert.False(Look(at: 25, unanswered: 0, silent: 0));
        Assert.False(Look(at: 31, unanswered: 2, silent: 6));
        Assert.False(Look(at: 60, unanswered: 2, silent: 35));
        Assert.True(Look(at: 61, unanswered: 2, silent: 36));
    }

    [Fact]
    public void One_probe_may_be_passed_over_for_as_long_as_it_likes()
    {
        Assert.False(Look(at: 0, unanswered: 1, silent: 5));
        Assert.False(Look(at: 100, unanswered: 1, silent: 105));
        Assert.True(Look(at: 101, unanswered: 2, silent: 106));
    }

    private bool Look(int at, int unanswered, int silent) =>
        _clock.IsOver(new TcpAnswers(unanswered, TimeSpan.FromSeconds(silent)), TimeSpan.FromSeconds(at));
}
