using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport;

/// <summary>What the proxy relies on in the abilities that a connection says it has.</summary>
public abstract partial class ProxyTransportContract
{
    [Fact]
    public async Task Both_ends_have_the_abilities_the_transport_is_known_for_and_no_others()
    {
        await using var pair = await OpenPair();
        foreach (var connection in new[] { pair.Near, pair.Far })
        {
            Type?[] found =
            [
                connection.GetAbility<ITimedReads>() is null ? null : typeof(ITimedReads),
                connection.GetAbility<IPolledReads>() is null ? null : typeof(IPolledReads),
                connection.GetAbility<IInterruptibleReads>() is null ? null : typeof(IInterruptibleReads),
                connection.GetAbility<IConnectionProbe>() is null ? null : typeof(IConnectionProbe),
            ];
            Assert.Equal(Abilities.OrderBy(static each => each.Name), found.OfType<Type>().OrderBy(static each => each.Name));
        }
    }

    [Fact]
    public async Task A_read_whose_time_is_up_loses_nothing_and_the_limit_can_be_lifted()
    {
        await using var pair = await OpenPair();
        if (pair.Far.GetAbility<ITimedReads>() is not { } reads)
        {
            return;
        }

        await Patience.OnThread(() =>
        {
            pair.Near.Send([1, 2]);
            Assert.Equal([1], pair.Far.Receive(1));
            reads.SetReadTimeout(TimeSpan.FromMilliseconds(20));
            var result = pair.Far.Input.ReadBlocking();
            pair.Far.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = pair.Far.Input.ReadBlocking();
            Assert.True(result.IsCanceled);
            Assert.False(result.IsCompleted);
            Assert.Equal(1, result.Buffer.Length);
            pair.Far.Input.AdvanceTo(result.Buffer.Start);
            reads.SetReadTimeout(Timeout.InfiniteTimeSpan);
            Assert.Equal([2], pair.Far.Receive(1));
        }).Soon();

        var unlimited = Patience.OnThread(() => pair.Far.Receive(1));
        pair.Near.Send([3]);
        Assert.Equal([3], await unlimited.Soon());
    }

    [Fact]
    public async Task There_is_input_from_the_arrival_of_bytes_until_they_were_looked_at()
    {
        await using var pair = await OpenPair();
        if (pair.Far.GetAbility<IPolledReads>() is not { } reads)
        {
            return;
        }

        Assert.False(reads.HasInput);
        pair.Near.Send([1, 2, 3]);
        await Eventually.TrueAsync(() => reads.HasInput);
        var result = await Patience.OnThread(pair.Far.Input.ReadBlocking).Soon();
        Assert.Equal(3, result.Buffer.Length);
        pair.Far.Input.AdvanceTo(result.Buffer.GetPosition(1)); // two were not looked at
        Assert.True(reads.HasInput);
        result = await Patience.OnThread(pair.Far.Input.ReadBlocking).Soon();
        pair.Far.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End); // looked at, but kept
        Assert.False(reads.HasInput);
        pair.Near.Send([4]);
        await Eventually.TrueAsync(() => reads.HasInput);
        Assert.Equal([2, 3, 4], await Patience.OnThread(() => pair.Far.Receive(3)).Soon());
        Assert.False(reads.HasInput);
        pair.Near.Output.Complete();
        await Patience.OnThread(reads.WaitForEnd).Soon();
        Assert.False(reads.HasInput);
    }

    [Fact]
    public async Task Input_does_not_end_a_wait_for_the_end_and_the_end_of_the_peers_direction_does()
    {
        await using var pair = await OpenPair();
        if (pair.Far.GetAbility<IPolledReads>() is not { } reads)
        {
            return;
        }

        var waiting = Patience.OnThread(reads.WaitForEnd);
        for (byte number = 0; number < 50; number++)
        {
            pair.Near.Send([number]);
            Assert.Equal([number], await Patience.OnThread(() => pair.Far.Receive(1)).Soon());
        }

        Assert.False(waiting.IsCompleted);
        pair.Near.Output.Complete();
        await waiting.Soon();
        await Patience.OnThread(reads.WaitForEnd).Soon(); // nor does one after it begin
    }

    [Fact]
    public async Task An_abort_of_ones_own_ends_a_wait_for_the_end()
    {
        await using var pair = await OpenPair();
        if (pair.Far.GetAbility<IPolledReads>() is { } reads)
        {
            var waiting = Patience.OnThread(reads.WaitForEnd);
            pair.Far.Abort();
            await waiting.Soon();
        }
    }

    [Fact]
    public async Task What_has_arrived_can_be_read_after_an_abort_where_it_is_to_be_kept()
    {
        await using var pair = await OpenPair();
        if (pair.Far.GetAbility<IPolledReads>() is not { } reads)
        {
            return;
        }

        reads.KeepInputAfterAbort();
        pair.Near.Send([1, 2, 3, 4]);
        await Eventually.TrueAsync(() => reads.HasInput);
        Assert.Equal([1], await Patience.OnThread(() => pair.Far.Receive(1)).Soon());
        pair.Far.Abort();
        Assert.True(reads.HasInput);
        Assert.Equal([2, 3, 4], await Patience.OnThread(() => pair.Far.Receive(3)).Soon());
        Assert.False(reads.HasInput);
        Assert.True(await Patience.OnThread(pair.Far.ReadToEnd).Soon());
    }

    [Fact]
    public async Task An_interrupted_read_ends_and_the_other_direction_still_works()
    {
        await using var pair = await OpenPair();
        if (pair.Far.GetAbility<IInterruptibleReads>() is not { } reads)
        {
            return;
        }

        using var started = new ManualResetEventSlim();
        var reading = Patience.OnThread(() =>
        {
            reads.AllowInterrupt();
            started.Set();
            var result = pair.Far.Input.ReadBlocking();
            pair.Far.Input.AdvanceTo(result.Buffer.End);
            return result.IsCanceled || result.IsCompleted;
        });
        Assert.True(started.Wait(Patience.Limit));
        reads.InterruptReads();
        Assert.True(await reading.Soon());
        pair.Far.Send([7]);
        Assert.Equal([7], await Patience.OnThread(() => pair.Near.Receive(1)).Soon());
    }

    [Fact]
    public async Task A_flush_can_pass_at_once_until_nobody_reads_any_more()
    {
        await using var pair = await OpenPair();
        if (pair.Near.GetAbility<IConnectionProbe>() is not { } probe)
        {
            return;
        }

        Assert.True(probe.CanWriteAtOnce);
        long flushed = 0;
        var writing = Patience.OnThread(() => WriteUntilEnded(pair.Near.Output, ref flushed));
        await Eventually.TrueAsync(() => !probe.CanWriteAtOnce);
        var reading = Patience.OnThread(pair.Far.ReadToEnd);
        await Eventually.TrueAsync(() => probe.CanWriteAtOnce);
        pair.Near.Abort();
        Assert.True(await writing.Soon());
        Assert.True(await reading.Soon());
    }

    [Fact]
    public async Task A_peer_that_has_ended_is_known_before_all_was_read()
    {
        await using var pair = await OpenPair();
        if (pair.Far.GetAbility<IConnectionProbe>() is not { } probe)
        {
            return;
        }

        pair.Near.Send([1]);
        Assert.False(probe.HasPeerEnded);
        pair.Near.Output.Complete();
        if (OperatingSystem.IsLinux())
        {
            await Eventually.TrueAsync(() => probe.HasPeerEnded);
        }

        Assert.Equal([1], await Patience.OnThread(() => pair.Far.Receive(1)).Soon());
    }
}
