using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Transport;

/// <summary>What the proxy relies on, for every transport. Connecting, listening, ending.</summary>
public abstract partial class ProxyTransportContract
{
    /// <summary>A new transport.</summary>
    protected abstract IProxyTransport CreateTransport();

    /// <summary>A place to listen that nobody else has.</summary>
    protected abstract TransportEndpoint NewEndpoint();

    /// <summary>What its connections can do.</summary>
    protected abstract IReadOnlyCollection<Type> Abilities { get; }

    /// <summary>Skips the test where the machine cannot do it.</summary>
    protected virtual void SkipUnlessAvailable()
    {
    }

    private protected Task<ConnectedPair> OpenPair()
    {
        SkipUnlessAvailable();
        return ConnectedPair.Open(CreateTransport(), NewEndpoint());
    }

    [Fact]
    public async Task Bytes_go_both_ways_in_order()
    {
        await using var pair = await OpenPair();
        for (byte round = 0; round < 50; round++)
        {
            byte[] there = [round, 1, 2, 3];
            byte[] back = [9, round];
            pair.Near.Send(there);
            Assert.Equal(there, await Patience.OnThread(() => pair.Far.Receive(4)).Soon());
            pair.Far.Send(back);
            Assert.Equal(back, await Patience.OnThread(() => pair.Near.Receive(2)).Soon());
        }
    }

