using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Pairing.Sending.Replies;
using Dvs.Proxy.Tests.Exploration.Scheduling;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Exploration.Scenarios;

/// <summary>Single parts, small enough to explore further than the whole.</summary>
internal static class PartScenarios
{
    /// <summary>A taker that waits without a time limit misses no acknowledgement and no end.</summary>
    public static void Mailbox()
    {
        const ulong Last = 3;
        using var mailbox = new AcknowledgementMailbox();
        var taken = 0UL;
        var closed = false;
        var taker = SessionWorld.StartThread("taker", () =>
        {
            while (!closed || taken < Last)
            {
                if (mailbox.TryTake(out var acknowledged))
                {
                    Assert.True(acknowledged > taken);
                    taken = acknowledged;
                }
                else if (!mailbox.Wait(Timeout.InfiniteTimeSpan) && taken == Last)
                {
                    return;
                }
            }
        });
        for (var acknowledged = 1UL; acknowledged <= Last; acknowledged++)
        {
            mailbox.Publish(acknowledged);
        }

        Controlled.Block(() => taken == Last);
        closed = true;
        mailbox.Close();
        Controlled.Join(taker);
        Assert.Equal(Last, taken);
    }

    /// <summary>Two connections race for a peer while the receiver uses what it gets and the slot is closed: each is ended and freed once.</summary>
    public static void Slot() => Slot(closesEarly: true);

    /// <summary>The same, but the slot is closed only when the race is over: then the receiver has one of the two.</summary>
    public static void SlotInUse() => Slot(closesEarly: false);

    private static void Slot(bool closesEarly)
    {
        var lifetime = new PairLifetime(new ControlledTime());
        var slot = new ConnectionHandover(lifetime, new ControlledTime());
        ControlledLink[] links = [new(100), new(100), new(100)];
        ControlledLink? inUse = null;
        var taker = SessionWorld.StartThread("taker", () =>
        {
            while (slot.TryTake(Timeout.InfiniteTimeSpan, out var connection, out _))
            {
                inUse = Array.Find(links, link => ReferenceEquals(link.Owner, connection));
                Assert.True(connection.Input.ReadBlocking().IsCompleted);
                inUse = null;
                slot.Release();
                connection.Abort();
                connection.DisposeAsync().WaitBlocking();
            }
        });
        var first = SessionWorld.StartThread("first", () => slot.Offer(new ControlledConnection(links[0], 1), order: 0));
        var second = SessionWorld.StartThread("second", () =>
        {
            slot.Offer(new ControlledConnection(links[1], 1), order: 0);
            slot.Offer(new ControlledConnection(links[2], 1), order: 0);
        });
        var idle = SessionWorld.StartThread("idle check", () => slot.CutInUse(new ConnectionEnd(ConnectionEndCause.Idle, "idle")));
        if (!closesEarly)
        {
            Controlled.Join(first);
            Controlled.Join(second);
            Controlled.Join(idle);

            // Unless the idle check hit it, the last one offered is in use.
            Controlled.Block(() => inUse is { IsAborted: false } || Array.TrueForAll(links, static link => link.IsAborted));
            Assert.True(inUse is null || inUse == links[0] || inUse == links[2]);
        }

        lifetime.Stop();
        slot.Close(ConnectionEnd.Stopped);
        Controlled.Join(taker);
        Controlled.Join(first);
        Controlled.Join(second);
        Controlled.Join(idle);
        Assert.False(slot.IsOccupied);
        Assert.All(links, static link => Assert.True(link.IsAborted && link.Disposals == 1));
    }
}

/// <summary>Faulty code: that the explorer finds what is wrong with it.</summary>
internal static class FaultyScenarios
{
    public static void LostUpdate()
    {
        var value = 0;
        void Add()
        {
            Controlled.Point("read");
            var read = value;
            Controlled.Point("write");
            value = read + 1;
        }

        var other = SessionWorld.StartThread("other", Add);
        Add();
        Controlled.Join(other);
        Assert.Equal(2, value);
    }

    public static void TwoLocks()
    {
        object one = new();
        object two = new();
        var other = SessionWorld.StartThread("other", () => InBoth(two, one));
        InBoth(one, two);
        Controlled.Join(other);
    }

    private static void InBoth(object outer, object inner)
    {
        var taken = false;
        Controlled.Enter(outer, ref taken);
        Controlled.Point("between the locks");
        Controlled.Enter(inner, ref taken);
        Controlled.Exit(inner);
        Controlled.Exit(outer);
    }
}
