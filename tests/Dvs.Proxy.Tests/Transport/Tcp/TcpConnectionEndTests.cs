using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Transport.Tcp;

/// <summary>Waiting for the end of a connection without reading it, and reading what had come before.</summary>
public sealed class TcpConnectionEndTests : IAsyncLifetime
{
    private const int Closed = 7; // TCP_CLOSE

    private ConnectedPair _pair = null!;

    private ProxyConnection Near => _pair.Near;

    private ProxyConnection Far => _pair.Far;

    public async ValueTask InitializeAsync() => _pair = await ConnectedPair.Open(new TcpTransport(), "127.0.0.1", "127.0.0.1");

    public async ValueTask DisposeAsync() => await _pair.DisposeAsync();

    [Fact]
    public async Task Data_does_not_end_the_wait_and_can_be_read_meanwhile()
    {
        var waiting = Wait();
        for (byte number = 0; number < 100; number++)
        {
            Far.Send([number]);
            Assert.Equal([number], Near.Receive(1));
        }

        Assert.False(waiting.IsCompleted);
        Far.Output.Complete();
        await waiting.Soon();
    }

    [Fact]
    public async Task The_peer_that_breaks_the_connection_ends_the_wait()
    {
        var waiting = WaitAndFail();
        ((TcpConnection)Far).Socket.Close(0); // a reset and nothing else
        Assert.Equal($"The connection to {Near.RemoteName} broke: the peer reset the connection.", await waiting.Soon());
    }

    // Closed with something unread, after its end was said: the reset that comes behind the end is a broken pipe to whoever has not looked in between.
    [Fact]
    public async Task A_reset_behind_the_peers_end_is_its_end()
    {
        Near.Send([1]);
        await Eventually.TrueAsync(() => Far.Polled().HasInput);
        Far.Abort();
        await Far.DisposeAsync();
        await Eventually.TrueAsync(() => StateOf(Near) == Closed);
        var message = await WaitAndFail().Soon();
        Assert.Equal($"The connection to {Near.RemoteName} broke: the peer closed the connection.", message);
    }

    [Fact]
    public async Task An_abort_of_ones_own_ends_the_wait_and_one_after_it_does_not_begin()
    {
        var waiting = Wait();
        Near.Abort();
        await waiting.Soon();
        await Wait().Soon();
        await Near.DisposeAsync();
        await Wait().Soon();
    }

    [Fact]
    public async Task Input_shows_before_it_is_read()
    {
        Assert.False(Near.Polled().HasInput);
        Far.Send([1, 2]);
        await Eventually.TrueAsync(() => Near.Polled().HasInput);
        Assert.Equal([1], Near.Receive(1));
        Assert.True(Near.Polled().HasInput);
        Assert.Equal([2], Near.Receive(1));
        Assert.False(Near.Polled().HasInput);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_came_before_an_abort_is_read_after_it_where_that_was_asked_for(bool asked)
    {
        if (asked)
        {
            Near.Polled().KeepInputAfterAbort();
        }

        Far.Send([1, 2, 3]);
        await Eventually.TrueAsync(() => Near.Polled().HasInput);
        Near.Abort();

        Assert.Equal(asked ? [1, 2, 3] : [], Near.Receive(3));
        Assert.Empty(Near.Receive(1));
    }

    [Fact]
    public async Task What_came_before_a_reset_is_read_after_it()
    {
        Near.Polled().KeepInputAfterAbort();
        Near.Send([1]);
        Far.Send([1, 2, 3]);
        await Eventually.TrueAsync(() => Near.Polled().HasInput);
        Far.Abort();
        await Far.DisposeAsync();
        Near.Abort();

        Assert.Equal([1, 2, 3], Near.Receive(3));
    }

    // tcpi_state
    private static int StateOf(ProxyConnection connection)
    {
        Span<byte> info = stackalloc byte[8];
        ((TcpConnection)connection).Socket.GetRawSocketOption(6, 11, info);
        return info[0];
    }

    private Task<string> WaitAndFail()
    {
        Assert.SkipUnless(Near.GetAbility<IPolledReads>() is not null, "Needs poll(2) of Linux.");
        return Patience.OnThread(() => Assert.Throws<IOException>(Near.Polled().WaitForEnd).Message);
    }

    private Task Wait()
    {
        Assert.SkipUnless(Near.GetAbility<IPolledReads>() is not null, "Needs poll(2) of Linux.");
        return Patience.OnThread(Near.Polled().WaitForEnd);
    }
}
