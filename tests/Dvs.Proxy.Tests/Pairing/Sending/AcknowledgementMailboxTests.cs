using Dvs.Proxy.Pairing.Sending.Replies;

namespace Dvs.Proxy.Tests.Pairing.Sending;

public class AcknowledgementMailboxTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    [Fact]
    public void Only_the_latest_is_taken_and_only_once()
    {
        using var mailbox = new AcknowledgementMailbox();
        mailbox.Reset(10);
        Assert.False(mailbox.TryTake(out _));
        mailbox.Publish(11);
        mailbox.Publish(15);
        Assert.True(mailbox.TryTake(out var acknowledged));
        Assert.Equal(15ul, acknowledged);
        Assert.False(mailbox.TryTake(out _));
    }

    [Fact]
    public void A_wait_ends_with_news_with_the_connection_and_with_time()
    {
        using var mailbox = new AcknowledgementMailbox();
        mailbox.Reset(0);
        Assert.False(mailbox.Wait(TimeSpan.FromMilliseconds(1)));
        mailbox.Publish(1);
        Assert.True(mailbox.Wait(Generous));
        Assert.True(mailbox.TryTake(out _));
        mailbox.Close();
        Assert.False(mailbox.Wait(Generous));
        mailbox.Reset(5);
        Assert.False(mailbox.Wait(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void A_taker_that_waits_misses_nothing()
    {
        const ulong Last = 20_000;
        using var mailbox = new AcknowledgementMailbox();
        mailbox.Reset(0);
        var publisher = new Thread(() =>
        {
            for (ulong sequence = 1; sequence <= Last; sequence++)
            {
                mailbox.Publish(sequence);
                if (sequence % 64 == 0)
                {
                    Thread.Yield();
                }
            }

            mailbox.Close();
        });
        publisher.Start();
        ulong taken = 0;
        var deadline = DateTime.UtcNow + Generous;
        while (taken < Last)
        {
            Assert.True(DateTime.UtcNow < deadline, $"stuck at {taken}");
            mailbox.Wait(Generous);
            if (mailbox.TryTake(out var acknowledged))
            {
                Assert.True(acknowledged > taken);
                taken = acknowledged;
            }
        }

        publisher.Join();
    }
}
