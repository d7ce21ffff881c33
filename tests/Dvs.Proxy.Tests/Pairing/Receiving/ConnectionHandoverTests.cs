using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Tests.Transport;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

public sealed class ConnectionHandoverTests : IDisposable
{
    private readonly PairLifetime _lifetime = new(TimeProvider.System);

    public void Dispose() => _lifetime.Dispose();

    [Fact]
    public async Task A_newer_connection_replaces_an_older_one()
    {
        await using var older = await Open();
        await using var newer = await Open();
        var slot = new ConnectionHandover(_lifetime, TimeProvider.System);
        Assert.Equal(HandoverOffer.Taken, slot.Offer(older.Far, order: 1));
        Assert.Equal(HandoverOffer.Replaces, slot.Offer(newer.Far, order: 2));
        Assert.True(slot.TryTake(TimeSpan.Zero, out var taken, out _));
        Assert.Same(newer.Far, taken);
    }

    // Found by fault schedule 67888: a classic peer's first commands came behind the last ones.
    [Fact]
    public async Task One_that_was_accepted_before_the_present_one_and_comes_after_it_is_closed()
    {
        await using var older = await Open();
        await using var newer = await Open();
        var slot = new ConnectionHandover(_lifetime, TimeProvider.System);
        Assert.Equal(HandoverOffer.Taken, slot.Offer(newer.Far, order: 2));
        Assert.True(slot.TryTake(TimeSpan.Zero, out var present, out _));
        Assert.Equal(HandoverOffer.Late, slot.Offer(older.Far, order: 1));
        Assert.False(slot.TryTake(TimeSpan.Zero, out _, out _));
        newer.Near.Send([1, 2, 3]);
        Assert.Equal([1, 2, 3], await Patience.OnThread(() => present!.Receive(3)).Soon());
        Assert.True((await Patience.OnThread(() => older.Near.Input.ReadBlocking()).Soon()).IsCompleted);
    }

    [Fact]
    public async Task A_pair_that_does_not_serve_takes_none_and_one_that_serves_again_does()
    {
        await using var pair = await Open();
        var slot = new ConnectionHandover(_lifetime, TimeProvider.System);
        await using var next = await Open();
        Assert.True(_lifetime.Park());
        slot.Close(ConnectionEnd.Parked);
        Assert.Equal(HandoverOffer.Closed, slot.Offer(pair.Far, order: 1));
        Assert.False(slot.TryTake(Timeout.InfiniteTimeSpan, out _, out _));
        Assert.True(_lifetime.Resume());
        Assert.Equal(HandoverOffer.Taken, slot.Offer(next.Far, order: 2));
    }

    private static Task<ConnectedPair> Open() => ConnectedPair.Open(new TcpTransport(), "127.0.0.1", "127.0.0.1");
}