    [Fact]
    public async Task A_second_listener_on_the_port_is_told_that_it_is_in_use()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        await using var first = await transport.ListenAsync(NewEndpoint(), CancellationToken.None);
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await transport.ListenAsync(first.LocalEndpoint, CancellationToken.None));
        Assert.Contains(first.LocalEndpoint.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains("in use", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_can_be_listened_on_again_after_use()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        TransportEndpoint endpoint;
        await using (var pair = await ConnectedPair.Open(transport, NewEndpoint()))
        {
            endpoint = pair.Listener.LocalEndpoint;
            pair.Far.Send([1]);
            Assert.Equal([1], pair.Near.Receive(1));
            await pair.Far.DisposeAsync(); // the accepted side closes first: its port stays in TIME_WAIT
        }

        await using var again = await transport.ListenAsync(endpoint, CancellationToken.None);
        Assert.Equal(endpoint, again.LocalEndpoint);
    }

    [Fact]
    public async Task Connecting_where_nobody_listens_is_refused_and_the_text_says_where()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        var listener = await transport.ListenAsync(NewEndpoint(), CancellationToken.None);
        var endpoint = listener.LocalEndpoint;
        await listener.DisposeAsync();
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await transport.ConnectAsync(endpoint, CancellationToken.None));
        Assert.Contains(endpoint.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canceled_token_connects_and_listens_nowhere()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        await using var listener = await transport.ListenAsync(NewEndpoint(), CancellationToken.None);
        var canceled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await transport.ConnectAsync(listener.LocalEndpoint, canceled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await transport.ListenAsync(NewEndpoint(), canceled));
    }

    [Fact]
    public async Task Disposing_the_listener_ends_a_waiting_accept_with_null()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        var listener = await transport.ListenAsync(NewEndpoint(), CancellationToken.None);
        var accepting = listener.AcceptAsync(CancellationToken.None).AsTask();
        await listener.DisposeAsync();
        Assert.Null(await accepting.Soon());
        Assert.Null(await listener.AcceptAsync(CancellationToken.None).AsTask().Soon());
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task Canceling_an_accept_leaves_the_listener_working()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        await using var listener = await transport.ListenAsync(NewEndpoint(), CancellationToken.None);
        using var giveUp = new CancellationTokenSource();
        var accepting = listener.AcceptAsync(giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting.Soon());

        await using var near = await transport.ConnectAsync(listener.LocalEndpoint, CancellationToken.None);
        await using var far = await listener.AcceptAsync(CancellationToken.None).AsTask().Soon();
        Assert.NotNull(far);
    }

    [Fact]
    public async Task Accepted_connections_outlive_the_listener()
    {
        await using var pair = await OpenPair();
        await pair.Listener.DisposeAsync();
        pair.Near.Send([1, 2, 3]);
        Assert.Equal([1, 2, 3], await Patience.OnThread(() => pair.Far.Receive(3)).Soon());
        pair.Far.Send([4]);
        Assert.Equal([4], await Patience.OnThread(() => pair.Near.Receive(1)).Soon());
    }

    [Fact]
    public async Task A_connection_that_nobody_accepted_ends_with_the_listener()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        var listener = await transport.ListenAsync(NewEndpoint(), CancellationToken.None);
        await using var near = await transport.ConnectAsync(listener.LocalEndpoint, CancellationToken.None);
        await listener.DisposeAsync();
        Assert.True(await Patience.OnThread(near.ReadToEnd).Soon());
    }

    [Fact]
    public async Task What_was_flushed_before_the_end_arrives_before_the_end()
    {
        await using var pair = await OpenPair();
        byte[] bytes = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        pair.Near.Output.Write(bytes);
        await Patience.OnThread(() => pair.Near.Output.Complete()).Soon(); // sends what was not flushed, then closes this direction
        Assert.Equal(bytes, await Patience.OnThread(() => pair.Far.Receive(1000)).Soon());
        var end = await Patience.OnThread(pair.Far.Input.ReadBlocking).Soon();
        Assert.True(end.IsCompleted);
        Assert.True(end.Buffer.IsEmpty);
        pair.Far.Input.AdvanceTo(end.Buffer.End);

        pair.Far.Send([7]); // the other direction is still open
        Assert.Equal([7], await Patience.OnThread(() => pair.Near.Receive(1)).Soon());
    }

    [Fact]
    public async Task Disposing_one_end_ends_the_other()
    {
        await using var pair = await OpenPair();
        pair.Near.Send([5]);
        await pair.Near.DisposeAsync();
        Assert.Equal([5], await Patience.OnThread(() => pair.Far.Receive(1)).Soon());
        Assert.True(await Patience.OnThread(pair.Far.ReadToEnd).Soon());
        await pair.Near.DisposeAsync();
        pair.Near.Abort();
    }

    [Fact]
    public async Task An_abort_ends_the_blocked_reads_of_both_ends()
    {
        await using var pair = await OpenPair();
        using var started = new CountdownEvent(2);
        var near = Patience.OnThread(() => SignalAnd(started, pair.Near.ReadToEnd));
        var far = Patience.OnThread(() => SignalAnd(started, pair.Far.ReadToEnd));
        Assert.True(started.Wait(Patience.Limit));
        pair.Near.Abort();
        Assert.True(await near.Soon());
        Assert.True(await far.Soon());
        pair.Near.Abort();
        pair.Far.Abort();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_abort_of_either_end_ends_a_flush_that_nobody_reads(bool ownEnd)
    {
        await using var pair = await OpenPair();
        long flushed = 0;
        var writing = Patience.OnThread(() => WriteUntilEnded(pair.Near.Output, ref flushed));
        await UntilStalled(() => Volatile.Read(ref flushed));
        Assert.False(writing.IsCompleted);
        if (ownEnd)
        {
            pair.Near.Abort();
        }
        else
        {
            pair.Far.Abort();
            await pair.Far.DisposeAsync();
        }

        Assert.True(await writing.Soon());
    }

    private static bool SignalAnd(CountdownEvent started, Func<bool> work)
    {
        started.Signal();
        return work();
    }

    /// <summary>True when the connection ended, in either of the two ways a flush may show it.</summary>
    private static bool WriteUntilEnded(PipeWriter writer, ref long flushed)
    {
        var block = new byte[4 * 1024];
        try
        {
            while (true)
            {
                writer.Write(block);
                if (writer.FlushBlocking().IsCompleted)
                {
                    return true;
                }

                Interlocked.Add(ref flushed, block.Length);
            }
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Waits until the number has not moved for half a second.</summary>
    private static async Task UntilStalled(Func<long> number)
    {
        long last = -1;
        var watch = Stopwatch.StartNew();
        while (number() is var now && (now != last || now == 0))
        {
            Assert.True(watch.Elapsed < Patience.Limit, $"It never stalled; {now} at last.");
            last = now;
            await Task.Delay(500);
        }
    }
}
